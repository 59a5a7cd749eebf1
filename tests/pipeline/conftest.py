from support.desk import desk_settings

__all__ = ["desk_settings"]
