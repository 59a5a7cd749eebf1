"""How figures from tables are said in sentences, in the languages that have templates here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from copydesk.domain.language import primary_language
from copydesk.evidence.calendar import month_name

_NARROW = "\u202f"  # the French thousands separator (Imprimerie nationale)


# English measures that take an article; mass nouns ("carbon dioxide", "precipitation") and plurals take none.
_COUNTED = frozenset(
    [
        "age",
        "amount",
        "anomaly",
        "area",
        "average",
        "concentration",
        "cost",
        "count",
        "density",
        "depth",
        "difference",
        "distance",
        "duration",
        "elevation",
        "frequency",
        "gap",
        "height",
        "index",
        "intensity",
        "length",
        "level",
        "limit",
        "maximum",
        "mean",
        "median",
        "minimum",
        "number",
        "percentage",
        "population",
        "power",
        "pressure",
        "price",
        "probability",
        "proportion",
        "quantity",
        "range",
        "rate",
        "ratio",
        "result",
        "score",
        "share",
        "size",
        "speed",
        "sum",
        "temperature",
        "thickness",
        "total",
        "value",
        "velocity",
        "volume",
        "weight",
        "width",
        "yield",
        "wage",
        "budget",
        "deficit",
        "surplus",
    ]
)


def _with_article(name: str) -> str:
    last = name.rsplit(" ", maxsplit=1)[-1].lower()
    return f"the {name}" if last in _COUNTED else name


def _lowered(name: str) -> str:
    first = name.split(" ", 1)[0]
    if first[:1].isupper() and first[1:].islower() and _is_common(first.lower()):
        return name[:1].lower() + name[1:]
    return name


def _is_common(word: str) -> bool:
    """Whether an English dictionary has a word in lower case."""
    from simplemma import is_known  # noqa: PLC0415 - loads a dictionary

    return is_known(word, lang="en") is True


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """The templates of one language. Lists hold variants that columns take in turn."""

    language: str
    thousands: str
    grouped_from: int  # smaller numbers stand without thousands separator
    decimal: str
    percent: str  # of a number without sign
    year: tuple[str, str]  # alone, and with its preposition
    decade: tuple[str, str]
    month: tuple[str, str]
    day: tuple[str, str]
    steps: Mapping[str, str]  # year, month, day, decade
    sentences: Mapping[str, tuple[str, ...]]

    def say(self, key: str, variant: int, **values: str) -> str:
        """Fill a template and set its first letter upper case."""
        variants = self.sentences[key]
        text = variants[variant % len(variants)].format(**values)
        return text[:1].upper() + text[1:]

    def number(self, value: Decimal, decimals: int) -> str:
        """A number rounded half up to `decimals` places, without trailing zeros."""
        rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
        whole, _, fraction = format(abs(rounded), "f").partition(".")
        fraction = fraction.rstrip("0")
        if int(whole) >= self.grouped_from:
            whole = f"{int(whole):,}".replace(",", self.thousands)
        sign = "-" if rounded < 0 else ""
        return sign + whole + (self.decimal + fraction if fraction else "")

    def say_percent(self, share: Decimal) -> str:
        """A share of change behind the absolute one, to one decimal place."""
        return self.sentences["percent"][0].format(self.number(share, 1))

    def inside(self, name: str) -> str:
        """A column's name as it stands inside a sentence.

        In English "Carbon dioxide, yearly mean" is read as "the yearly mean of carbon dioxide", a common
        word loses its capital, and a measure that is counted gets its article ("the price").
        """
        if self.language != "en":
            return name
        head, comma, rest = name.partition(", ")
        if not comma:
            return _with_article(_lowered(name))
        if rest.split(" ")[-1].lower() in _COUNTED:
            return f"the {_lowered(rest)} of {_with_article(_lowered(head))}"
        return f"{_with_article(_lowered(head))} ({rest})"

    def value(self, value: Decimal, decimals: int, unit: str) -> str:
        """A number with its unit."""
        number = self.number(value, decimals)
        if unit == "%":
            return self.percent.format(number)
        if unit in ("$", "€", "£", "¥") and self.language == "en":
            return f"-{unit}{number[1:]}" if number.startswith("-") else f"{unit}{number}"
        return f"{number} {unit}" if unit else number

    def point(self, day: date, step: str, *, inside: bool) -> str:
        """A point in time at the precision of `step`; with its preposition where `inside`."""
        forms = {"year": self.year, "decade": self.decade, "month": self.month, "day": self.day}[step]
        form = forms[1 if inside else 0]
        return form.format(year=day.year, month=month_name(day.month, self.language), day=day.day)


_EN = Phrases(
    language="en",
    thousands=",",
    grouped_from=1_000,
    decimal=".",
    percent="{} percent",
    year=("{year}", "in {year}"),
    decade=("the {year}s", "in the {year}s"),
    month=("{month} {year}", "in {month} {year}"),
    day=("{day} {month} {year}", "on {day} {month} {year}"),
    steps={"year": "year", "month": "month", "day": "day", "decade": "decade"},
    sentences={
        "regular": ("The table “{table}” has {rows} rows, one for each {step} from {start} to {end}.",),
        "dated": ("The table “{table}” has {rows} rows from the time between {start} and {end}.",),
        "listed": ("The table “{table}” has {rows} rows.",),
        "up": (
            "{name} rose from {first} {when_first} to {last} {when_last}, an increase of {change}{percent}.",
            "Between {start} and {end}, {name} went up from {first} to {last}, by {change}{percent}.",
            "{when_first}, {name} stood at {first}; {when_last} it had reached {last}, an increase of {change}{percent}.",
        ),
        "down": (
            "{name} fell from {first} {when_first} to {last} {when_last}, a decrease of {change}{percent}.",
            "Between {start} and {end}, {name} went down from {first} to {last}, by {change}{percent}.",
            "{when_first}, {name} stood at {first}; {when_last} it was down to {last}, a decrease of {change}{percent}.",
        ),
        "same": ("{name} had the same value {when_first} and {when_last}, {first}.",),
        "extremes": (
            "The lowest point of {name} came {when_low}, at {low}, and the highest {when_high}, at {high}.",
            "{name} was highest {when_high}, at {high}, and lowest {when_low}, at {low}.",
        ),
        "rise": (
            "The largest rise of {name} from one {step} to the next came {when}, with {change}.",
            "No {step} brought a larger rise over the one before than {point}, when {name} went up by {change}.",
        ),
        "highest": (
            "{name} peaked {when_high}, at {high}.",
            "The highest point of {name} came {when_high}, at {high}.",
        ),
        "lowest": ("{name} was lowest {when_low}, at {low}.", "The lowest point of {name} came {when_low}, at {low}."),
        "decades": ("In the {early}s, {name} averaged {first}, and in the {late}s it averaged {last}.",),
        "season": (
            "Averaged by calendar month over the years {start} to {end}, {name} is highest in {high_month}, at {high}, "
            "and lowest in {low_month}, at {low}.",
        ),
        "mean": ("The mean of {name} over all {count} rows with a value is {mean}.",),
        "entries": (
            "{name} is highest for {high_label}, at {high}, and lowest for {low_label}, at {low}.",
            "The highest value of {name} belongs to {high_label}, with {high}, and the lowest to {low_label}, with {low}.",
        ),
        "top": ("The three highest values of {name} are {a} ({label_a}), {b} ({label_b}) and {c} ({label_c}).",),
        "range": ("The values of {name} lie between {low} and {high}.",),
        "frequent": (
            "Of the {count} rows with a value in “{column}”, {n_a} ({p_a} percent) have “{a}” and {n_b} ({p_b} percent) have “{b}”.",
        ),
        "groups": (
            "Grouped by {column}, the mean of {name} is highest for {high_label}, at {high}, and lowest for {low_label}, at {low}.",
        ),
        "category_up": (
            "For {label}, {name} rose from {first} {when_first} to {last} {when_last}, an increase of {change}{percent}.",
        ),
        "category_down": (
            "For {label}, {name} fell from {first} {when_first} to {last} {when_last}, a decrease of {change}{percent}.",
        ),
        "percent": (", or {} percent",),
    },
)
_DE = Phrases(
    language="de",
    thousands=".",
    grouped_from=10_000,
    decimal=",",
    percent="{} Prozent",
    year=("{year}", "im Jahr {year}"),
    decade=("den {year}er Jahren", "in den {year}er Jahren"),
    month=("{month} {year}", "im {month} {year}"),
    day=("{day}. {month} {year}", "am {day}. {month} {year}"),
    steps={"year": "Jahr", "month": "Monat", "day": "Tag", "decade": "Jahrzehnt"},
    sentences={
        "regular": ("Die Tabelle „{table}“ hat {rows} Zeilen, für jeden Zeitpunkt eine, von {start} bis {end}.",),
        "dated": ("Die Tabelle „{table}“ hat {rows} Zeilen aus der Zeit von {start} bis {end}.",),
        "listed": ("Die Tabelle „{table}“ hat {rows} Zeilen.",),
        "up": (
            "Der Wert „{name}“ stieg von {first} {when_first} auf {last} {when_last}, ein Anstieg um {change}{percent}.",
            "Von {start} bis {end} nahm der Wert „{name}“ von {first} auf {last} zu, also um {change}{percent}.",
        ),
        "down": (
            "Der Wert „{name}“ sank von {first} {when_first} auf {last} {when_last}, ein Rückgang um {change}{percent}.",
            "Von {start} bis {end} nahm der Wert „{name}“ von {first} auf {last} ab, also um {change}{percent}.",
        ),
        "same": ("Der Wert „{name}“ war {when_first} und {when_last} gleich, nämlich {first}.",),
        "extremes": (
            "Am höchsten lag der Wert „{name}“ {when_high} mit {high}, am niedrigsten {when_low} mit {low}.",
            "Den höchsten Wert erreichte „{name}“ {when_high} mit {high}, den niedrigsten {when_low} mit {low}.",
        ),
        "highest": ("Am höchsten lag der Wert „{name}“ {when_high} mit {high}.",),
        "lowest": ("Am niedrigsten lag der Wert „{name}“ {when_low} mit {low}.",),
        "rise": ("Die größte Zunahme von „{name}“ gegenüber der Zeile davor gab es {when} mit {change}.",),
        "decades": (
            "Im Mittel der {early}er Jahre lag der Wert „{name}“ bei {first}, im Mittel der {late}er Jahre bei {last}.",
        ),
        "season": (
            "Nach Kalendermonaten gemittelt lag der Wert „{name}“ in den Jahren {start} bis {end} im {high_month} mit {high} "
            "am höchsten und im {low_month} mit {low} am niedrigsten.",
        ),
        "mean": ("Der Mittelwert von „{name}“ über alle {count} Zeilen mit einem Wert beträgt {mean}.",),
        "entries": (
            "Am höchsten ist der Wert „{name}“ bei {high_label} mit {high}, am niedrigsten bei {low_label} mit {low}.",
        ),
        "top": ("Die drei höchsten Werte von „{name}“ sind {a} ({label_a}), {b} ({label_b}) und {c} ({label_c}).",),
        "range": ("Die Werte von „{name}“ liegen zwischen {low} und {high}.",),
        "frequent": (
            "Von {count} Zeilen mit einem Eintrag in „{column}“ haben {n_a} ({p_a} Prozent) „{a}“ und {n_b} ({p_b} Prozent) „{b}“.",
        ),
        "groups": (
            "Nach „{column}“ gruppiert ist der Mittelwert von „{name}“ bei {high_label} mit {high} am höchsten und bei "
            "{low_label} mit {low} am niedrigsten.",
        ),
        "category_up": (
            "Bei {label} stieg der Wert „{name}“ von {first} {when_first} auf {last} {when_last}, also um {change}{percent}.",
        ),
        "category_down": (
            "Bei {label} sank der Wert „{name}“ von {first} {when_first} auf {last} {when_last}, also um {change}{percent}.",
        ),
        "percent": (" oder {} Prozent",),
    },
)
_FR = Phrases(
    language="fr",
    thousands=_NARROW,
    grouped_from=10_000,
    decimal=",",
    percent="{} %",
    year=("{year}", "en {year}"),
    decade=("les années {year}", "dans les années {year}"),
    month=("{month} {year}", "en {month} {year}"),
    day=("{day} {month} {year}", "le {day} {month} {year}"),
    steps={"year": "année", "month": "mois", "day": "jour", "decade": "décennie"},
    sentences={
        "regular": ("Le tableau « {table} » compte {rows} lignes, de {start} à {end}.",),
        "dated": ("Le tableau « {table} » compte {rows} lignes datées entre {start} et {end}.",),
        "listed": ("Le tableau « {table} » compte {rows} lignes.",),
        "up": (
            "La valeur « {name} » est passée de {first} {when_first} à {last} {when_last}, soit une hausse de {change}{percent}.",
            "Entre {start} et {end}, la valeur « {name} » a augmenté de {first} à {last}, soit de {change}{percent}.",
        ),
        "down": (
            "La valeur « {name} » est passée de {first} {when_first} à {last} {when_last}, soit une baisse de {change}{percent}.",
            "Entre {start} et {end}, la valeur « {name} » a diminué de {first} à {last}, soit de {change}{percent}.",
        ),
        "same": ("La valeur « {name} » est la même {when_first} et {when_last}, {first}.",),
        "extremes": (
            "La valeur « {name} » a culminé {when_high}, à {high}, et a été la plus basse {when_low}, à {low}.",
            "La plus haute valeur de « {name} » est {high}, {when_high}, et la plus basse {low}, {when_low}.",
        ),
        "highest": ("La valeur « {name} » a culminé {when_high}, à {high}.",),
        "lowest": ("La valeur « {name} » a été la plus basse {when_low}, à {low}.",),
        "rise": ("La plus forte hausse de « {name} » d'une ligne à la suivante est de {change}, {when}.",),
        "decades": (
            "La moyenne de « {name} » dans les années {early} est de {first}, et de {last} dans les années {late}.",
        ),
        "season": (
            "En moyenne par mois sur les années {start} à {end}, la valeur « {name} » est la plus haute en {high_month}, à {high}, "
            "et la plus basse en {low_month}, à {low}.",
        ),
        "mean": ("La moyenne de « {name} » sur les {count} lignes renseignées est de {mean}.",),
        "entries": (
            "La valeur « {name} » est la plus haute pour {high_label}, à {high}, et la plus basse pour {low_label}, à {low}.",
        ),
        "top": (
            "Les trois plus hautes valeurs de « {name} » sont {a} ({label_a}), {b} ({label_b}) et {c} ({label_c}).",
        ),
        "range": ("Les valeurs de « {name} » vont de {low} à {high}.",),
        "frequent": (
            "Sur {count} lignes renseignées dans « {column} », {n_a} ({p_a} %) portent « {a} » et {n_b} ({p_b} %) « {b} ».",
        ),
        "groups": (
            "Selon « {column} », la moyenne de « {name} » est la plus haute pour {high_label}, à {high}, et la plus basse pour "
            "{low_label}, à {low}.",
        ),
        "category_up": (
            "Pour {label}, la valeur « {name} » a augmenté de {first} {when_first} à {last} {when_last}, soit de {change}{percent}.",
        ),
        "category_down": (
            "Pour {label}, la valeur « {name} » a diminué de {first} {when_first} à {last} {when_last}, soit de {change}{percent}.",
        ),
        "percent": (" ou {} %",),
    },
)
_ES = Phrases(
    language="es",
    thousands=".",
    grouped_from=10_000,
    decimal=",",
    percent="{} %",
    year=("{year}", "en {year}"),
    decade=("la década de {year}", "en la década de {year}"),
    month=("{month} de {year}", "en {month} de {year}"),
    day=("{day} de {month} de {year}", "el {day} de {month} de {year}"),
    steps={"year": "año", "month": "mes", "day": "día", "decade": "década"},
    sentences={
        "regular": ("La tabla «{table}» tiene {rows} filas, una por cada {step}, de {start} a {end}.",),
        "dated": ("La tabla «{table}» tiene {rows} filas fechadas entre {start} y {end}.",),
        "listed": ("La tabla «{table}» tiene {rows} filas.",),
        "up": (
            "El valor «{name}» subió de {first} {when_first} a {last} {when_last}, un aumento de {change}{percent}.",
            "Entre {start} y {end}, el valor «{name}» aumentó de {first} a {last}, es decir, {change}{percent}.",
        ),
        "down": (
            "El valor «{name}» bajó de {first} {when_first} a {last} {when_last}, un descenso de {change}{percent}.",
            "Entre {start} y {end}, el valor «{name}» disminuyó de {first} a {last}, es decir, {change}{percent}.",
        ),
        "same": ("El valor «{name}» fue el mismo {when_first} y {when_last}, {first}.",),
        "extremes": (
            "El valor «{name}» fue más alto {when_high}, con {high}, y más bajo {when_low}, con {low}.",
            "El valor más alto de «{name}» es {high}, {when_high}, y el más bajo {low}, {when_low}.",
        ),
        "highest": ("El valor «{name}» fue más alto {when_high}, con {high}.",),
        "lowest": ("El valor «{name}» fue más bajo {when_low}, con {low}.",),
        "rise": ("El mayor aumento de «{name}» de una fila a la siguiente fue de {change}, {when}.",),
        "decades": ("La media de «{name}» en la década de {early} es de {first}, y en la de {late} es de {last}.",),
        "season": (
            "En la media por meses de los años {start} a {end}, el valor «{name}» es más alto en {high_month}, con {high}, "
            "y más bajo en {low_month}, con {low}.",
        ),
        "mean": ("La media de «{name}» en las {count} filas con valor es de {mean}.",),
        "entries": (
            "El valor «{name}» es más alto en {high_label}, con {high}, y más bajo en {low_label}, con {low}.",
        ),
        "top": ("Los tres valores más altos de «{name}» son {a} ({label_a}), {b} ({label_b}) y {c} ({label_c}).",),
        "range": ("Los valores de «{name}» están entre {low} y {high}.",),
        "frequent": (
            "De {count} filas con valor en «{column}», {n_a} ({p_a} %) tienen «{a}» y {n_b} ({p_b} %) tienen «{b}».",
        ),
        "groups": (
            "Por «{column}», la media de «{name}» es más alta en {high_label}, con {high}, y más baja en {low_label}, con {low}.",
        ),
        "category_up": (
            "En {label}, el valor «{name}» subió de {first} {when_first} a {last} {when_last}, es decir, {change}{percent}.",
        ),
        "category_down": (
            "En {label}, el valor «{name}» bajó de {first} {when_first} a {last} {when_last}, es decir, {change}{percent}.",
        ),
        "percent": (" o {} %",),
    },
)


def phrases_of(language: str) -> Phrases | None:
    """The templates of a language (BCP 47), or None where there are none."""
    return {phrases.language: phrases for phrases in (_EN, _DE, _FR, _ES)}.get(primary_language(language))
