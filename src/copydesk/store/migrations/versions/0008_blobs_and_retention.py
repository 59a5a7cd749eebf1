"""Bytes of files that may stand before their file's row, and tasks whose text was deleted after a time.

On SQLite the table of bytes is written anew once: it cannot drop a foreign key otherwise.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # On SQLite before the bytes: it would have to read all of them to find what stands behind.
    anew = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("file_contents", recreate="always" if anew else "never") as batch:
        account = sa.Column("account_id", sa.String(length=36), nullable=True)
        batch.add_column(account, insert_after="file_id" if anew else None)
        batch.drop_constraint("fk_file_contents_file_id_files", type_="foreignkey")
    with op.batch_alter_table("tasks") as batch:
        batch.add_column(sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_tasks_finished_at",
        "tasks",
        ["finished_at"],
        sqlite_where=sa.text("forgotten_at IS NULL"),
        postgresql_where=sa.text("forgotten_at IS NULL"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_idempotency_keys_created_at", "idempotency_keys")
    op.drop_index("ix_tasks_finished_at", "tasks")
    with op.batch_alter_table("tasks") as batch:
        batch.drop_column("forgotten_at")
    with op.batch_alter_table("file_contents") as batch:
        batch.drop_column("account_id")
        batch.create_foreign_key(
            "fk_file_contents_file_id_files", "files", ["file_id"], ["file_id"], ondelete="CASCADE"
        )
