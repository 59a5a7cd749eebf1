"""Headings: the sources' own where they are fit for an article, else phrases of the passages."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from copydesk.domain.language import primary_language
from copydesk.domain.words import count_words, words_of
from copydesk.language.stopwords import stopwords
from copydesk.writers.terms import terms_of


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LONGEST_HEADING = 70  # characters
MOST_WORDS = 9  # of a heading; above it, it is a sentence set in bold
_NUMBERING = re.compile(
    r"^\s*(?:(?:chapter|section|part|kapitel|abschnitt|teil|chapitre|capítulo|capitolo)\s+)?"
    r"(?:\d+(?:\.\d+)*[.):]?|[IVX]+[.):]|[A-Za-z][.)])\s+",
    re.IGNORECASE,
)
_UNFIT = re.compile(r"https?://|www\.|[|<>{}\[\]@#*_=\\/]|[.!;,:\u2026]$|^[^\w\"'\u201c\u201e\u00ab\u00bf(]")
# Headings that say where in a document one is, not what about; they head nothing here.
_GENERIC = _words("""introduction overview summary
    conclusion conclusions abstract contents preface foreword general about
    home
    main article page document text notes note remarks description details information misc miscellaneous untitled
    results discussion table tables figures data sheet sheet1 background faq
    einleitung einführung überblick übersicht zusammenfassung fazit inhalt inhaltsverzeichnis vorwort allgemeines
    startseite artikel seite dokument anmerkungen hinweise beschreibung sonstiges ergebnisse tabelle daten blatt
    introducción resumen conclusión conclusiones contenido índice notas descripción resultados datos
    résumé conclusion sommaire aperçu généralités remarques résultats données
    introduzione riassunto conclusioni indice note descrizione risultati dati sommario
    introdução resumo conclusão conteúdo notas descrição resultados dados""")
# Sections that hold no text about the topic.
_APPARATUS = frozenset(
    (
        "references", "external links", "see also", "further reading", "bibliography", "sources", "citations",
        "footnotes", "table of contents", "contents", "acknowledgements", "acknowledgments", "navigation menu",
        "literatur", "einzelnachweise", "weblinks", "siehe auch", "quellen", "fußnoten", "inhaltsverzeichnis",
        "impressum", "références", "liens externes", "voir aussi", "bibliographie", "notes et références",
        "referencias", "enlaces externos", "véase también", "bibliografía", "note", "collegamenti esterni",
        "voci correlate", "bibliografia", "referências", "ligações externas", "ver também",
    )
)  # fmt: skip
# What comes first in an article, and what comes last, by how the sources head it.
_EARLY = re.compile(
    r"\b(introduction|overview|definition|what is|what are|basics|einleitung|überblick|grundlagen|was ist|was sind|"
    r"introducción|définition|qu'est-ce|introduzione|introdução)",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"\b(background|history|origin|beginning|hintergrund|geschichte|ursprung|anfänge|historia|histoire|storia|"
    r"história|contexte|contexto|contesto)",
    re.IGNORECASE,
)
_LATE = re.compile(
    r"\b(outlook|future|limit|conclusion|challenge|critici|risk|caveat|summary|open question|cannot|ausblick|zukunft|"
    r"grenzen|fazit|kritik|risik|perspectiv|conclusi|résumé|riassunto|resum|avenir|futur)",
    re.IGNORECASE,
)
_SMALL = _words("a an the and or but nor for of on in at by to from with as per via vs into")
_SEGMENT = re.compile(r"[^.,;:!?()\[\]\"\u201c\u201d\u201e\u00ab\u00bb\u2013\u2014\u2026]+")
_NUMBER = re.compile(r"\d+")


def is_apparatus(headings: Iterable[str]) -> bool:
    """Whether a passage under this path of headings belongs to a list of references or the like."""
    return any(bare(heading).casefold() in _APPARATUS for heading in headings)


def bare(heading: str) -> str:
    """A heading without its numbering and surrounding white space."""
    return _NUMBERING.sub("", " ".join(heading.split())).strip()


def own_heading(headings: Sequence[str], *, language: str, taken: Iterable[str]) -> str | None:
    """The deepest heading of a path that can head a section of an article, set as headings are here.

    Args:
        headings: The path of headings above a passage, outermost first.
        language: The article's language, BCP 47.
        taken: Texts that a heading may not equal: the article's title and topic, the source's title.
    """
    folded = {fold(text) for text in taken}
    for heading in reversed(headings):
        text = bare(heading)
        if _fit(text) and fold(text) not in folded:
            return titled(text, language)
    return None


def is_early(heading: str) -> bool:
    """Whether a heading speaks of what a thing is, which comes first."""
    return _EARLY.search(heading) is not None


def is_background(heading: str) -> bool:
    """Whether a heading speaks of history and background, which come second."""
    return _BACKGROUND.search(heading) is not None


def is_late(heading: str) -> bool:
    """Whether a heading speaks of limits, outlook or conclusions, which come last."""
    return _LATE.search(heading) is not None


def fold(text: str) -> str:
    """A heading as it is compared with others."""
    return " ".join(word.casefold() for word in words_of(text))


def _fit(text: str) -> bool:
    words = count_words(text)
    if not 0 < words <= MOST_WORDS or len(text) > LONGEST_HEADING or _UNFIT.search(text) or _NUMBER.search(text):
        return False
    return fold(text) not in _GENERIC and any(character.isalpha() for character in text)


def titled(text: str, language: str) -> str:
    """A heading or title in the case that its language sets them in: title case in English, else as it is."""
    words = text.split()
    if text.isupper() and count_words(text) > 1:
        words = [word.capitalize() for word in words]
    if primary_language(language) == "en":
        last = len(words) - 1
        words = [_english(word, edge=i in (0, last), after=words[i - 1] if i else "") for i, word in enumerate(words)]
    return _raised(" ".join(words))


def _english(word: str, *, edge: bool, after: str) -> str:
    lower = word.casefold()
    if after.endswith(":"):
        return _raised(word)
    if lower in _SMALL and not edge:
        return lower if word.istitle() or word.islower() else word
    return "-".join(part if part.casefold() in _SMALL else _raised(part) for part in word.split("-"))


def _raised(text: str) -> str:
    """With a capital at the start, unless the first word has one inside ("iPhone", "pH")."""
    first = text.split(" ", 1)[0]
    return text if any(character.isupper() for character in first) else text[:1].upper() + text[1:]


def salient_phrase(texts: Sequence[str], spread: Counter[str], *, language: str, taken: Iterable[str]) -> str | None:
    """A phrase of the passages that may head them, or None where none is sure to be whole.

    A phrase qualifies when it is one to three words between function words or punctuation (so that it
    is a whole noun phrase and no piece of one), occurs at least twice, and does not occur everywhere.

    Args:
        texts: The passages of the section.
        spread: In how many of all passages each term occurs.
        language: BCP 47.
        taken: Headings, title and topic that it may not equal.
    """
    folded = {fold(text) for text in taken}
    counts: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for text in texts:
        for phrase in _phrases(text, language):
            counts[fold(phrase)] += 1
            shown.setdefault(fold(phrase), phrase)
    ranked = sorted(counts, key=lambda key: (-_weight(key, counts[key], spread), key))
    for key in ranked:
        if counts[key] > 1 and key not in folded and _fit(shown[key]):
            return titled(shown[key], language)
    return None


def _weight(key: str, count: int, spread: Counter[str]) -> float:
    terms = terms_of(key)
    if not terms:
        return 0.0
    rarity = sum(1 / (1 + spread[term]) for term in terms) / len(terms)
    return float(count * math.sqrt(count_words(key)) * (0.2 + rarity))


def _phrases(text: str, language: str) -> Iterator[str]:
    """Whole noun phrases of a text, as far as the words around a run of content words can show them."""
    primary = primary_language(language)
    stops = stopwords(primary)
    if not stops:
        return
    stops |= _VERBS.get(primary, frozenset())
    for segment in _SEGMENT.finditer(text):
        before, run = "", list[str]()
        for word in (*words_of(segment[0]), ""):
            folded = word.casefold()
            if word and folded not in stops and not _NUMBER.search(word):
                run.append(word)
                continue
            found = _german_nouns(before, run) if primary == "de" else [_between(before, run, folded, primary)]
            yield from (" ".join(phrase) for phrase in found if phrase)
            before, run = folded, []


def _german_nouns(before: str, run: Sequence[str]) -> Iterator[list[str]]:
    """The capitalized words of a run, one or two together; a capital at the start of a sentence shows no noun."""
    inside = run if before else run[1:]
    for capital, group in groupby(inside, key=lambda word: word[:1].isupper()):
        nouns = list(group)
        if capital and len(nouns) <= 2:  # noqa: PLR2004 - "Deutsche Bahn"; longer ones are lists and names of bodies
            yield nouns


def _between(before: str, run: Sequence[str], after: str, language: str) -> Sequence[str]:
    """The run, if an article or preposition opens it and no article follows, as one would follow a verb."""
    if not 1 < len(run) <= 3 or before not in _OPENERS.get(language, ()) or after in _ARTICLES.get(language, ()):  # noqa: PLR2004 - longer runs hold a verb more often than not
        return ()
    return () if run[-1].endswith(_VERBAL.get(language, ())) else run


_ARTICLES = {
    "en": _words("the a an this these its their his her our your it them"),
    "fr": _words("le la les l un une des du ce cette ces son sa ses leur leurs"),
    "es": _words("el la los las un una unos unas este esta su sus"),
    "it": _words("il lo la i gli le un uno una questo questa suo sua"),
    "pt": _words("o a os as um uma este esta seu sua"),
}
_OPENERS = {
    "en": _words("the a an this these its their of in on for with by from between"),
    "fr": _ARTICLES["fr"] | _words("de d en avec pour par"),
    "es": _ARTICLES["es"] | _words("de del en con para por"),
    "it": _ARTICLES["it"] | _words("di del della dei delle in con per"),
    "pt": _ARTICLES["pt"] | _words("de do da dos das em com para por"),
}
# Common verb forms and the like that no ending shows.
_VERBS = {"en": _words("according based due including use uses used using make makes made one two three four several")}
# Endings that show a run to end in a verb, adverb or participle rather than in a noun.
_VERBAL = {
    "en": ("ed", "ly", "ing"),
    "fr": ("ent", "er", "ment"),
    "es": ("ar", "er", "ir", "mente"),
    "it": ("are", "ere", "ire", "mente"),
    "pt": ("ar", "er", "ir", "mente"),
}
