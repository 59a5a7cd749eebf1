"""Month names as the languages of the lexicons write them."""

from functools import cache

from copydesk.language.lexicon import words

_YEAR = 12
_FURTHER = {"sept": 9, "jänner": 1, "setiembre": 9}  # spellings behind the twelve of `months_short`


def month_name(month: int, language: str) -> str:
    """The name of a month (1 to 12); in English where the language has none in its lexicon."""
    return (words(language, "months") or words("en", "months"))[month - 1]


@cache
def month_numbers(language: str) -> dict[str, int]:
    """Month names and their usual abbreviations, lower case, to 1 to 12; English ones are always known."""
    numbers: dict[str, int] = {}
    inflected = words(language, "months_inflected")
    numbers.update({name: place % _YEAR + 1 for place, name in enumerate(inflected)})
    for key in ("en", language):
        for entry in ("months_short", "months"):
            names = [name.lower() for name in words(key, entry)]
            numbers.update({name: place for place, name in enumerate(names[:_YEAR], start=1)})
            numbers.update({name: _FURTHER[name] for name in names[_YEAR:]})
    return numbers
