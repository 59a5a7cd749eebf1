r"""What is known of each language: one file a language in `lexicons/`, and `any.toml` for all of them.

A language may lack any entry; what needs it is then left out for texts of that language.

- `leading_articles`: what a noun phrase may begin with and is named as well without;
- `stopwords`, `negations`: function words and words that deny, lower case, apart by white space; `privatives`:
  those of the latter that another negation undoes ("not without");
- `measures`, `articles` (German): nouns that another noun follows directly, and what stands before a noun;
- `months`, `months_short`: twelve names in order, `months_short` with further spellings behind;
- `months_inflected`: the twelve names once or more in other cases;
- `[leaning]`, `[topic]`, `[support]` and `any.toml`: patterns of the `regex` package without case, whose line
  breaks (with the indentation behind them) do not count;
- `[support]`: `denial`, what denies where words alone do not tell (else `negations`); `names`, what is a name where
  no capitals tell, as group `name`; `name_endings`, how many letters at its end a name may change in other cases;
- `[numerals]`: the words for 0 to 19, for 20 to 90, and for 100; `forms`: further words by number;
- `[phrases]`: how the figures of tables are said; the names in braces are those that `phrases.py` fills.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import regex

from copydesk.domain.language import primary_language

ANY = "any"


@cache
def lexicon(language: str) -> Mapping[str, Any]:
    """The entries of a language (BCP 47, or `ANY`); empty for one without a file."""
    resource = files("copydesk.language") / "lexicons" / f"{primary_language(language)}.toml"
    return tomllib.loads(resource.read_text(encoding="utf-8")) if resource.is_file() else {}


def words(language: str, entry: str) -> list[str]:
    """The words of an entry; none where the language has no such entry."""
    text: str = lexicon(language).get(entry, "")
    return text.split()


def section(language: str, name: str) -> Mapping[str, Any]:
    """A table of entries; empty where the language has none."""
    table: Mapping[str, Any] = lexicon(language).get(name, {})
    return table


def fragment(text: str) -> str:
    """A pattern in one line, to be put into another."""
    return "".join(line.lstrip() for line in text.splitlines())


@cache
def pattern(language: str, table: str, entry: str, frame: str = "{}") -> regex.Pattern[str] | None:
    """An entry of a table compiled without case, put for the braces of `frame`; None where there is none."""
    source = section(language, table).get(entry)
    return regex.compile(frame.replace("{}", f"(?:{fragment(source)})", 1), regex.IGNORECASE) if source else None


@cache
def general(entry: str) -> regex.Pattern[str]:
    """A pattern of `any.toml`, compiled without case."""
    return regex.compile(f"(?:{fragment(lexicon(ANY)[entry])})", regex.IGNORECASE)


@cache
def languages_with(entry: str) -> tuple[str, ...]:
    """The primary languages that have an entry or table, in alphabetical order."""
    folder = files("copydesk.language") / "lexicons"
    names = sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
    return tuple(name for name in names if name != ANY and entry in lexicon(name))
