"""Shipped to users and used by us: fakes, factories, contracts."""
