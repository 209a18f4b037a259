"""Benchmarks: what DESIGN calls the numbers to reach, measured on any server that speaks API v1."""
