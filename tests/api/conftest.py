"""The fixtures of API tests."""

from support.api import api
from support.database import database, database_url, postgres_url, sqlite_template

__all__ = ["api", "database", "database_url", "postgres_url", "sqlite_template"]
