"""Settings: environment variables (or a `.env`) with the prefix `COPYDESK_`, read once."""

import os
import re
from decimal import Decimal, InvalidOperation
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

import pydantic
from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from copydesk.errors import ConfigurationError

PREFIX = "COPYDESK_"
IGNORED_PREFIXES = ("COPYDESK_SERVICE_", "COPYDESK_PORT")  # Kubernetes injects them for a service named copydesk
ENV_FILE = ".env"  # in the working folder
MAX_PORT = 65_535
MAX_PRICE = 1_000_000  # US dollars per million tokens: far above any model
_PROXY = re.compile(r"https?://(?:[^/?#@\s]+@)?(?:[^/?#@\[\]:\s]+|\[[0-9a-fA-F:.]+\])(?::(?P<port>[0-9]{1,5}))?/?")
# Without brackets an IPv6 range takes every colon, so only an IPv4 range can have a port.
_RANGE = re.compile(
    r"(?:\[(?P<bracketed>[^\[\]]+)\]|(?P<cidr>[^:\[\]]+|[^\[\]]*:[^\[\]]*:[^\[\]]*))(?::(?P<port>[0-9]{1,5}))?"
)
# A bucket's name as Amazon has it; other servers take no others either.
BLOBS = re.compile(r"database|directory(?::[^\x00]+)?|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[A-Za-z0-9!_.*'()/-]*)?")
SEARCH_ENGINES = ("wikipedia", "searxng", "brave", "tavily", "exa", "serper", "model", "ddgs", "none")
# Engines that need a key, and the variable in which their own documentation keeps it.
SEARCH_KEYS = {
    "brave": "BRAVE_API_KEY",
    "tavily": "TAVILY_API_KEY",
    "exa": "EXA_API_KEY",
    "serper": "SERPER_API_KEY",
}


class AllowedRange(NamedTuple):
    """A network that may be fetched from although it is not public."""

    network: IPv4Network | IPv6Network
    port: int | None  # None: every port


def _key_of(engine: str, title: str) -> Any:
    """The field of a search engine's key, which is read from the engine's own variable too."""
    own = SEARCH_KEYS[engine]
    return Field(
        None,
        validation_alias=AliasChoices(f"{PREFIX}{own}", own),
        description=f"Key of {title}; `{own}` is read too.",
    )


