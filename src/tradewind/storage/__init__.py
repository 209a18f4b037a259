"""Rows: SQLAlchemy 2 Core on SQLite and PostgreSQL; one transaction object, passed by hand.

Stores read and write rows and decide nothing. No user code, no HTTP, no scheduling here; dialect differences live in
sqlite.py and postgres.py."""
