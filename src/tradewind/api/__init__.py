"""HTTP: v1 is a translation of actions and stores; one table of operations."""
