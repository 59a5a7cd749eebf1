"""Totals by account, kept by triggers; and indexes that walk one status of an account, newest first.

On Postgres the triggers are made before the counts are taken: making them locks the tables against writers until the
migration commits, so that nothing is missed. A previous version that still runs then is counted by the triggers too.

Whoever writes one of the three tables anew on SQLite (`batch_alter_table` with a recreation) loses its triggers with
the old table and has to make them again; the tests of the counters notice.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# By table: the noun and the state of each counter, and what a row adds to it.
_COUNTED = {
    "tasks": [("tasks", "status", "1")],
    "articles": [("articles", "publication_status", "1")],
    "files": [("files", "''", "1"), ("bytes", "''", "size")],
}
_STATE = {"tasks": "status", "articles": "publication_status"}
_ADD = "ON CONFLICT (account_id, noun, state, slot) DO UPDATE SET amount = counters.amount + excluded.amount"
_INTO = "INSERT INTO counters (account_id, noun, state, slot, amount)"


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("noun", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "noun", "state", "slot"),
    )
    triggers = _on_sqlite if op.get_bind().dialect.name == "sqlite" else _on_postgres
    for table in _COUNTED:
        for statement in triggers(table):
            op.execute(statement)
    for table, counters in _COUNTED.items():
        for noun, state, amount in counters:
            total = "count(*)" if amount == "1" else f"sum({amount})"
            counts = f"SELECT account_id, '{noun}', {state}, 0, {total} FROM {table} GROUP BY 1, 3"  # noqa: S608 - no input
            op.execute(f"{_INTO} {counts}")
    op.create_index(
        "ix_tasks_account_id_status_created_at_task_id", "tasks", ["account_id", "status", "created_at", "task_id"]
    )
    op.create_index(
        "ix_articles_account_id_publication_status_created_at_article_id",
        "articles",
        ["account_id", "publication_status", "created_at", "article_id"],
    )


def downgrade() -> None:
    op.drop_index("ix_articles_account_id_publication_status_created_at_article_id", "articles")
    op.drop_index("ix_tasks_account_id_status_created_at_task_id", "tasks")
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _COUNTED:
        for event in ("added", "removed", *(["changed"] if table in _STATE else [])):
            name = f"count_{table}_{event}"
            op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
            if not sqlite:
                op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("counters")


def _on_sqlite(table: str) -> list[str]:
    """One writer at a time: one slot serves."""

    def counting(event: str, when: str, *changes: tuple[str, str]) -> str:
        body = [
            f"{_INTO} VALUES ({row}.account_id, '{noun}', {_of(row, state)}, 0, {sign}{_of(row, amount)}) {_ADD};"
            for row, sign in changes
            for noun, state, amount in _COUNTED[table]
        ]
        return f"CREATE TRIGGER count_{table}_{event} AFTER {when} BEGIN {' '.join(body)} END"

    made = [
        counting("added", f"INSERT ON {table}", ("NEW", "")),
        counting("removed", f"DELETE ON {table}", ("OLD", "-")),
    ]
    state = _STATE.get(table)
    if state is not None:
        when = f"UPDATE OF {state} ON {table} WHEN OLD.{state} <> NEW.{state}"
        made.append(counting("changed", when, ("OLD", "-"), ("NEW", "")))
    return made


def _on_postgres(table: str) -> list[str]:
    """Every connection adds to rows of its own, so that none waits for another, nor two in a circle."""

    def function(event: str, *statements: str) -> str:
        body = " ".join(f"{statement} {_ADD};" for statement in statements)
        return (
            f"CREATE FUNCTION count_{table}_{event}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {body} RETURN NULL; END $$"
        )

    def of_rows(sign: str) -> list[str]:
        return [
            f"{_INTO} SELECT account_id, '{noun}', {state}, pg_backend_pid(), {sign}sum({amount})"  # noqa: S608 - no input
            " FROM changed GROUP BY 1, 3"
            for noun, state, amount in _COUNTED[table]
        ]

    made = []
    for event, change, rows, sign in (("added", "INSERT", "NEW", ""), ("removed", "DELETE", "OLD", "-")):
        made += [
            function(event, *of_rows(sign)),
            f"CREATE TRIGGER count_{table}_{event} AFTER {change} ON {table} REFERENCING {rows} TABLE AS changed "
            f"FOR EACH STATEMENT EXECUTE FUNCTION count_{table}_{event}()",
        ]
    state = _STATE.get(table)
    if state is not None:
        values = ", ".join(
            f"({row}.account_id, '{table}', {row}.{state}, pg_backend_pid(), {amount})"
            for row, amount in (("OLD", -1), ("NEW", 1))
        )
        made += [
            function("changed", f"{_INTO} VALUES {values}"),
            f"CREATE TRIGGER count_{table}_changed AFTER UPDATE OF {state} ON {table} FOR EACH ROW "
            f"WHEN (OLD.{state} <> NEW.{state}) EXECUTE FUNCTION count_{table}_changed()",
        ]
    return made


def _of(row: str, column: str) -> str:
    return f"{row}.{column}" if column.isidentifier() else column
