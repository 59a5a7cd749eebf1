"""The cache of fetched pages."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "page_cache",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("link_sha256", sa.String(length=64), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("final_url", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(length=255), nullable=False),
        sa.Column("charset", sa.String(length=64), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_bytes", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "link_sha256", name=op.f("pk_page_cache")),
    )
    with op.batch_alter_table("page_cache", schema=None) as batch_op:
        batch_op.create_index("ix_page_cache_fetched_at", ["fetched_at"], unique=False)
        batch_op.create_index("ix_page_cache_used_at_stored_bytes", ["used_at", "stored_bytes"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("page_cache", schema=None) as batch_op:
        batch_op.drop_index("ix_page_cache_used_at_stored_bytes")
        batch_op.drop_index("ix_page_cache_fetched_at")

    op.drop_table("page_cache")
