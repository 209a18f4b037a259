"""Load, ask the engine, apply: the loop, run creation, queueing, reconciliation, the gateway server."""
