"""Alembic migrations, run by `copydesk migrate` and at the start of an embedded service."""
