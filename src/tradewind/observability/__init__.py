"""What operators see: logging with secrets masked, task logs, metrics."""
