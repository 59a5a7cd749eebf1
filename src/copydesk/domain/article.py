"""The article: its plan, its text sentence by sentence, and the stored result."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from copydesk.domain.source import SourceKind


class PublicationStatus(StrEnum):
    """Where an article stands with its readers."""

    DRAFT = "draft"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class ArticleOrder(StrEnum):
    """How a list of articles is sorted."""

    CREATED = "created"  # newest first, as everywhere
    UPDATED = "updated"  # latest change first
    TITLE = "title"  # from A to Z
    WORDS = "words"  # longest first
    SCORE = "score"  # lowest first: what needs work


@dataclass(frozen=True, kw_only=True)
class SectionPlan:
    """One section as the outline plans it."""

    section_id: str  # unique in the outline: "intro", "s1", "s2", ..., "summary"
    heading: str | None  # None for the opening paragraphs before the first H2
    level: int  # 2 or 3
    words: int  # its budget
    passage_ids: tuple[str, ...]  # its evidence, best first


@dataclass(frozen=True, kw_only=True)
class Outline:
    """Title and sections, in order."""

    title: str
    sections: tuple[SectionPlan, ...]


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence and the passages that support it."""

    text: str
    passage_ids: tuple[str, ...] = ()  # empty: states no fact
    quoted: bool = False  # stands in quotation marks, verbatim (quality.md, rights)
    judged: bool = False  # doubtful by the words alone; a model found the words of a passage that bear it out
    ungrounded: bool = False  # from a model's own knowledge, where the request allows it; uncited


class ParagraphKind(StrEnum):
    """How a paragraph is set."""

    TEXT = "text"
    LIST_ITEM = "list_item"
    QUOTE = "quote"


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """Sentences that belong together."""

    sentences: tuple[Sentence, ...]
    kind: ParagraphKind = ParagraphKind.TEXT


@dataclass(frozen=True, kw_only=True)
class SectionDraft:
    """One written section."""

    section_id: str
    heading: str | None
    level: int
    paragraphs: tuple[Paragraph, ...]
    repaired: int = 0  # sentences that were replaced when the section was checked
    removed: int = 0  # sentences that were left out then


@dataclass(frozen=True, kw_only=True)
class SeoFields:
    """What a search engine shows."""

    seo_title: str  # 30 to 60 characters, wide ones count two
    seo_description: str  # 120 to 156 characters, wide ones count two
    slug: str  # lower case words and hyphens, at most 75 characters
    excerpt: str  # a sentence or two
    keywords: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """A cited source, as readers see it."""

    number: int  # the footnote's number, from 1, by first use
    source_id: str
    kind: SourceKind
    url: str | None
    file_id: str | None
    title: str | None
    site: str | None
    author: str | None
    published_at: datetime | None
    accessed_at: datetime | None
    license: str | None


class SupportStatus(StrEnum):
    """What the check of one sentence against its passages found."""

    SUPPORTED = "supported"
    UNCITED = "uncited"  # states no fact, needs no support
    UNGROUNDED = "ungrounded"  # from the model's own knowledge, which the request allowed
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, kw_only=True)
class EvidencePassage:
    """A passage shown as evidence of a sentence."""

    source_number: int
    text: str
    place: str  # in a reader's words
    headings: tuple[str, ...] = ()  # the path of headings above it
    page: int | None = None
    sheet: str | None = None
    first_row: int | None = None
    last_row: int | None = None
    spans: tuple[tuple[int, int], ...] = ()  # start and end of its runs in the source's text, in characters
    language: str | None = None  # BCP 47 primary language
    published_at: datetime | None = None  # when its source was
    corroborated_by: tuple[str, ...] = ()  # other sources that say the same: their links, or names of files


@dataclass(frozen=True, kw_only=True)
class EvidenceSentence:
    """One sentence of the stored article with what supports it."""

    text: str
    citations: tuple[int, ...]
    passages: tuple[EvidencePassage, ...]
    support: SupportStatus
    judged: bool = False  # a model found the words that bear it out; see `Sentence`


@dataclass(frozen=True, kw_only=True)
class SupportCounts:
    """How many sentences were supported as written, repaired, or removed."""

    supported: int
    repaired: int
    removed: int


class CheckStatus(StrEnum):
    """Outcome of one named SEO check."""

    PASS = "pass"  # noqa: S105 - a check's outcome, not a password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True)
class SeoCheck:
    """One named check and what the writer should do about it."""

    id: str
    status: CheckStatus
    message: str


@dataclass(frozen=True, kw_only=True)
class SeoReport:
    """The score, 0 to 100, and the checks it was made from."""

    score: int
    checks: tuple[SeoCheck, ...]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A warning on a task or article."""

    code: str  # upper snake case, stable
    subject: str | None  # the link, file, field or keyword it is about
    message: str


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """Sections set as one Markdown text, with footnotes, sources and evidence."""

    content: str  # Markdown with footnote marks and definitions
    data_sources: tuple[DataSource, ...]
    evidence: tuple[EvidenceSentence, ...]
    word_count: int


@dataclass(frozen=True, kw_only=True)
class Article:
    """A stored article, as the contract lists it (renderings are derived, not stored)."""

    article_id: str
    account_id: str
    task_id: str
    title: str
    content: str  # Markdown with footnotes
    slug: str
    seo_title: str
    seo_description: str
    excerpt: str | None
    keywords: tuple[str, ...]
    data_sources: tuple[DataSource, ...]
    language: str
    word_count: int
    words_asked_min: int  # the range of the task, to check edits against
    words_asked_max: int
    seo: SeoReport
    json_ld: dict[str, Any]
    outline: Outline
    writer: str  # "extractive" or "model"
    support: SupportCounts
    warnings: tuple[Notice, ...]
    metadata: dict[str, str]
    publication_status: PublicationStatus
    published_at: datetime | None
    version: int  # from 1; one more with each change of content
    revision: int  # from 1; one more with each change of anything: the ETag
    created_at: datetime
    updated_at: datetime
    prompts: str | None = None  # the version of the prompts that a model was given; None: no model
    evidence: tuple[EvidenceSentence, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class ArticleVersion:
    """One kept state of an article's text."""

    version: int
    title: str
    content: str
    word_count: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """A drafted and checked article before its search fields: what the draft stage hands on."""

    outline: Outline
    assembled: Assembled
    support: SupportCounts
    notices: tuple[Notice, ...] = ()
