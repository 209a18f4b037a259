"""Where attempts run: the Executor protocol and the local executor."""
