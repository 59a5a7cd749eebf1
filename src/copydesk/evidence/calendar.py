"""Month names and dates as the article languages write them."""

from functools import cache

from copydesk.domain.language import primary_language

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
_SHORT = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Sept",
    "de": "Jan Feb Mär Apr Mai Jun Jul Aug Sep Okt Nov Dez Sept Jänner",
    "fr": "janv févr mars avr mai juin juil août sept oct nov déc",
    "es": "ene feb mar abr may jun jul ago sep oct nov dic sept setiembre",
    "it": "gen feb mar apr mag giu lug ago set ott nov dic",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "nl": "jan feb mrt apr mei jun jul aug sep okt nov dec",
}
_EXTRA = {"sept": 9, "jänner": 1, "setiembre": 9}


def month_name(month: int, language: str) -> str:
    """The name of a month (1 to 12); English where the language has no table here."""
    return MONTHS.get(primary_language(language), MONTHS["en"]).split()[month - 1]


@cache
def month_numbers(language: str) -> dict[str, int]:
    """Month names and their usual abbreviations, lower case, to 1 to 12; English is always known."""
    numbers: dict[str, int] = {}
    for key in dict.fromkeys((primary_language(language), "en")):
        for table in (_SHORT, MONTHS):
            names = table.get(key, "").lower().split()
            numbers.update({name: _EXTRA.get(name, place + 1) for place, name in enumerate(names)})
    return numbers
