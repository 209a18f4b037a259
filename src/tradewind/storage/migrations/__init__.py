"""Alembic's migrations, one line of them; run by storage.migration."""
