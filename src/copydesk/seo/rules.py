"""One rule a check: its stable id, its weight in the score, and how it judges.

The limits are quality.md's section 4; those of sentences and paragraphs follow Yoast's readability
analysis (sentences over 20 words in at most a quarter of a text, paragraphs over 150 words), with 25 words
a sentence, for texts that cite, and characters instead of words where a script has no spaces.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from copydesk.domain.article import CheckStatus
from copydesk.domain.language import primary_language
from copydesk.domain.source import BlockKind
from copydesk.domain.words import count_words, display_width, hyphenate
from copydesk.seo.checked import CheckedArticle
from copydesk.seo.limits import MAX_DESCRIPTION, MAX_TITLE, MIN_DESCRIPTION, MIN_TITLE
from copydesk.seo.slugs import MAX_SLUG_CHARACTERS, is_slug
from copydesk.seo.structured_data import questions_in
from copydesk.seo.tells import placeholder_in

MIN_DENSITY, MAX_DENSITY = 0.5, 2.5  # per cent
MAX_SECTION = 300  # words without a sub-heading
MAX_SENTENCE, MAX_SENTENCE_DENSE = 25, 80  # words; characters of scripts without spaces
# Languages with longer or shorter sentences in Yoast's analysis (25 and 15 words), with the same 5 words for
# citing; Vietnamese writes syllables apart, about 1.4 a word.
_SENTENCE_WORDS = {"es": 30, "ca": 30, "it": 30, "pt": 30, "ru": 20, "he": 20, "tr": 20, "vi": 35}
MAX_PARAGRAPH, MAX_PARAGRAPH_DENSE = 150, 400
_PARAGRAPH_WORDS = {"vi": 210}
_DENSE = frozenset({"zh", "ja", "th", "lo", "km", "my"})
_UNMARKED = frozenset({"th", "lo", "km", "my"})  # nothing ends their sentences
_LONG_SHARE, _TOO_LONG_SHARE = 0.25, 0.5  # of sentences over the limit: more is a warning, a failure
_GRACE = 1.5  # up to this many times a limit is a warning, beyond a failure


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one check came out."""

    status: CheckStatus
    message: str  # a sentence for the writer


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One named check."""

    id: str
    weight: int  # its share of the score, relative to the others
    judge: Callable[[CheckedArticle], Outcome | None]  # None: does not apply


def _passed(message: str) -> Outcome:
    return Outcome(status=CheckStatus.PASS, message=message)


def _warned(message: str) -> Outcome:
    return Outcome(status=CheckStatus.WARN, message=message)


def _failed(message: str) -> Outcome:
    return Outcome(status=CheckStatus.FAIL, message=message)


def _title_length(article: CheckedArticle) -> Outcome:
    return _length("search title", display_width(article.seo_title), MIN_TITLE, MAX_TITLE)


def _description_length(article: CheckedArticle) -> Outcome:
    return _length("search description", display_width(article.seo_description), MIN_DESCRIPTION, MAX_DESCRIPTION)


def _length(what: str, width: int, low: int, high: int) -> Outcome:
    if width < low:
        return _failed(f"Lengthen the {what} by at least {low - width} characters; it has {width} of {low} to {high}.")
    if width > high:
        return _failed(f"Shorten the {what} by at least {width - high} characters; it has {width} of {low} to {high}.")
    return _passed(f"The {what} has {width} characters, within {low} to {high}.")


def _slug_form(article: CheckedArticle) -> Outcome:
    if is_slug(article.slug):
        return _passed("The slug is made of lower-case words and hyphens.")
    return _failed(f"Use lower-case words joined by hyphens in the slug, at most {MAX_SLUG_CHARACTERS} characters.")


def _keyword_in(where: str, text_of: Callable[[CheckedArticle], str]) -> Callable[[CheckedArticle], Outcome | None]:
    def judge(article: CheckedArticle) -> Outcome | None:
        if not article.primary_keyword:
            return None
        if article.mentions(text_of(article)):
            return _passed(f"The primary keyword stands in the {where}.")
        return _failed(f"Use the primary keyword {article.primary_keyword!r} in the {where}.")

    return judge


def _keyword_in_heading(article: CheckedArticle) -> Outcome | None:
    if not article.primary_keyword:
        return None
    if any(article.mentions(heading.text) for heading in article.text.headings):
        return _passed("The primary keyword stands in a heading.")
    return _failed(f"Use the primary keyword {article.primary_keyword!r} in at least one heading.")


def _keyword_in_slug(article: CheckedArticle) -> Outcome | None:
    if not article.primary_keyword:
        return None
    wanted = hyphenate(article.primary_keyword)
    literal = bool(wanted) and f"-{wanted}-" in f"-{article.slug}-"
    if literal or article.mentions(article.slug.replace("-", " ")):
        return _passed("The primary keyword stands in the slug.")
    return _failed(f"Use the primary keyword in the slug, as in {wanted[:MAX_SLUG_CHARACTERS]!r}.")


def _keyword_density(article: CheckedArticle) -> Outcome | None:
    if not article.primary_keyword or not article.text.word_count:
        return None
    times = article.body.count(article.primary_keyword)
    density = 100 * times * count_words(article.primary_keyword) / article.text.word_count
    said = f"The primary keyword makes up {density:.1f} % of the text ({times} times)"
    if density < MIN_DENSITY:
        advice = f"{said}; use it more often, up to {MIN_DENSITY} % at least."
        return _warned(advice) if times else _failed(advice)
    if density > MAX_DENSITY:
        advice = f"{said}; use it less often, {MAX_DENSITY} % at most."
        return _warned(advice) if density <= _GRACE * MAX_DENSITY else _failed(advice)
    return _passed(f"{said}, within {MIN_DENSITY} to {MAX_DENSITY} %.")


def _other_keywords(article: CheckedArticle) -> Outcome | None:
    primary = article.primary_keyword.casefold()
    others = [keyword for keyword in article.keywords if keyword.casefold() != primary]
    if not others:
        return None
    missing = [keyword for keyword in others if keyword not in article.body]
    if not missing:
        return _passed("Every other keyword stands in the text.")
    advice = f"Use these keywords at least once: {', '.join(map(repr, missing))}."
    return _failed(advice) if len(missing) == len(others) else _warned(advice)


def _subheading_distance(article: CheckedArticle) -> Outcome:
    longest = max(_section_words(article), default=0)
    if longest <= MAX_SECTION:
        return _passed(f"No section is longer than {MAX_SECTION} words.")
    advice = f"Add a sub-heading: the longest section has {longest} words, {MAX_SECTION} are enough."
    return _warned(advice) if longest <= _GRACE * MAX_SECTION else _failed(advice)


def _section_words(article: CheckedArticle) -> Iterator[int]:
    words = 0
    for block in article.text.blocks:
        if block.kind is BlockKind.HEADING:
            yield words
            words = 0
        else:
            words += count_words(block.text)
    yield words


def _sentence_length(article: CheckedArticle) -> Outcome | None:
    language = primary_language(article.language)
    if language in _UNMARKED or not article.sentence_words:
        return None
    lengths = article.sentence_words
    limit = MAX_SENTENCE_DENSE if language in _DENSE else _SENTENCE_WORDS.get(language, MAX_SENTENCE)
    long = sum(length > limit for length in lengths)
    share = long / len(lengths)
    if share <= _LONG_SHARE:
        return _passed("The sentences are of readable length.")
    advice = f"Shorten sentences: {long} of {len(lengths)} have more than {limit} words."
    return _warned(advice) if share <= _TOO_LONG_SHARE else _failed(advice)


def _paragraph_length(article: CheckedArticle) -> Outcome | None:
    lengths = [count_words(paragraph) for paragraph in article.text.paragraphs]
    if not lengths:
        return None
    language = primary_language(article.language)
    limit = MAX_PARAGRAPH_DENSE if language in _DENSE else _PARAGRAPH_WORDS.get(language, MAX_PARAGRAPH)
    if max(lengths) <= limit:
        return _passed(f"No paragraph is longer than {limit} words.")
    advice = f"Divide long paragraphs: the longest has {max(lengths)} words, {limit} are enough."
    return _warned(advice) if max(lengths) <= _GRACE * limit else _failed(advice)


def _word_range(article: CheckedArticle) -> Outcome | None:
    if article.words is None:
        return None
    count, words = article.text.word_count, article.words
    asked = f"{words.minimum} to {words.maximum} were asked for"
    if count < words.minimum:
        return _failed(f"Add at least {words.minimum - count} words: the text has {count}, {asked}.")
    if count > words.maximum:
        return _failed(f"Cut at least {count - words.maximum} words: the text has {count}, {asked}.")
    return _passed(f"The text has {count} words, {asked}.")


def _structured_data(article: CheckedArticle) -> Outcome:
    graph = (article.json_ld or {}).get("@graph")
    nodes = [node for node in graph if isinstance(node, Mapping)] if isinstance(graph, list) else []
    types = [node.get("@type") for node in nodes]
    described = next((node for node in nodes if node.get("@type") == "Article"), {})
    if not described or any(not described.get(name) for name in ("headline", "description", "inLanguage")):
        return _failed("Add structured data of type Article with headline, description and language.")
    if any(_is_empty(value) for value in _values(article.json_ld)):
        return _failed("Remove empty and placeholder values from the structured data.")
    if "FAQPage" in types and not any(questions_in(article.text)):
        return _failed("Remove the FAQPage from the structured data: no heading of the text asks a question.")
    return _passed("The structured data describes the article.")


def _values(node: Any) -> Iterator[Any]:
    if isinstance(node, Mapping):
        for value in node.values():
            yield from _values(value)
    elif isinstance(node, list):
        for value in node:
            yield from _values(value)
    else:
        yield node


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and (not value.strip() or placeholder_in(value) is not None))


def _no_h1(article: CheckedArticle) -> Outcome:
    if any(heading.level == 1 for heading in article.text.headings):
        return _failed("Start sections with second-level headings: the title is the only first-level one.")
    return _passed("The title is the only first-level heading.")


RULES = (
    Rule(id="title_length", weight=8, judge=_title_length),
    Rule(id="description_length", weight=8, judge=_description_length),
    Rule(id="slug_form", weight=6, judge=_slug_form),
    Rule(id="keyword_in_title", weight=8, judge=_keyword_in("title", lambda article: article.title)),
    Rule(
        id="keyword_in_first_paragraph",
        weight=7,
        judge=_keyword_in("first paragraph", lambda article: article.first_paragraph),
    ),
    Rule(id="keyword_in_heading", weight=6, judge=_keyword_in_heading),
    Rule(id="keyword_in_slug", weight=5, judge=_keyword_in_slug),
    Rule(id="keyword_in_seo_title", weight=7, judge=_keyword_in("search title", lambda article: article.seo_title)),
    Rule(
        id="keyword_in_description",
        weight=6,
        judge=_keyword_in("search description", lambda article: article.seo_description),
    ),
    Rule(id="keyword_density", weight=8, judge=_keyword_density),
    Rule(id="other_keywords", weight=5, judge=_other_keywords),
    Rule(id="subheading_distance", weight=6, judge=_subheading_distance),
    Rule(id="sentence_length", weight=5, judge=_sentence_length),
    Rule(id="paragraph_length", weight=5, judge=_paragraph_length),
    Rule(id="word_range", weight=6, judge=_word_range),
    Rule(id="structured_data", weight=5, judge=_structured_data),
    Rule(id="no_h1", weight=4, judge=_no_h1),
)
