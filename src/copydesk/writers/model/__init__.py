"""The writer that asks a language model and trusts none of its answers."""

from copydesk.writers.model.writer import ModelWriter

__all__ = ["ModelWriter"]
