from support.commands import bytecode, env
from support.database import sqlite_template
from support.desk import desk_settings
from support.pages import open_pages

__all__ = ["bytecode", "desk_settings", "env", "open_pages", "sqlite_template"]
