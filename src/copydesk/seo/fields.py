"""Search fields that are valid by construction: candidates are generated, and the best valid one is taken.

Every word comes from the prompt, the keyword, the title or the article, or is one of the fixed neutral
phrases. Whatever the input, the limits of length hold; a keyword that is too long to fit is left to the
checks to report.
"""

import regex

from copydesk.domain.article import SeoFields
from copydesk.domain.brief import Brief
from copydesk.domain.markdown import MarkdownText, parse
from copydesk.domain.sentences import split_sentences
from copydesk.domain.words import hyphenate
from copydesk.seo.descriptions import seo_description
from copydesk.seo.keywords import KeywordText
from copydesk.seo.phrasing import is_complete, tidy
from copydesk.seo.slugs import is_slug, slugify, unique_slug
from copydesk.seo.tells import is_unfit_as_field
from copydesk.seo.titles import seo_title

__all__ = ["is_slug", "slugify", "unique_slug", "valid_fields"]

MAX_EXCERPT = 300  # characters
MAX_KEYWORDS, MAX_KEYWORD = 10, 500  # contract.md, POST /tasks
_BODY_SENTENCES = 60  # of the article, looked at for the description
_NUMBER = regex.compile(r"\p{N}+(?:[.,]\p{N}+)*")


def valid_fields(*, brief: Brief, title: str, opening: str, body: str, proposed: SeoFields | None) -> SeoFields:
    """Search fields for an article.

    Args:
        brief: Prompt, keywords and language.
        title: The article's title.
        opening: Its opening paragraph, Markdown or plain.
        body: Its whole Markdown, or plain text.
        proposed: Fields that a writer proposed: each is taken where it is valid, else replaced.

    Returns:
        `seo_title` 30 to 60 and `seo_description` 120 to 156 wide, complete phrases that contain the
        primary keyword wherever it fits at all; a well-formed slug, made unique by the caller; an excerpt
        of at most 300 characters; the brief's keywords, or the proposed ones that the article contains.
    """
    text, opening_text = parse(body), parse(opening)
    keyword, title = tidy(brief.primary_keyword), tidy(title)
    material = " ".join((brief.prompt, *brief.keywords, title, text.visible, opening_text.visible))
    known = frozenset(_NUMBER.findall(material))
    sentences = _sentences(opening_text, text, brief.language)
    offer = _Offer(known, brief.language)
    return SeoFields(
        seo_title=seo_title(
            keyword=keyword,
            title=title,
            headings=[tidy(heading.text) for heading in text.headings],
            proposed=offer.take(proposed.seo_title if proposed else None),
            language=brief.language,
        ),
        seo_description=seo_description(
            keyword=keyword,
            title=title,
            sentences=sentences,
            proposed=offer.take(proposed.seo_description if proposed else None),
            language=brief.language,
        ),
        slug=_slug(keyword, title, proposed.slug if proposed else None),
        excerpt=_excerpt(offer.take(proposed.excerpt if proposed else None), sentences, title or keyword),
        keywords=_keywords(brief, proposed, material),
    )


class _Offer:
    """Judges what was proposed."""

    def __init__(self, known: frozenset[str], language: str) -> None:
        self._known = known
        self._language = language

    def take(self, text: str | None) -> str | None:
        """The proposed text, tidy, if it is complete and names no number that the article does not."""
        text = tidy(text or "")
        invents = not self._known.issuperset(_NUMBER.findall(text))
        return None if invents or is_unfit_as_field(text) or not is_complete(text, self._language) else text


def _sentences(opening: MarkdownText, body: MarkdownText, language: str) -> list[str]:
    sentences: dict[str, None] = {}
    for paragraph in (*opening.paragraphs, *body.paragraphs):
        if len(sentences) >= _BODY_SENTENCES:
            break
        for sentence in split_sentences(paragraph, language):
            if not is_unfit_as_field(sentence):
                sentences[tidy(sentence)] = None
    return list(sentences)


def _slug(keyword: str, title: str, proposed: str | None) -> str:
    wanted = hyphenate(keyword)
    for candidate in (proposed or "", slugify(title)):
        if is_slug(candidate) and f"-{wanted}-" in f"-{candidate}-":
            return candidate
    return slugify(keyword if wanted else title)


def _excerpt(proposed: str | None, sentences: list[str], fallback: str) -> str:
    if proposed and len(proposed) <= MAX_EXCERPT:
        return proposed
    for count in (2, 1):
        text = " ".join(sentences[:count])
        if text and len(text) <= MAX_EXCERPT:
            return text
    return next((text for text in sentences if len(text) <= MAX_EXCERPT), fallback[:MAX_EXCERPT])


def _keywords(brief: Brief, proposed: SeoFields | None, material: str) -> tuple[str, ...]:
    if brief.keywords:
        return brief.keywords
    article = KeywordText(material, brief.language)
    offered = (tidy(keyword)[:MAX_KEYWORD] for keyword in (proposed.keywords if proposed else ()))
    found = (keyword for keyword in offered if keyword in article)
    topic = tidy(brief.topic)[:MAX_KEYWORD]
    folded = {keyword.casefold(): keyword for keyword in (*found, topic) if keyword}
    ordered = {topic.casefold(): topic} | folded if topic else folded
    return tuple(ordered.values())[:MAX_KEYWORDS]
