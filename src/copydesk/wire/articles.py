"""Articles over the wire: how they are shown, and what PATCH may say."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from copydesk.domain.article import (
    Article,
    ArticleVersion,
    CheckStatus,
    EvidenceSentence,
    PublicationStatus,
    SupportStatus,
)
from copydesk.domain.markdown import CitationStyle, render_html, with_citations
from copydesk.domain.source import SourceKind
from copydesk.wire.tasks import NoticeOut
from copydesk.wire.text import (
    NO_NUL,
    TRIMMED,
    VISIBLE,
    WHOLE,
    AnswerModel,
    Hundred,
    Instant,
    Keyword,
    Metadata,
    PageNumber,
    RequestModel,
    fold_keywords,
)

WORDS_PER_MINUTE = 230  # silent reading of non-fiction: 238 wpm, Brysbaert 2019, rounded to the careful side


class ArticleListQuery(RequestModel):
    """Which articles to list."""

    publication_status: PublicationStatus | None = Field(None, description="Only articles in this status.")
    page: PageNumber = 1
    page_size: Annotated[int, Field(strict=True, ge=1, le=1_000), WHOLE] = 20


class ArticleQuery(RequestModel):
    """How to show an article."""

    citations: CitationStyle = Field("footnotes", description="How citations stand in `content`.")


class VersionListQuery(RequestModel):
    """Which versions to list."""

    page: PageNumber = 1
    page_size: Hundred = 20


Line = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=1_000), TRIMMED, VISIBLE]


def _without_defaults(schema: dict[str, Any]) -> None:
    """What is absent from a PATCH is not set to anything."""
    for field in schema["properties"].values():
        field.pop("default", None)


class ArticlePatch(RequestModel):
    """What to change; what is left out stays. Validate with the context `{"is_slug": seo.slugs.is_slug}`."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    title: Line = Field("", description="1 to 1,000 characters.")
    content: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=1_000_000), TRIMMED, VISIBLE] = (
        Field("", description="Markdown, 1 to 1,000,000 characters.")
    )
    slug: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=75), TRIMMED, VISIBLE] = Field(
        "", description="Lower case words joined by hyphens, at most 75 characters, unique in the account."
    )
    seo_title: Line = Field("", description="1 to 1,000 characters; 30 to 60 are best.")
    seo_description: Line = Field("", description="1 to 1,000 characters; 120 to 156 are best.")
    excerpt: Annotated[str, StringConstraints(strict=True, max_length=10_000), TRIMMED, NO_NUL] | None = Field(
        None, description="At most 10,000 characters; the one field that null empties."
    )
    keywords: Annotated[list[Keyword], Field(strict=True, max_length=10)] = Field(
        [], description="The primary one first; those that differ in case alone are folded."
    )
    metadata: Metadata = Field({}, description="Replaces what was there.")
    publication_status: PublicationStatus = PublicationStatus.DRAFT

    @field_validator("slug")
    @classmethod
    def _a_slug(cls, value: str, info: ValidationInfo) -> str:
        if not (info.context or {})["is_slug"](value):
            msg = "Input should be lower case words joined by single hyphens"
            raise ValueError(msg)
        return value

    def changes(self) -> dict[str, Any]:
        """What was given, in the article's own types."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "keywords" in given:
            given["keywords"] = fold_keywords(given["keywords"])
        return given


EDITABLE = frozenset(ArticlePatch.model_fields)


class ImageOut(AnswerModel):
    """A featured image."""

    url: str
    alt: str | None
    width: int | None
    height: int | None
    kind: str | None
    credit: str | None


class DataSourceOut(AnswerModel):
    """A cited source."""

    number: int = Field(description="The footnote's number.")
    url: str | None
    file_id: str | None
    title: str | None
    site: str | None
    author: str | None
    published_at: Instant | None
    accessed_at: Instant | None
    license: str | None
    kind: SourceKind


class SeoCheckOut(AnswerModel):
    """One named check."""

    id: str
    status: CheckStatus
    message: str = Field(description="What the writer should do about it.")


class SeoOut(AnswerModel):
    """How well the article is set for search engines."""

    score: int = Field(description="0 to 100.")
    checks: list[SeoCheckOut]


class SectionOut(AnswerModel):
    """One planned section."""

    section_id: str
    heading: str | None
    level: int
    words: int


class OutlineOut(AnswerModel):
    """The plan the article was written from."""

    title: str
    sections: list[SectionOut]


class SupportOut(AnswerModel):
    """How many sentences were supported as written, repaired, or removed."""

    supported: int
    repaired: int
    removed: int


class PublicationOut(AnswerModel):
    """Where an article was published."""

    target: str
    url: str | None
    published_at: Instant


class ArticleItem(AnswerModel):
    """An article as lists show it: without its text."""

    article_id: str
    task_id: str
    title: str
    slug: str
    seo_title: str
    seo_description: str
    excerpt: str | None
    keywords: list[str]
    featured_images: list[ImageOut]
    data_sources: list[DataSourceOut]
    language: str
    word_count: int
    reading_minutes: int
    seo: SeoOut
    json_ld: dict[str, Any]
    outline: OutlineOut
    writer: str
    prompts: str | None = Field(description="The version of the prompts that a model was given; null without a model.")
    support: SupportOut
    warnings: list[NoticeOut]
    metadata: dict[str, str]
    publications: list[PublicationOut]
    publication_status: PublicationStatus
    published_at: Instant | None
    version: int
    created_at: Instant
    updated_at: Instant

    @classmethod
    def of(cls, article: Article) -> Self:
        """Show an article in a list."""
        return cls(**_article_fields(article))


class ArticleOut(ArticleItem):
    """An article in full."""

    content: str = Field(description="Markdown.")
    content_html: str = Field(description="The same as sanitized HTML.")

    @classmethod
    def of(cls, article: Article, citations: CitationStyle = "footnotes") -> Self:
        """Show an article, its citations set in that style in `content`."""
        return cls(
            **_article_fields(article),
            content=with_citations(article.content, article.data_sources, citations),
            content_html=render_html(article.content),
        )


class ArticleList(AnswerModel):
    """A page of articles, newest first."""

    articles: list[ArticleItem]
    total: int
    page: int
    page_size: int
    pages: int = Field(description="0 when there are none.")


class TaskArticles(AnswerModel):
    """All articles of a task, in full."""

    articles: list[ArticleOut]


class VersionOut(AnswerModel):
    """One kept state of an article's text."""

    version: int
    title: str
    content: str
    word_count: int
    created_at: Instant

    @classmethod
    def of(cls, version: ArticleVersion) -> Self:
        """Show a version."""
        return cls.model_validate(version, from_attributes=True)


