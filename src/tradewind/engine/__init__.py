"""The mind of the scheduler: pure functions from specs, rows and the time to decisions. No I/O, clock or randomness."""
