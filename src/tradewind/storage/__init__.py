"""Rows: SQLAlchemy 2 Core on SQLite and PostgreSQL; one transaction object, passed by hand."""
