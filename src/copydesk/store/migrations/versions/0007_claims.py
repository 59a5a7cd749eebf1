"""Which process runs a task, when it last got on, and how often it died."""

import sqlalchemy as sa
from alembic import op

from copydesk.store.schema import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tasks") as batch:
        batch.add_column(sa.Column("owner", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("progress_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("deaths", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("death_mark", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("tasks") as batch:
        for name in ("death_mark", "deaths", "progress_at", "owner"):
            batch.drop_column(name)