class VersionList(AnswerModel):
    """A page of versions, newest first."""

    versions: list[VersionOut]
    total: int
    page: int
    page_size: int
    pages: int


class EvidencePassageOut(AnswerModel):
    """A passage that supports a sentence."""

    source_number: int
    text: str
    place: str = Field(description="Where it stands in its source, in words.")
    headings: list[str] = Field(description="The path of headings above it.")
    page: int | None
    sheet: str | None
    first_row: int | None
    last_row: int | None
    spans: list[list[int]] = Field(
        description="Start and end of its runs of sentences in the source's text as it was read, in characters; "
        "empty for a statement computed from a table."
    )
    language: str | None
    published_at: Instant | None = Field(description="When its source was published.")
    corroborated_by: list[str] = Field(description="Other sources that say the same: their links, or names of files.")


class EvidenceSentenceOut(AnswerModel):
    """A sentence of the article and what supports it."""

    text: str
    citations: list[int]
    passages: list[EvidencePassageOut]
    support: SupportStatus


class EvidenceOut(AnswerModel):
    """What supports an article, sentence by sentence."""

    sentences: list[EvidenceSentenceOut]

    @classmethod
    def of(cls, sentences: Sequence[EvidenceSentence]) -> Self:
        """Show evidence."""
        return cls(
            sentences=[EvidenceSentenceOut.model_validate(sentence, from_attributes=True) for sentence in sentences]
        )


def pages_of(total: int, page_size: int) -> int:
    """How many pages hold `total` rows."""
    return -(-total // page_size)


def _article_fields(article: Article) -> dict[str, Any]:
    fields = {
        name: getattr(article, name)
        for name in ArticleItem.model_fields
        if name not in ("featured_images", "reading_minutes", "publications")
    }
    for name, shape in (("seo", SeoOut), ("outline", OutlineOut), ("support", SupportOut)):
        fields[name] = shape.model_validate(fields[name], from_attributes=True)
    for name, item_shape in (("data_sources", DataSourceOut), ("warnings", NoticeOut)):
        fields[name] = [item_shape.model_validate(item, from_attributes=True) for item in fields[name]]
    fields["keywords"] = list(article.keywords)
    fields["featured_images"] = []
    fields["publications"] = []
    fields["reading_minutes"] = max(1, -(-article.word_count // WORDS_PER_MINUTE))
    return fields
