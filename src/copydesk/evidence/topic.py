# ruff: noqa: RUF001 -- quotation marks, dashes and letters as people write them, not look-alikes by mistake
"""The topic of a prompt, without its instructions."""

from functools import cache

import regex

from copydesk.domain.language import primary_language
from copydesk.language.lexicon import fragment, languages_with, pattern, section, words
from copydesk.language.terms import content_terms

_TITLE_AND_SUBTITLE = 40  # characters from which a topic with a colon is both
MAX_CHARACTERS = 80  # of a topic phrase: about a headline

# Chinese and Japanese ask around the topic: "写一篇关于 X 的文章", "X について記事を書いて".
_DENSE = regex.compile(
    r"(?:请|請)?(?:帮我|幫我)?(?:写|寫|撰写|撰寫|创作|生成)(?:一篇|一个|一份)?.{0,12}?(?:关于|關於|有关)(?P<zh>.+?)的?"
    r"(?:文章|博客|博文|指南|报告|報告|介绍|介紹)?[。！]?|(?P<ja>.+?)(?:について|に関する|に関して)の?.{0,12}?(?:記事|ブログ|文章|レポート|ガイド)?を?"
    r"(?:書|作成|作って|執筆|説明).*"
)
_LABEL = regex.compile(r"^\s*(?:topic|title|subject|thema|titel|sujet|titre|tema|título|titolo|prompt)\s*:\s*", regex.I)
_SENTENCE_END = regex.compile(r"(?<=[\p{Ll}\p{Lo}\p{N})\"”»][.!?])\s+(?=\p{Lu})|(?<=[。！？])")
_EDGES = " \t\n\"'“”„«»‘’`.。！？,;:!?-–—*#()[]"


@cache
def _leads(language: str) -> tuple[regex.Pattern[str], ...]:
    """What stands before a topic: "Write a 500-word article about", and "Explain"."""
    parts = {name: f"(?:{fragment(text)})" for name, text in section(language, "topic").items() if name != "generic"}
    length = r"(?:words|wörtern|mots|palabras|parole|palavras)"
    of_length = rf"(?:\s*\([^)]*\)|,?\s+(?:of|with|in|von|mit|de|di|en)\s+(?:\S+\s+){{0,4}}?{length})*"
    modifiers = r"(?:[\p{L}\p{N}][\p{L}\p{N}.,’'–-]*\s+){0,6}?"
    lead = (
        rf"\s*(?P<verb>{parts['verbs']})\s*(?:(?<=^|\s|-|'){parts['articles']}\s*)?{modifiers}{parts['kinds']}"
        rf"{of_length}\s*,?\s*(?P<about>{parts['about']}(?=[\s:'’]|$)|:)\s*:?\s*"
    )
    direct = rf"\s*(?P<verb>{parts['direct']})\s*(?P<about>:?)\s+"
    return tuple(regex.compile(source, regex.IGNORECASE) for source in (lead, direct))


def _asks(match: regex.Match[str]) -> bool:
    """Whether a lead asks for a text: "a guide to" does, "the columns of" (the Parthenon) does not."""
    return bool(match["verb"]) or match["about"].lower() not in ("of", "for", "into", "de", "von", "di", ":")


def topic_phrase(prompt: str, language: str) -> str:
    """The topic of a prompt in at most 80 characters of whole words, without what it asks for.

    "Write an article about heat pumps for beginners, 500 words" gives "heat pumps". The instructions
    are known in English, German, French, Spanish, Italian and Portuguese; of prompts in other
    languages it is the first sentence. Never empty for a prompt with a letter or digit.
    """
    first = first_sentence(prompt)
    dense = _DENSE.fullmatch(first)
    if dense:
        return _shortened(dense["zh"] or dense["ja"] or first)
    known = [name for name in languages_with("topic") if "verbs" in section(name, "topic")]
    for candidate in sorted(known, key=lambda name: (name != primary_language(language), name)):
        for lead in _leads(candidate):
            match = lead.match(first)
            if match and _asks(match) and first[match.end() :].strip(_EDGES):
                return _trimmed(first[match.end() :], candidate) or _shortened(first)
    return _trimmed(first, primary_language(language)) or _shortened(first) or prompt.strip()[:MAX_CHARACTERS]


def names_only_material(topic: str, language: str) -> bool:
    """Whether a topic names no subject but only what was handed in: "the attached report"."""
    generic = content_terms(section(language, "topic").get("generic", ""), language)
    return set(content_terms(topic, language)) <= set(generic)


def subject_of(topic: str, language: str) -> str:
    """A topic phrase without its leading article: how a text names the thing ("The carbon cycle" -> "carbon cycle")."""
    first, _, rest = topic.partition(" ")
    return rest if rest and first.lower() in words(language, "leading_articles") else topic


def first_sentence(prompt: str) -> str:
    """The first line or sentence with a letter; a label such as "Topic:" goes."""
    for line in prompt.splitlines():
        text = _LABEL.sub("", line)
        if regex.search(r"[\p{L}\p{N}]", text):
            return _SENTENCE_END.split(text)[0].strip()
    return prompt.strip()


def _trimmed(topic: str, language: str) -> str:
    """The topic without what comes after it: length, readers, tone, form, sources."""
    tail = pattern(language, "topic", "tails", r"[\s,;:(–—-]+{}.*")
    return _shortened(tail.sub("", " " + topic) if tail else topic)


def _shortened(text: str) -> str:
    """At most `MAX_CHARACTERS`, cut before a comma or dash if there is one late enough, else between words.

    Of a long title with a subtitle ("The Keeling Curve: how ...") the title is the topic.
    """
    text = regex.sub(r"\s+", " ", text).strip(_EDGES)
    title, colon, _ = text.partition(": ")
    if colon and len(text) > _TITLE_AND_SUBTITLE and " " in title:
        text = title
    if len(text) <= MAX_CHARACTERS:
        return text
    head = text[: MAX_CHARACTERS + 1]
    clause = max(head.rfind(mark) for mark in (", ", "; ", ": ", " – ", " — ", " (", "，", "、", "；"))
    if clause >= MAX_CHARACTERS // 4:
        return head[:clause].strip(_EDGES)
    cut = head.rfind(" ")
    return head[: cut if cut > 0 else MAX_CHARACTERS].strip(_EDGES)
