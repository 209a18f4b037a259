"""The vocabulary: states, records, specs, decisions, times, errors. Standard library only; pure."""
