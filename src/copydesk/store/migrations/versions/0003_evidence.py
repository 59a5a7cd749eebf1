"""What a page calls its own address, what was left out of a source, and why a passage is short."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.add_column(sa.Column("canonical_url", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("left_out", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("passages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("brevity", sa.String(length=16), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("passages", schema=None) as batch_op:
        batch_op.drop_column("brevity")
    with op.batch_alter_table("sources", schema=None) as batch_op:
        batch_op.drop_column("left_out")
        batch_op.drop_column("canonical_url")
