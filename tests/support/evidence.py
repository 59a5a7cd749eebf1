"""Evidence made by hand: small but realistic, in several languages, and large made-up evidence for sizes."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from copydesk.domain.brief import Brief, WordRange
from copydesk.domain.sentences import split_sentences
from copydesk.domain.source import Evidence, Passage, Place, Source, SourceKind
from copydesk.domain.words import writes_without_spaces


@dataclass(frozen=True, kw_only=True)
class Told:
    """One passage as a test tells it."""

    text: str
    headings: tuple[str, ...] = ()
    stands_alone: bool = True
    computed: bool = False


@dataclass(frozen=True, kw_only=True)
class Given:
    """One source as a test tells it."""

    title: str
    told: tuple[Told, ...]
    kind: SourceKind = SourceKind.FILE
    url: str | None = None
    site: str | None = None
    license: str | None = None


def told(text: str, *, computed: bool = False) -> tuple[Told, ...]:
    """Passages from a text: a blank line between them, `# Outer > Inner` for the headings of those that follow."""
    passages, headings = [], tuple[str, ...]()
    for block in text.strip().split("\n\n"):
        if block.startswith("# "):
            headings = tuple(block[2:].split(" > "))
        else:
            passages.append(Told(text=block.replace("\n", " "), headings=headings, computed=computed))
    return tuple(passages)


def evidence_of(given: Sequence[Given], language: str = "en") -> Evidence:
    """Evidence of sources in order; passages of all sources in turn, so that no source is best throughout."""
    sources, rows = [], []
    for number, one in enumerate(given):
        sources.append(_source(number, one, language))
        rows.append([_passage(number, position, told, language) for position, told in enumerate(one.told)])
    ranked = [row[i] for i in range(max(map(len, rows), default=0)) for row in rows if i < len(row)]
    scored = [replace(passage, score=round(1 - i / (len(ranked) + 1), 3)) for i, passage in enumerate(ranked)]
    return Evidence(sources=tuple(sources), passages=tuple(scored))


def _source(number: int, given: Given, language: str) -> Source:
    return Source(
        source_id=f"source-{number}",
        position=number,
        kind=given.kind,
        url=given.url,
        file_id=f"file-{number}" if given.kind is SourceKind.FILE else None,
        title=given.title,
        site=given.site,
        accessed_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
        license=given.license,
        language=language,
    )


def _passage(number: int, position: int, told: Told, language: str) -> Passage:
    return Passage(
        passage_id=f"s{number}p{position}",
        source_id=f"source-{number}",
        sentences=tuple(split_sentences(told.text, language)),
        place=Place(headings=told.headings),
        language=language,
        position=position,
        stands_alone=told.stands_alone,
        computed=told.computed,
    )


def brief_for(
    topic: str, low: int, high: int, *, keywords: tuple[str, ...] = (), language: str = "en", prompt: str | None = None
) -> Brief:
    """A brief on a topic."""
    return Brief(
        prompt=prompt or topic,
        topic=topic,
        keywords=keywords,
        language=language,
        words=WordRange(minimum=low, maximum=high),
    )


def heat_pumps() -> Evidence:
    """Four sources in English: a file, an openly licensed page, a restricted page, and a table."""
    return evidence_of((_HANDBOOK, _ENCYCLOPEDIA, _MAGAZINE, _SALES))


def honey_bees() -> Evidence:
    """Two files and an openly licensed page in German."""
    return evidence_of((_BIENENKUNDE, _LEXIKON, _ERNTE), "de")


def tea() -> Evidence:
    """A file in Chinese, which writes no spaces and where every character counts."""
    return evidence_of((_TEA,), "zh")


def large(*, sources: int, passages: int, seed: int = 7, headed: bool = True) -> Evidence:
    """Made-up English evidence: `sources` x `passages` passages of two to four sentences, none twice."""
    chance = random.Random(seed)  # noqa: S311 - the same evidence in every run
    given = []
    for number in range(sources):
        told = [
            Told(text=" ".join(_made_up(chance, number, i, k) for k in range(chance.randint(2, 4))), headings=heading)
            for i in range(passages)
            for heading in [(f"Aspect {_NOUNS[(number + i // 4) % len(_NOUNS)]}",) if headed else ()]
        ]
        given.append(Given(title=f"Survey {number}", told=tuple(told)))
    return evidence_of(given)


_NOUNS = (
    *("harbour", "market", "river", "valley", "engine", "garden", "library", "museum", "station", "theatre", "castle"),
    *("bridge", "forest", "glacier", "desert", "meadow", "canal", "tunnel", "village", "orchard", "quarry", "mill"),
    *("lighthouse", "monastery", "workshop", "observatory", "vineyard", "pasture"),
)
_VERBS = ("supports", "serves", "feeds", "crosses", "borders", "shapes", "protects", "supplies", "connects", "attracts")
_ADJECTIVES = (
    "old",
    "northern",
    "quiet",
    "famous",
    "wide",
    "restored",
    "wooden",
    "coastal",
    "busy",
    "hidden",
    "remote",
)


def _made_up(chance: random.Random, source: int, passage: int, sentence: int) -> str:
    subject, verb, thing = chance.choice(_NOUNS), chance.choice(_VERBS), chance.choice(_NOUNS)
    first, second = chance.sample(_ADJECTIVES, 2)
    rest = " ".join(chance.sample(_NOUNS, chance.randint(2, 9)))
    number = source * 10_000 + passage * 10 + sentence + 17
    return f"The {first} {subject} {verb} the {second} {thing} with {number} visits beside {rest}."


def is_spaceless(evidence: Evidence) -> bool:
    """Whether the evidence is in a script without spaces."""
    return any(writes_without_spaces(passage.text) for passage in evidence.passages)


_HANDBOOK = Given(
    title="heat-pump-handbook.docx",
    told=told("""
