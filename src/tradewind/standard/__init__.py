"""Operators and sensors that come with the house; built on sdk only."""
