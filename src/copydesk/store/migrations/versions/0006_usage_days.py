"""What each account used, summed up by day and model."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_DAY = {"sqlite": "date({column})", "postgresql": "({column} AT TIME ZONE 'UTC')::date"}


def upgrade() -> None:
    op.create_table(
        "usage_days",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("model", sa.String(length=255), nullable=False),
        sa.Column("articles", sa.Integer(), server_default="0", nullable=False),
        sa.Column("words", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("priced_calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cost_usd", sa.Float(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "day", "model"),
    )
    op.execute(sa.text(_backfill(op.get_bind().dialect.name)))


def downgrade() -> None:
    op.drop_table("usage_days")


def _backfill(dialect: str) -> str:
    """Sum up what is there: calls by their model, articles under the model that wrote most of them."""
    called, made = _DAY[dialect].format(column="c.created_at"), _DAY[dialect].format(column="a.created_at")
    return f"""
        INSERT INTO usage_days
            (account_id, day, model, articles, words, calls, priced_calls,
             input_tokens, output_tokens, cached_tokens, cost_usd)
        SELECT account_id, day, model, sum(articles), sum(words), sum(calls), sum(priced_calls),
               sum(input_tokens), sum(output_tokens), sum(cached_tokens), sum(cost_usd)
        FROM (
            SELECT t.account_id AS account_id, {called} AS day, c.model AS model, 0 AS articles, 0 AS words,
                   1 AS calls, CASE WHEN c.cost_usd IS NULL THEN 0 ELSE 1 END AS priced_calls,
                   c.input_tokens AS input_tokens, c.output_tokens AS output_tokens,
                   c.cached_tokens AS cached_tokens, coalesce(c.cost_usd, 0.0) AS cost_usd
            FROM model_calls c JOIN tasks t ON t.task_id = c.task_id
            UNION ALL
            SELECT a.account_id, {made},
                   coalesce((SELECT m.model FROM model_calls m WHERE m.task_id = a.task_id
                             GROUP BY m.model ORDER BY sum(m.output_tokens) DESC, m.model LIMIT 1), a.writer),
                   1, a.word_count, 0, 0, 0, 0, 0, 0.0
            FROM articles a
        ) AS entries
        GROUP BY account_id, day, model
    """