class Settings(BaseSettings):
    """All settings, with their defaults. Field `x_y` is the variable `COPYDESK_X_Y`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=ENV_FILE,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,  # keys are among them
    )

    data_dir: Path = Field(Path("copydesk-data"), description="Folder of the embedded databases and the lock file.")
    database_url: SecretStr | None = Field(
        None, description="`postgresql://user:password@host/database`; empty: SQLite in `DATA_DIR`."
    )
    model: str = Field(
        "extractive",
        description="The writer: `extractive` composes from the sources' own passages; otherwise a language model such "
        "as `openai:NAME`, `anthropic:NAME`, `google:NAME`, `ollama:NAME`; several, comma-separated: the next one "
        "answers where one fails.",
    )
    model_base_url: str | None = Field(
        None, description="Base address of an OpenAI-compatible endpoint (`http://host:port/v1`) that serves `MODEL`."
    )
    model_api_key: SecretStr | None = Field(None, description="Key for `MODEL_BASE_URL`, where it asks for one.")
    model_fast: str | None = Field(None, description="Cheaper models for planning and search fields; as `MODEL`.")
    model_price: Annotated[tuple[Decimal, Decimal] | None, NoDecode] = Field(
        None,
        description="US dollars per million tokens of input and of output, such as `0.15,0.60`, of models in no price "
        "list, as are those on a server of yours; `0,0` where they cost nothing.",
    )
    model_window: int | None = Field(
        None, ge=1_024, le=10_000_000, description="Tokens of prompt and answer; empty: what is known of the model."
    )
    model_seconds: float = Field(120, gt=0, le=3_600, description="Time one answer of the model may take.")
    model_silence: float = Field(30, gt=0, le=3_600, description="Time the model may go without a further piece.")
    model_tries: int = Field(4, ge=1, le=20, description="Tries of one call, where it fails for passing reasons.")
    model_concurrency: int = Field(16, ge=1, le=1_000, description="Calls to the model at the same time.")
    embedding_model: str | None = Field(
        None,
        description="Embedding model that helps to rank the evidence, such as `openai:text-embedding-3-small`; empty: "
        "ranked by words alone.",
    )
    embedding_base_url: str | None = Field(
        None,
        description="Base address of an OpenAI-compatible endpoint that serves `EMBEDDING_MODEL`.",
    )
    embedding_api_key: SecretStr | None = Field(
        None, description="Key for `EMBEDDING_MODEL`; empty: the provider's own variable, such as `OPENAI_API_KEY`."
    )
    embedding_price: Decimal | None = Field(
        None,
        ge=0,
        le=MAX_PRICE,
        allow_inf_nan=False,
        description="US dollars per million tokens of `EMBEDDING_MODEL`, where it stands in no price list; 0 where it "
        "costs nothing.",
    )
    embedding_seconds: float = Field(
        30, gt=0, le=600, description="Time that the embeddings of one article may take; then words alone rank."
    )
    search: Annotated[tuple[str, ...], NoDecode] = Field(
        ("wikipedia",),
        description="Search engines, comma-separated, asked side by side: `wikipedia`, `searxng`, `brave`, `tavily`,"
        " `exa`, `serper`, `model` (the web search of `MODEL_FAST`'s or `MODEL`'s own provider, paid by the query),"
        " `ddgs` (unofficial; needs `copydesk[ddgs]`), or `none`.",
    )
    search_seconds: float = Field(
        10, gt=0, le=120, description="Time one search engine may take to answer a query, a second attempt included."
    )
    searxng_url: str | None = Field(None, description="Base address of your SearXNG, with its JSON format enabled.")
    wikipedia_url: str = Field(
        "https://{language}.wikipedia.org", description="Address of Wikipedia or a mirror; `{language}` is filled in."
    )
    brave_api_key: SecretStr | None = _key_of("brave", "Brave Search")
    tavily_api_key: SecretStr | None = _key_of("tavily", "Tavily")
    exa_api_key: SecretStr | None = _key_of("exa", "Exa")
    serper_api_key: SecretStr | None = _key_of("serper", "Serper")
    contact: str | None = Field(None, description="Address or URL in the user agent, for owners of fetched sites.")
    outbound_allow: Annotated[tuple[AllowedRange, ...], NoDecode] = Field(
        (), description="Ranges (`CIDR` or `CIDR:port`, comma-separated) that may be fetched although not public."
    )
    max_active_tasks: int = Field(20, ge=1, le=100_000, description="Pending and processing tasks per account.")
    requests_per_minute: int = Field(600, ge=1, le=1_000_000, description="Requests per API key and minute.")
    task_deadline: float = Field(3_600, ge=1, le=86_400, description="Seconds after which a running task fails.")
    stage_deadline: float = Field(
        120, ge=1, le=3_600, description="Seconds after which reading stages go on with what has arrived."
    )
    writing_deadline: float = Field(
        1_800, ge=1, le=86_400, description="Seconds after which a stage that writes (outline, draft, seo) fails."
    )
    task_tries: int = Field(
        3, ge=1, le=10, description="Times a task is tried before it fails, where the reason may pass."
    )
    retry_pause: float = Field(
        10, ge=0, le=3_600, description="Seconds before a task is tried again; doubled with each try."
    )
    stall_after: float = Field(
        900, ge=10, le=86_400, description="Seconds without any progress after which a running task fails."
    )
    worker_concurrency: int = Field(8, ge=1, le=1_000, description="Tasks that one worker runs at the same time.")
    account_concurrency: int = Field(4, ge=1, le=1_000, description="Tasks of one account that run at the same time.")
    lease: float = Field(
        10, ge=1, le=600, description="Postgres: seconds after which a silent worker's tasks go to another."
    )
    blobs: str = Field(
        "database",
        description="Where the bytes of uploaded files are kept: `database`; `directory` (the folder `files` in "
        "`DATA_DIR`) or `directory:PATH`, which every process must reach; or `s3://bucket/prefix` (needs "
        "`copydesk[s3]`).",
    )
    s3_endpoint: str | None = Field(
        None,
        validation_alias=AliasChoices(f"{PREFIX}S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
        description="Address of an S3-compatible server; empty: Amazon's. `AWS_ENDPOINT_URL` is read too.",
    )
    s3_region: str | None = Field(
        None,
        validation_alias=AliasChoices(f"{PREFIX}S3_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"),
        description="Region of the bucket; `AWS_REGION` is read too.",
    )
    s3_access_key_id: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices(f"{PREFIX}S3_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"),
        description="Key of the bucket; `AWS_ACCESS_KEY_ID` is read too. Empty: what the machine or pod is given.",
    )
    s3_secret_access_key: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices(f"{PREFIX}S3_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"),
        description="Secret of that key; `AWS_SECRET_ACCESS_KEY` is read too.",
    )
    s3_session_token: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices(f"{PREFIX}S3_SESSION_TOKEN", "AWS_SESSION_TOKEN"),
        description="Token of a temporary key; `AWS_SESSION_TOKEN` is read too.",
    )
    retention_days: int = Field(
        30,
        ge=0,
        le=36_500,
        description="Days after which the text behind ended tasks and uploads that no task used are deleted; 0: kept.",
    )
    shutdown_grace: float = Field(
        10, ge=0, le=3_600, description="Seconds that running steps get when a process is told to stop."
    )
    max_storage_mb: int = Field(1_024, ge=1, le=10_000_000, description="Uploaded files per account, in MiB.")
    max_results: int = Field(10, ge=1, le=50, description="Pages that research reads for one article.")
    sandbox_workers: int = Field(2, ge=1, le=64, description="Processes that read untrusted files.")
    sandbox_seconds: float = Field(8, gt=0, le=600, description="Time one file may take to be read.")
    sandbox_memory_mb: int = Field(1_024, ge=256, le=65_536, description="Resident memory one reader may take, in MiB.")
    sandbox_text_mb: int = Field(20, ge=1, le=1_024, description="Text taken from one file at most, in MiB.")
    fetch_seconds: float = Field(20, gt=0, le=600, description="Time one page may take, redirects included.")
    fetch_max_mb: int = Field(25, ge=1, le=1_024, description="Bytes one page may have after decompression, in MiB.")
    outbound_proxy: SecretStr | None = Field(
        None,
        description="HTTP proxy for fetched pages, `http://user:password@host:port`; it must refuse private addresses.",
    )
    host_pause: float = Field(
        0.5, ge=0, le=60, description="Seconds between two pages that research reads from one public host."
    )
    page_cache_hours: float = Field(
        24, ge=0, le=8_760, description="How long a fetched page is used again without asking its site; 0: not at all."
    )
    page_cache_mb: int = Field(
        256, ge=1, le=1_000_000, description="Fetched pages that are kept, compressed, in MiB; least used go first."
    )
    research_grace: float = Field(
        1, ge=0, le=600, description="Seconds that research waits for slow pages when four fifths of them are in."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses or ranges whose forwarded headers are believed."
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Origins that browsers may call the API from; empty: none."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="`auto`: console on a terminal, else JSON lines."
    )

    @field_validator("search", "trusted_proxies", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("search")
    @classmethod
    def _known_engines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in SEARCH_ENGINES:
                msg = f"unknown search engine {name!r}; known are {', '.join(SEARCH_ENGINES)}"
                raise ValueError(msg)
        if "none" in value and len(value) > 1:
            msg = "'none' cannot stand beside other search engines"
            raise ValueError(msg)
        return value or ("none",)

    @field_validator("outbound_allow", mode="before")
    @classmethod
    def _ranges(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(parse_range(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("model_price", mode="before")
    @classmethod
    def _two_prices(cls, value: object) -> object:
        return parse_prices(value) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Ranges as uvicorn takes them: it would silently trust nobody for one with host bits."""
        try:
            return tuple(str(ip_network(part, strict=False)) for part in value)
        except ValueError as error:
            msg = f"{error}: name addresses or ranges such as 10.0.0.1 or 10.0.0.0/8"
            raise ValueError(msg) from error

    @field_validator("blobs")
    @classmethod
    def _known_blobs(cls, value: str) -> str:
        if not BLOBS.fullmatch(value):
            msg = f"{value!r} is none of database, directory, directory:PATH and s3://bucket/prefix"
            raise ValueError(msg)
        return value

    @field_validator("searxng_url", "wikipedia_url", "model_base_url", "embedding_base_url", "s3_endpoint")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            msg = f"{value!r} is not an address that begins with http:// or https://"
            raise ValueError(msg)
        return value

    @field_validator("outbound_proxy")
    @classmethod
    def _proxy(cls, value: SecretStr | None) -> SecretStr | None:
        found = None if value is None else _PROXY.fullmatch(value.get_secret_value())
        if value is not None and (found is None or int(found["port"] or 80) > MAX_PORT):
            msg = "a proxy's address is http://host:port or http://user:password@host:port"
            raise ValueError(msg)
        return value

    @field_validator("model", "model_fast")
    @classmethod
    def _named_models(cls, value: str | None) -> str | None:
        names = _names(value)
        if value is not None and not names:
            msg = "name a model, or 'extractive'"
            raise ValueError(msg)
        if "extractive" in names and len(names) > 1:
            msg = "'extractive' cannot stand beside language models"
            raise ValueError(msg)
        return value

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            msg = "only postgresql:// addresses are supported; leave it empty for SQLite in DATA_DIR"
            raise ValueError(msg)
        return value

    @field_validator("brave_api_key", "tavily_api_key", "exa_api_key", "serper_api_key")
    @classmethod
    def _sendable(cls, value: SecretStr | None) -> SecretStr | None:
        """A key travels in a header, which carries visible ASCII alone."""
        if value is None:
            return None
        key = value.get_secret_value().strip()
        if not re.fullmatch(r"[!-~]+", key):
            msg = "the key contains a space or a character that no key has"
            raise ValueError(msg)
        return SecretStr(key)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for name in (*self.models, *self.fast_models):
            if self.model_base_url is None and ":" not in name:
                msg = f"COPYDESK_MODEL: {name!r} names no provider: write openai:{name}, or set COPYDESK_MODEL_BASE_URL"
                raise ValueError(msg)
        if "searxng" in self.search and not self.searxng_url:
            msg = "SEARCH names searxng, so COPYDESK_SEARXNG_URL must be set"
            raise ValueError(msg)
        if (self.s3_access_key_id is None) != (self.s3_secret_access_key is None):
            msg = "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are only of use together: set both, or neither"
            raise ValueError(msg)
        if "model" in self.search:
            self._check_model_searches()
        for name in self.search:
            if name in SEARCH_KEYS and getattr(self, f"{name}_api_key") is None:
                msg = f"SEARCH names {name}, so {SEARCH_KEYS[name]} must be set"
                raise ValueError(msg)
        return self

    def _check_model_searches(self) -> None:
        """A model of one's own server, or none, has no provider that could search the web for it."""
        chain = self.fast_models or self.models
        if not chain:
            msg = "SEARCH names model, so COPYDESK_MODEL must name one of a provider that searches the web"
        elif self.model_base_url is not None or all(name.startswith("ollama:") for name in chain):
            msg = f"SEARCH names model, but the server of {', '.join(chain)} has no web search of its own"
        else:
            return
        msg += ": openai:, anthropic: or google: with a name; or take model out of SEARCH"
        raise ValueError(msg)

    @property
    def models(self) -> tuple[str, ...]:
        """The language models of `MODEL`, the preferred first; empty with the extractive writer."""
        return tuple(name for name in _names(self.model) if name != "extractive")

    @property
    def fast_models(self) -> tuple[str, ...]:
        """The language models of `MODEL_FAST`."""
        return _names(self.model_fast)

    @property
    def embedded(self) -> bool:
        """Whether the databases are SQLite files in `data_dir`."""
        return self.database_url is None


