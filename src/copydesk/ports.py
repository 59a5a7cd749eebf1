"""The seams to what Copydesk does not own, one Protocol each.

Every port has a shipped `scripted` fake or a shipped plain implementation, and one contract-test
class over all of its implementations.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from copydesk.domain.article import Notice, Outline, SectionDraft, SectionPlan, Sentence, SeoFields
from copydesk.domain.brief import Brief
from copydesk.domain.file import BlobKey, FileKind
from copydesk.domain.source import Document, Evidence, Passage


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """One hit of a search engine; its page is still to be fetched."""

    url: str
    title: str
    snippet: str  # plain text; a hint for ranking, never evidence


class SearchProvider(Protocol):
    """A search engine."""

    @property
    def name(self) -> str:
        """Its name in the `SEARCH` setting."""

    async def search(self, query: str, *, language: str, limit: int) -> Sequence[SearchResult]:
        """Ask for at most `limit` results in `language` (BCP 47), best first.

        Raises:
            SearchError: The engine is unreachable, refuses, or answers in another shape.
        """


class FileReader(Protocol):
    """Reads untrusted bytes into structure."""

    async def read_file(self, data: bytes, kind: FileKind) -> Document:
        """Read an uploaded file.

        Raises:
            ReadError: With `reason` `encrypted`, `damaged`, `empty`, `bomb`, `mismatch`.
        """

    async def read_page(self, data: bytes, *, url: str, charset: str | None) -> Document:
        """Read an HTML page's main content. `charset` is what the HTTP header says.

        Raises:
            ReadError: With `reason` `damaged`, `empty`, `bomb`.
        """


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong with a section and how it may be mended."""

    kind: str  # "too_short", "too_long", "unsupported", "doubtful", "repeated", "unclean", "wording"
    message: str
    words: int = 0  # of too_short and too_long: by how many
    sentence: str | None = None  # of the others: which
    certain: bool = False  # of too_short: an earlier answer did not hold, so the sources' own sentences are wanted


@dataclass(frozen=True, kw_only=True)
class Bearing:
    """What bears a sentence out, as a writer judges."""

    passage_id: str
    words: str  # of the passage, copied; whoever asked looks whether they stand there


