"""Alembic's entry: migrates over the connection that `store.migrate` hands in."""

from typing import Any, Literal

from alembic import context

from copydesk.store.schema import JsonOf, UtcDateTime, metadata


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Write our own column types as what the database has, so that old migrations never import new code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JsonOf):
        return "sa.JSON()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
