"""Every table, once. Rows become frozen domain values in the noun's module."""

from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

from copydesk.domain.article import DataSource, EvidenceSentence, Notice, Outline, SeoReport, SupportCounts
from copydesk.domain.source import Omission, Place
from copydesk.domain.task import StageState, TaskFailure, TaskInput, Usage


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC; SQLite keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants, turn the others to UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"naive datetime {value!r} in a query"
            raise TypeError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonOf(TypeDecorator[Any]):
    """A domain value kept as JSON, checked when it is read back."""

    impl = JSON
    cache_ok = True

    def __init__(self, shape: Any) -> None:
        super().__init__()
        self.shape = shape
        self._adapter: TypeAdapter[Any] | None = None

    @property
    def adapter(self) -> TypeAdapter[Any]:
        """Built at first use: building is slow, and the CLI often needs none."""
        if self._adapter is None:
            self._adapter = TypeAdapter(self.shape)
        return self._adapter

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Turn the value into plain JSON."""
        del dialect
        return None if value is None else self.adapter.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Turn plain JSON into the value."""
        del dialect
        return None if value is None else self.adapter.validate_python(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

accounts = Table(
    "accounts",
    metadata,
    Column("account_id", String(36), primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", String(36), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("prefix", String(16), nullable=False),
    Column("secret_sha256", String(64), nullable=False, unique=True),
    Column("read_only", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("name", String(100)),
)

tasks = Table(
    "tasks",
    metadata,
    Column("task_id", String(36), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id", ondelete="CASCADE"), nullable=False),
    Column("input", JsonOf(TaskInput), nullable=False),
    Column("status", String(16), nullable=False),
    Column("stages", JsonOf(tuple[StageState, ...]), nullable=False),
    Column("percent", Integer, nullable=False),
    Column("message", Text),
    Column("warnings", JsonOf(tuple[Notice, ...]), nullable=False),
    Column("failure", JsonOf(TaskFailure)),
    Column("usage", JsonOf(Usage), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("workflow_id", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("owner", String(64)),  # the executor that runs it; None: nobody does now
    Column("progress_at", UtcDateTime),  # when its run last wrote something
    Column("deaths", Integer, nullable=False, server_default="0"),  # of its workers, one after another without progress
    Column("death_mark", Integer, nullable=False, server_default="0"),  # how far it was at the last of them
    Column("forgotten_at", UtcDateTime),  # when retention deleted the text that it was made from
    Column("last_event", Integer, nullable=False, server_default="0"),  # the sequence of its newest event
    Index("ix_tasks_account_id_created_at_task_id", "account_id", "created_at", "task_id"),
    Index("ix_tasks_account_id_status_created_at_task_id", "account_id", "status", "created_at", "task_id"),
    Index("ix_tasks_status_created_at", "status", "created_at"),
    Index(
        "ix_tasks_finished_at",
        "finished_at",
        sqlite_where=text("forgotten_at IS NULL"),
        postgresql_where=text("forgotten_at IS NULL"),
    ),
)

task_events = Table(  # what a task tells of its progress
    "task_events",
    metadata,
    Column("task_id", ForeignKey("tasks.task_id", ondelete="CASCADE"), nullable=False),
    Column("sequence", Integer, nullable=False),  # from 1, in the order in which they became visible
    Column("kind", String(16), nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("task_id", "sequence"),
)

task_files = Table(
    "task_files",
    metadata,
    Column("task_id", ForeignKey("tasks.task_id", ondelete="CASCADE"), nullable=False),
    Column("file_id", String(36), nullable=False, index=True),  # outlives its file: the task keeps showing it
    PrimaryKeyConstraint("task_id", "file_id"),
)

files = Table(
    "files",
    metadata,
    Column("file_id", String(36), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id", ondelete="CASCADE"), nullable=False),
    Column("filename", String(255), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("content_type", String(128), nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("words", Integer, nullable=False),
    Column("pages", Integer),
    Column("sheets", Integer),
    Column("rows", Integer),
    Column("preview", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_files_account_id_created_at_file_id", "account_id", "created_at", "file_id"),
)

file_contents = Table(
    "file_contents",
    metadata,
    Column("file_id", String(36), primary_key=True),  # bytes are there before their file's row, and go after it
    Column("account_id", String(36)),  # None: stored by a version that kept it in the file's row alone
    Column("data", LargeBinary, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("source_id", String(36), primary_key=True),
    Column("task_id", ForeignKey("tasks.task_id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("url", Text),
    Column("file_id", String(36)),
    Column("title", Text),
    Column("site", Text),
    Column("author", Text),
    Column("published_at", UtcDateTime),
    Column("accessed_at", UtcDateTime),
    Column("license", Text),
    Column("language", String(64)),
    Column("disposition", String(16)),
    Column("message", Text),
    Column("canonical_url", Text),
    Column("left_out", JsonOf(tuple[tuple[Omission, int], ...]), nullable=False, server_default="[]"),
    UniqueConstraint("task_id", "position"),
)

passages = Table(
    "passages",
    metadata,
    Column("task_id", ForeignKey("tasks.task_id", ondelete="CASCADE"), nullable=False),
    Column("passage_id", String(32), nullable=False),
    Column("source_id", ForeignKey("sources.source_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("sentences", JsonOf(tuple[str, ...]), nullable=False),
    Column("place", JsonOf(Place), nullable=False),
    Column("language", String(64), nullable=False),
    Column("stands_alone", Boolean, nullable=False),
    Column("computed", Boolean, nullable=False),
    Column("brevity", String(16)),
    PrimaryKeyConstraint("task_id", "passage_id"),
)

stage_results = Table(
    "stage_results",
    metadata,
    Column("task_id", ForeignKey("tasks.task_id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),  # e.g. "outline", "section:s2", "draft"
    Column("value", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("task_id", "name"),
)

articles = Table(
    "articles",
    metadata,
    Column("article_id", String(36), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id", ondelete="CASCADE"), nullable=False),
    Column("task_id", ForeignKey("tasks.task_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("seo_title", Text, nullable=False),
    Column("seo_description", Text, nullable=False),
    Column("excerpt", Text),
    Column("keywords", JsonOf(tuple[str, ...]), nullable=False),
    Column("data_sources", JsonOf(tuple[DataSource, ...]), nullable=False),
    Column("language", String(64), nullable=False),
    Column("word_count", Integer, nullable=False),
    Column("words_asked_min", Integer, nullable=False),
    Column("words_asked_max", Integer, nullable=False),
    Column("seo", JsonOf(SeoReport), nullable=False),
    Column("json_ld", JSON, nullable=False),
    Column("outline", JsonOf(Outline), nullable=False),
    Column("writer", String(32), nullable=False),
    Column("prompts", String(16)),  # the version that a model was given; None: no model
    Column("support", JsonOf(SupportCounts), nullable=False),
    Column("warnings", JsonOf(tuple[Notice, ...]), nullable=False),
    Column("metadata", JSON, nullable=False),
    Column("publication_status", String(16), nullable=False),
    Column("published_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False),  # one more with every change: the ETag
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("account_id", "slug"),
    Index("ix_articles_account_id_created_at_article_id", "account_id", "created_at", "article_id"),
    Index(
        "ix_articles_account_id_publication_status_created_at_article_id",
        "account_id",
        "publication_status",
        "created_at",
        "article_id",
    ),
)

article_versions = Table(
    "article_versions",
    metadata,
    Column("article_id", ForeignKey("articles.article_id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("word_count", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("article_id", "version"),
)

article_evidence = Table(
    "article_evidence",
    metadata,
    Column("article_id", ForeignKey("articles.article_id", ondelete="CASCADE"), primary_key=True),
    Column("sentences", JsonOf(tuple[EvidenceSentence, ...]), nullable=False),
)

model_calls = Table(
    "model_calls",
    metadata,
    Column("task_id", ForeignKey("tasks.task_id", ondelete="CASCADE"), primary_key=True),
    Column("purpose", String(64), primary_key=True),  # "plan", "outline", "section:s1", ...
    Column("request_sha256", String(64), primary_key=True),  # of everything that was sent
    Column("model", String(255), nullable=False),  # as the endpoint names it
    Column("text", Text, nullable=False),  # the answer; empty once its article is deleted
    Column("complete", Boolean, nullable=False),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("cost_usd", Float),  # None: the price is unknown
    Column("seconds", Float, nullable=False),
    Column("retries", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_model_calls_created_at", "created_at"),
)

usage_days = Table(  # what the calls and articles of a day sum up to: it outlives both
    "usage_days",
    metadata,
    Column("account_id", ForeignKey("accounts.account_id", ondelete="CASCADE"), nullable=False),
    Column("day", Date, nullable=False),  # UTC
    Column("model", String(255), nullable=False),  # as the endpoint names it; "extractive" where none wrote
    Column("articles", Integer, nullable=False, server_default="0"),
    Column("words", BigInteger, nullable=False, server_default="0"),
    Column("calls", Integer, nullable=False, server_default="0"),
    Column("priced_calls", Integer, nullable=False, server_default="0"),  # of `calls`: those whose price is known
    Column("input_tokens", BigInteger, nullable=False, server_default="0"),
    Column("output_tokens", BigInteger, nullable=False, server_default="0"),
    Column("cached_tokens", BigInteger, nullable=False, server_default="0"),
    Column("cost_usd", Float, nullable=False, server_default="0"),  # of the priced calls
    PrimaryKeyConstraint("account_id", "day", "model"),
)

counters = Table(  # totals, kept by triggers on what they count (store.counters)
    "counters",
    metadata,
    Column("account_id", String(36), nullable=False),
    Column("noun", String(16), nullable=False),
    Column("state", String(16), nullable=False),  # the status of what is counted; empty where it has none
    Column("slot", Integer, nullable=False),  # Postgres: of the connection that counted; 0: of none
    Column("amount", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "noun", "state", "slot"),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("key_id", ForeignKey("api_keys.key_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("account_name", String(255), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("account_id", ForeignKey("accounts.account_id", ondelete="CASCADE"), nullable=False),
    Column("key", String(255), nullable=False),
    Column("operation", String(64), nullable=False),  # method and route
    Column("content_sha256", String(64), nullable=False),
    Column("status", Integer),  # None while the first request is in flight
    Column("headers", JSON),
    Column("body", LargeBinary),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("account_id", "key"),
    Index("ix_idempotency_keys_created_at", "created_at"),
)

leases = Table(
    "leases",
    metadata,
    Column("executor_id", String(64), primary_key=True),  # one per start of a worker
    Column("expires_at", UtcDateTime, nullable=False),  # by the database's clock
)

page_cache = Table(
    "page_cache",
    metadata,
    Column("kind", String(8), nullable=False),  # "page" or "robots"
    Column("link_sha256", String(64), nullable=False),  # of the canonical link, which may be too long for an index
    Column("link", Text, nullable=False),
    Column("final_url", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("content_type", String(255), nullable=False),
    Column("charset", String(64)),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("fetched_at", UtcDateTime, nullable=False),  # when the site last said that this is what it has
    Column("used_at", UtcDateTime, nullable=False),  # to the hour: the least recently used go first
    Column("stored_bytes", Integer, nullable=False),  # of the body as it is kept
    Column("body", LargeBinary, nullable=False),  # compressed by zstd
    PrimaryKeyConstraint("kind", "link_sha256"),
    Index("ix_page_cache_fetched_at", "fetched_at"),
    Index("ix_page_cache_used_at_stored_bytes", "used_at", "stored_bytes"),
)
