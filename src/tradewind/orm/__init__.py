"""Compat ORM classes over our tables for user code; only the façade imports it."""
