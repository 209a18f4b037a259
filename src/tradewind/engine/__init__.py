"""The mind of the scheduler: pure functions from specs and views to decisions. No I/O, clock or configuration."""