# Heat Pump Handbook

A heat pump moves heat from a colder place to a warmer one. It takes energy from the air, the ground or water and
raises it to a temperature that can heat a building. A refrigerator works by the same principle.

# Heat Pump Handbook > How a Heat Pump Works

A refrigerant circulates in a closed loop between two heat exchangers. It evaporates in the outdoor unit at low
pressure and takes up heat while it does so. A compressor then raises its pressure and temperature.

The hot refrigerant condenses in the indoor unit and gives its heat to the heating water. An expansion valve lowers
the pressure again, and the cycle starts anew. Electric power is needed for the compressor alone.

The coefficient of performance compares the heat delivered with the electricity used. A value of 4 means that one
kilowatt-hour of electricity delivers four kilowatt-hours of heat. Mild weather raises the value, and a high flow
temperature lowers it.

# Heat Pump Handbook > Planning the Installation

An installer begins with the heat load of the building. The load follows from its area, its insulation and the
coldest days of the place. An oversized heat pump switches on and off too often and wears out early.

Radiators need attention before the heat pump is ordered. Large radiators and underfloor heating work with water of
35 to 45 degrees Celsius. Small old radiators may have to be replaced in the coldest rooms.

The outdoor unit should stand where air can flow freely. Neighbours hear less of it when it faces the street and
stands on rubber feet. Many towns ask for a distance of three metres from the boundary.

# Heat Pump Handbook > Limits and Open Questions

Not every building suits a heat pump without further work. Houses without insulation lose heat faster than a small
device can deliver it. Insulating the roof and the cellar ceiling is often the first step.

Refrigerants that escape can warm the climate many times more than carbon dioxide. Propane is a natural refrigerant
with a small effect on the climate. Devices with propane must stand outdoors or in ventilated rooms.
"""),
)
_ENCYCLOPEDIA = Given(
    title="Heat pump",
    kind=SourceKind.WEB,
    url="https://en.encyclopedia.org/wiki/Heat_pump",
    site="Encyclopedia",
    license="CC-BY-SA-4.0",
    told=told("""
# History

In 1748 William Cullen demonstrated artificial refrigeration at the University of Glasgow. Jacob Perkins patented a
practical refrigerator with a closed cycle in 1834.

In 1855 Peter von Rittinger built the first heat pump in Austria. His machine dried salt in the marshes of Upper
Austria and saved much of the wood that was burned before.

In 1938 the city hall of Zurich received a heat pump that takes heat from the river Limmat. The installation heated
the building for more than six decades before it was replaced.

# Types

Air-source heat pumps take heat from the outdoor air and are the most common type. They are cheap to install, but
their efficiency falls on very cold days.

Ground-source heat pumps use pipes in the soil, where the temperature hardly changes over the year. Drilling makes
them expensive, and they need less electricity in winter.

Water-source heat pumps draw heat from groundwater, rivers or the sea. District heating networks in Scandinavia use
very large machines of this kind.
"""),
)
_MAGAZINE = Given(
    title="What owners say",
    kind=SourceKind.REFERENCE,
    url="https://magazine.org/heat-pumps/owners",
    site="Home Magazine",
    told=told("""
# Costs and Savings

Owners report that the heat pump paid for itself within twelve years. Electricity tariffs with a cheap night rate
shorten this time by two or three years.

Maintenance costs are low because the device burns nothing and needs no chimney sweep. Most owners have it checked
once in two years by the company that installed it.