def _names(value: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


def parse_range(text: str) -> AllowedRange:
    """Read `CIDR` or `CIDR:port`; an IPv6 range with a port is written `[CIDR]:port`.

    Raises:
        ValueError: It is neither.
    """
    found = _RANGE.fullmatch(text)
    try:
        network = ip_network((found["bracketed"] or found["cidr"]) if found else "", strict=False)
    except ValueError as error:
        msg = f"{text!r} is not a range such as 10.0.0.0/8 or 127.0.0.0/8:8080"
        raise ValueError(msg) from error
    port = int(found["port"]) if found and found["port"] else None
    if port is not None and not 0 < port <= MAX_PORT:
        msg = f"{text!r}: a port lies between 1 and {MAX_PORT}"
        raise ValueError(msg)
    return AllowedRange(network=network, port=port)


def parse_prices(text: str) -> tuple[Decimal, Decimal]:
    """Read two prices, of input and of output, in US dollars per million tokens.

    Raises:
        ValueError: They are not two numbers from 0 to a million.
    """
    try:
        read, written = (Decimal(part.strip()) for part in text.split(","))
        if all(0 <= price <= MAX_PRICE for price in (read, written)):
            return read, written
    except (ValueError, InvalidOperation):  # another number of parts, no number, or NaN, which compares with nothing
        pass
    msg = f"{text!r} is not a price of input and one of output per million tokens, such as 0.15,0.60"
    raise ValueError(msg)


def load_settings() -> Settings:
    """Read the settings once, from the environment and `.env`.

    Raises:
        ConfigurationError: An unknown `COPYDESK_` variable or a bad value; the sentence names it.
    """
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in (*os.environ, *dotenv_values(ENV_FILE)):
        upper = name.upper()
        if upper.startswith(PREFIX) and upper not in known and not upper.startswith(IGNORED_PREFIXES):
            msg = f"{name} is not a setting of Copydesk; see docs/settings.md for those that are."
            raise ConfigurationError(msg)
    try:
        return Settings()
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else ""
        where = f"{PREFIX}{name.removeprefix(PREFIX)}: " if name else ""
        reason = str(first["msg"]).removeprefix("Value error, ")
        msg = f"{where}{reason}."
        raise ConfigurationError(msg) from error
