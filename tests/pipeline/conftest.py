from support.commands import bytecode, env
from support.desk import desk_settings

__all__ = ["bytecode", "desk_settings", "env"]
