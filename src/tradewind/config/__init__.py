"""Declared options and the frozen Settings, read once from file, environment, command and secret."""