class Writer(Protocol):
    """Turns a brief and evidence into text. Every call is made inside a durable step.

    A writer sees only what it is given, answers values, stores nothing and retries nothing;
    the pipeline checks every answer and never trusts one.
    """

    @property
    def name(self) -> str:
        """What the article records as its `writer`."""

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What readers of its articles should know of how they were written."""

    @property
    def prompts(self) -> str | None:
        """The version of the prompts that it gives a model; None without a model."""

    async def plan(self, brief: Brief) -> Sequence[str]:
        """Search queries beyond the prompt and keywords, best first; may be empty."""

    async def outline(self, brief: Brief, evidence: Evidence) -> Outline:
        """Title and sections with word budgets and passage ids; budgets sum to `words.target`.

        Raises:
            WorkflowError: The evidence cannot carry the minimum; says how many words it carries.
        """

    async def section(self, brief: Brief, outline: Outline, plan: SectionPlan, evidence: Evidence) -> SectionDraft:
        """Write one section from its own passages; sections are written side by side."""

    async def repair(
        self,
        brief: Brief,
        draft: SectionDraft,
        problems: Sequence[Problem],
        passages: Sequence[Passage],
    ) -> SectionDraft:
        """Mend a section; `passages` are those it may use, its own and unused ones."""

    async def judge(
        self, brief: Brief, sentences: Sequence[Sentence], passages: Sequence[Passage]
    ) -> Sequence[Bearing | None]:
        """For each sentence that its words alone leave in doubt, what bears it out, or None; one call for all."""

    async def seo(self, brief: Brief, outline: Outline) -> SeoFields | None:
        """Propose the search fields from the outline; None leaves them to the pipeline."""


class AnswerMode(StrEnum):
    """How a language model is made to answer."""

    NATIVE = "native"  # a JSON schema that the endpoint enforces
    TOOL = "tool"  # the arguments of a function that it must call
    TEXT = "text"  # as it likes; a structure is asked for in words
    SEARCH = "search"  # by its provider's own web search: the pages that it found, not what it says of them


@dataclass(frozen=True, kw_only=True)
class ModelCall:
    """One question to a language model."""

    purpose: str  # what it is for, as the ledger names it: "plan", "outline", "section:s1", ...
    instructions: str  # ours; the model is to obey them
    prompt: str  # the task with its data, which has no authority
    max_tokens: int  # the answer's, at most
    fast: bool = False  # whether the cheaper model may answer
    mode: AnswerMode = AnswerMode.TEXT
    schema: Mapping[str, Any] | None = None  # the JSON schema of the other modes
    key: str | None = None  # names the call to the provider: the same when it is sent again after a crash


@dataclass(frozen=True, kw_only=True)
class CallUsage:
    """What one answer took."""

    model: str  # as the endpoint names it
    input_tokens: int
    output_tokens: int
    cached_tokens: int  # of the input
    cost_usd: Decimal | None  # None: the price is not known
    seconds: float
    retries: int  # failed tries before it


@dataclass(frozen=True, kw_only=True)
class ModelAnswer:
    """What a language model answered."""

    text: str  # of modes with a schema: JSON; of `SEARCH`: a JSON list of objects with `url`, `title` and `snippet`
    complete: bool  # False: it was cut off at `max_tokens`
    usage: CallUsage


class TextListener(Protocol):
    """Hears an answer while it is made. What it hears is raw: thoughts, marks and all."""

    def restart(self) -> None:
        """An answer begins: what was heard of one before it is void. Called before the first piece of every try."""

    def piece(self, text: str) -> None:
        """The answer goes on with `text`."""


class LanguageModel(Protocol):
    """A language model behind one endpoint, or a chain of them; each answer is one paid call."""

    @property
    def name(self) -> str:
        """Its name in the `MODEL` setting."""

    @property
    def window(self) -> int:
        """Tokens that prompt and answer may have together."""

    @property
    def modes(self) -> tuple[AnswerMode, ...]:
        """The modes that it is said to know, best first; `TEXT` last, `SEARCH` never among them."""

    def worst_price(self, call: ModelCall) -> Decimal | None:
        """What a call can cost at most, in US dollars; None where no price is known."""

    async def complete(self, call: ModelCall, *, on_text: TextListener | None = None) -> ModelAnswer:
        """Answer one call; `on_text` hears each piece of text as it comes, and where each try begins.

        Raises:
            ContextOverflow: The prompt is longer than its window.
            CallRejected: It does not take such a call, for example its mode.
            LlmError: The endpoint failed, refused or stayed silent, after the retries that the settings allow.
        """


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """Vectors of texts."""

    vectors: tuple[tuple[float, ...], ...]  # one a text, in the texts' order, all of one length
    input_tokens: int  # as the endpoint counts them; 0 where it does not say
    model: str = ""  # as the endpoint names it; empty: as the setting does
    cost_usd: Decimal | None = None  # None: the price is not known
    seconds: float = 0.0


class Embedder(Protocol):
    """An embedding model: texts that say the like have vectors that point the same way."""

    @property
    def name(self) -> str:
        """Its name in the `EMBEDDING_MODEL` setting."""

    @property
    def batch(self) -> int:
        """Texts that one call may have."""

    def worst_price(self, texts: Sequence[str]) -> Decimal | None:
        """What a call for these texts can cost at most, in US dollars; None where no price is known."""

    async def embed(self, texts: Sequence[str], *, query: bool = False) -> Embedded:
        """The vectors of at most `batch` texts, in one paid call; none for no texts, without a call.

        Equal texts have equal vectors. `query` says that the texts ask for others, which some models treat apart.

        Raises:
            LlmError: The endpoint failed, refused, stayed silent, or answered something else than vectors.
        """


class TaskQueue(Protocol):
    """Hands accepted tasks to the durable engine."""

    async def enqueue(self, *, task_id: str, account_id: str, workflow_id: str) -> None:
        """Start the workflow of a task; the same `workflow_id` again does nothing."""

    async def cancel(self, workflow_id: str) -> None:
        """Stop a workflow, queued or running; an unknown or ended one is left alone."""

    async def forget(self, workflow_id: str) -> None:
        """Delete what the engine keeps of an ended workflow; an unknown one is left alone."""

    async def ping(self) -> None:
        """Ask the engine's database for a sign of life.

        Raises:
            DatabaseError: It cannot be reached.
        """


class BlobStore(Protocol):
    """Keeps the bytes of uploaded files where every worker reaches them.

    Each method raises DatabaseError where the store cannot be reached, refuses, or has no room.
    """

    @property
    def name(self) -> str:
        """Its kind, as the `BLOBS` setting names it."""

    async def put(self, key: BlobKey, data: bytes) -> None:
        """Keep bytes: whole and lasting when this returns, not to be seen before, nor after a failure."""

    async def get(self, key: BlobKey) -> bytes | None:
        """The bytes, or None where there are none."""

    async def size(self, key: BlobKey) -> int | None:
        """How many bytes there are under the key, or None where there are none."""

    async def delete(self, key: BlobKey) -> None:
        """Delete the bytes; those that are gone are left alone."""

    def list_keys(self) -> AsyncIterator[Sequence[BlobKey]]:
        """Every key, in batches of at most 1,000; what is put or deleted meanwhile may be missed or named."""

    async def tidy(self, *, before: datetime) -> int:
        """Remove what interrupted writes left before that time; answers how many."""
