"""The asyncio host of triggers."""