Grants cover up to 40 percent of the price in several countries. The application has to be filed before the contract
is signed, and it takes about six weeks to be decided.

Several owners regret that they did not insulate the roof first. Their heat pumps run longer than planned on frosty
days and use a third more electricity than the offer promised.
"""),
)
_SALES = Given(
    title="heat-pump-sales.csv",
    told=told(
        """
Sales of heat pumps rose from 410 thousand in 2015 to 930 thousand in 2022, an increase of 520 thousand. The largest
rise from one year to the next came in 2022, with 190 thousand.

In the years 2015 to 2018, sales of heat pumps averaged 455 thousand. In the years 2019 to 2022, they averaged 702
thousand.
""",
        computed=True,
    ),
)
_BIENENKUNDE = Given(
    title="bienenkunde.pdf",
    told=told("""
# Bienenkunde

Die Honigbiene ist ein staatenbildendes Insekt, das seit Jahrtausenden vom Menschen gehalten wird. Ein Volk besteht
im Sommer aus etwa 40.000 Arbeiterinnen, einigen hundert Drohnen und einer Königin.

# Bienenkunde > Das Leben im Stock

Arbeiterinnen übernehmen im Lauf ihres Lebens verschiedene Aufgaben. Junge Bienen putzen Zellen und füttern die
Brut, ältere bauen Waben und bewachen das Flugloch. Zuletzt fliegen sie aus und sammeln Nektar und Pollen.

Die Königin legt im Frühsommer bis zu 2.000 Eier am Tag. Aus befruchteten Eiern entstehen Arbeiterinnen, aus
unbefruchteten entstehen Drohnen. Eine Königin lebt drei bis fünf Jahre.

Der Schwänzeltanz zeigt anderen Sammlerinnen, wo eine Futterquelle liegt. Karl von Frisch entschlüsselte den Tanz
und erhielt dafür 1973 den Nobelpreis.

# Bienenkunde > Gefahren für die Völker

Die Varroamilbe ist der gefährlichste Schädling der Honigbiene in Europa. Sie kam in den siebziger Jahren aus Asien
und schwächt die Brut. Imker behandeln ihre Völker im Spätsommer mit Ameisensäure.

Pestizide schaden den Sammlerinnen auch in kleinen Mengen. Betroffene Bienen finden schlechter in den Stock zurück.
Blühstreifen ohne Pflanzenschutz helfen den Völkern am Rand großer Felder.
"""),
)
_LEXIKON = Given(
    title="Westliche Honigbiene",
    kind=SourceKind.WEB,
    url="https://de.lexikon.org/wiki/Honigbiene",
    site="Lexikon",
    license="https://creativecommons.org/licenses/by-sa/4.0/deed.de",
    told=told("""
# Bedeutung für die Landwirtschaft

Etwa 80 Prozent der Blütenpflanzen in Mitteleuropa sind auf die Bestäubung durch Insekten angewiesen. Die Honigbiene
leistet davon den größten Teil, weil sie in großer Zahl überwintert.

Obstbauern stellen zur Blüte Bienenvölker in ihre Anlagen. Die Erträge von Apfel und Kirsche steigen dadurch
deutlich, und die Früchte werden gleichmäßiger.

# Honig und Wachs

Honig entsteht aus Nektar oder Honigtau, den die Bienen eindicken und mit Enzymen versetzen. Reifer Honig enthält
weniger als 20 Prozent Wasser und ist deshalb lange haltbar.

Bienenwachs wird von jungen Arbeiterinnen ausgeschwitzt und zu Waben verbaut. Es dient dem Menschen seit dem
Altertum für Kerzen, Salben und Polituren.
"""),
)
_ERNTE = Given(
    title="honigernte.csv",
    told=told(
        """
Die Honigernte je Volk stieg von 27,1 Kilogramm im Jahr 2012 auf 38,6 Kilogramm im Jahr 2022. Am niedrigsten war sie
im Jahr 2013 mit 22,4 Kilogramm.
""",
        computed=True,
    ),
)
_TEA = Given(
    title="茶.txt",
    told=told("""
# 茶的历史

茶起源于中国西南部。人们在三千多年前已经采摘茶叶。唐代的陆羽写下了第一部关于茶的专著。

宋代流行点茶。茶粉放入碗中,用竹筅打出泡沫。这种方法后来传到了日本。

# 茶的种类

绿茶不经过发酵。采下的叶子很快加热,颜色保持翠绿。红茶完全发酵,汤色红亮。

乌龙茶属于半发酵茶。福建和台湾出产最有名的品种。普洱茶可以存放多年,味道越来越醇厚。
"""),
)
