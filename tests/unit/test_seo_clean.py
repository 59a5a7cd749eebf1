# ruff: noqa: RUF001 -- letters and quotation marks as people write them
"""What makes a text unclean."""

import pytest
from support.growth import growth

from copydesk.seo.clean import find_unclean

CLEAN = """The Keeling Curve shows how carbon dioxide has risen in the air since 1958.[^1] It began at Mauna Loa.

## How it is measured

Infrared analysers look at dry air several times an hour.[^1]

- the air is dried first
- a reference gas is compared:

| year | ppm |
|---|---|
| 1958 | 315 |

### Instruments

> "We measure the whole hour," the station says.[^2]

The steps are these:

1. Take air.
2. Dry it.

## What it shows

Short label

The seasons stand out as a sawtooth (see above).

[^1]: Scripps, <https://keelingcurve.ucsd.edu>.
[^2]: NOAA.
"""


def kinds(content: str, **changes: str | None) -> list[str]:
    """The kinds of flaws found."""
    values = {"title": "The Keeling Curve", "language": "en", "prompt": None} | changes
    return [
        flaw.kind
        for flaw in find_unclean(
            content, title=str(values["title"]), language=str(values["language"]), prompt=values["prompt"]
        )
    ]


def test_find_unclean_when_text_is_clean_finds_nothing() -> None:
    """Headings, lists, tables, quotations and notes of a finished article are fine."""
    assert find_unclean(CLEAN, title="The Keeling Curve", language="en", prompt="Write about the Keeling Curve") == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("", "opening"),
        ("## Heading\n\nThe first text comes too late.", "opening"),
        ("- a list\n- comes first", "opening"),
        ("An opening stands here.\n\n# Title\n\nMore text stands here.", "heading"),
        ("An opening stands here.\n\n### Deep\n\nMore text stands here.", "heading"),
        ("An opening stands here.\n\n## One\n\nMore text here.\n\n#### Deep\n\nStill more text here.", "heading"),
        ("An opening stands here.\n\n## One\n\nText of one.\n\n## *One*!\n\nText of two.", "heading"),
        ("An opening stands here.\n\n## The Keeling curve\n\nMore text stands here.", "heading"),
        ("An opening stands here.\n\n##\n\nMore text stands here.", "heading"),
        ("This sentence comes again. Other text here. THIS sentence comes again!", "repeated"),
        ("This sentence was cut in the middle of", "unfinished"),
        ("This sentence ends with a comma,", "unfinished"),
        ("This sentence trails off...", "unfinished"),
        ("This announces a list that never comes:\n\nAnd here is the next one, finished.", "unfinished"),
        ("今天天气很好我们去公园", "unfinished"),
        ("Write to us at example.com for more of it.", "placeholder"),
        ("The price is [insert price here] a piece.", "placeholder"),
        ("Lorem ipsum dolor sit amet.", "placeholder"),
        ("More on this later. TODO check the number.", "placeholder"),
        ("It costs XXX dollars a piece.", "placeholder"),
        ("Dear {{ name }}, this is it.", "placeholder"),
        ("As an AI language model, I have no opinion.", "model_talk"),
        ("As an AI, I cannot do this.", "model_talk"),
        ("Here is the revised article about curves.", "model_talk"),
        ("Certainly! The curve is a record.", "model_talk"),
        ("Als KI-Sprachmodell kann ich das nicht sagen.", "model_talk"),
        ("<think>the user wants this</think> The curve is a record.", "model_talk"),
        ("The curve is a record. I hope this helps you.", "model_talk"),
        ("<|im_start|>assistant The curve is a record.", "model_talk"),
        ("```markdown\nThe curve is a record.\n```", "fence"),
        ("A statement with a lost mark.[^3]", "footnote"),
        ("A statement without mark.\n\n[^1]: A lost note.", "footnote"),
        ("A statement marked.[^1]\n\n[^1]: Once.\n\n[^1]: Twice.", "footnote"),
        ("Look at https://site.org/page for more of it.", "url"),
        ("Look at <https://site.org/page> for more of it.", "url"),
    ],
)
def test_find_unclean_when_one_thing_is_wrong_names_it(content: str, kind: str) -> None:
    """Each flaw is found under its kind, with a message and an excerpt."""
    flaws = find_unclean(content, title="The Keeling Curve", language="en", prompt=None)
    assert kind in [flaw.kind for flaw in flaws]
    assert all(flaw.message.endswith((".", ":", "'.")) and len(flaw.excerpt) <= 120 for flaw in flaws)


@pytest.mark.parametrize(
    "content",
    [
        "The Games of the XXX Olympiad took place in London.",
        "En la tabla se ve todo lo que hay.",
        "The term is used as an AI researcher would use it.",
        "The assistant helped as a matter of course, he said.",
        "Here is where the measurement began in 1958.",
        "Run `curl https://site.org` to see it at work.",
        "```\nTODO https://site.org lorem ipsum\n```\n\nThe code above is an example.",
        "He asked: “Is it so?”",
        "It was so.[^1]\n\n[^1]: See https://site.org.",
        "วันนี้อากาศดีมากและเราไปสวนสาธารณะกัน",
        "यह एक पूरा वाक्य है जो समाप्त होता है।",
    ],
)
def test_find_unclean_when_text_only_looks_suspicious(content: str) -> None:
    """Ordinary text, code and notes are not taken for placeholders, model talk or URLs."""
    content = f"An opening stands here.\n\n{content}" if content.startswith("```") else content
    assert kinds(content) == []


def test_find_unclean_when_the_prompt_is_about_a_placeholder() -> None:
    """What was asked about is no placeholder."""
    text = "Lorem ipsum is a text that printers use."
    assert kinds(text, prompt="The history of lorem ipsum") == []
    assert kinds(text, prompt="The history of printing") == ["placeholder"]


def test_find_unclean_when_instructions_of_the_prompt_are_left() -> None:
    """Instructions in the text are found, the topic's own words are not."""
    prompt = "Write an article about the effects of climate change on the Great Barrier Reef"
    assert kinds("We write an article about the effects of it.", prompt=prompt) == ["prompt"]
    assert kinds("The effects of climate change on the Great Barrier Reef are seen.", prompt=prompt) == []


def test_find_unclean_when_paragraphs_are_nearly_the_same() -> None:
    """A paragraph that shares most of its words in order with an earlier one is found."""
    first = (
        "The record began in 1958 and shows that carbon dioxide has risen in every single year since then at the site."
    )
    second = first.replace("began in 1958", "was started in 1958").replace("risen", "grown")
    other = (
        "Plants take up the gas in spring and summer, and give it back when leaves decay in autumn and winter there."
    )
    assert kinds(f"{first}\n\n{other}\n\n{second}") == ["repeated"]
    assert kinds(f"{first}\n\n{other}") == []


def test_find_unclean_when_paragraphs_differ_in_their_numbers() -> None:
    """Rows of a table said in sentences are alike and yet no repeats."""
    rows = (
        f"- In {year} the mean carbon dioxide at the station on Mauna Loa was {year}.5 ppm." for year in (1998, 1999)
    )
    assert kinds("The rows follow here:\n\n" + "\n".join(rows)) == []


def test_find_unclean_when_a_paragraph_is_in_another_language() -> None:
    """A longer paragraph in another language or script is found; short quotations are not."""
    german = (
        "Die Messungen begannen im Jahr 1958 auf dem Vulkan Mauna Loa und zeigen seitdem, wie der Gehalt an "
        "Kohlendioxid in der Luft von Jahr zu Jahr steigt, während er mit den Jahreszeiten regelmäßig schwankt."
    )
    russian = (
        "Измерения начались в 1958 году на вулкане Мауна-Лоа и с тех пор показывают, как содержание углекислого газа "
        "в воздухе растёт из года в год, в то время как оно колеблется вместе с временами года на всей планете."
    )
    chinese = (
        "测量始于一九五八年的莫纳罗亚火山，此后一直显示空气中二氧化碳的含量逐年上升，同时"
        "随季节有规律地波动，这就是基林曲线，它是气候科学中最重要的记录之一。"
    )
    english = "The curve is a record of the air."
    assert kinds(f"{english}\n\n{german}") == ["language"]
    assert kinds(f"{english}\n\n{russian}") == ["language"]
    assert kinds(f"{english}\n\n{chinese}") == ["language"]
    assert kinds(german, language="de-AT") == []
    assert kinds(russian, language="ru") == []
    assert kinds(chinese, language="zh") == []
    assert kinds(f"{english}\n\nEr sagte: „Die Messungen begannen im Jahr 1958.“") == []


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "unit", ["Same words come again and again in this paragraph of a text, all over.\n\n", "## a\n\n", "[^1] "]
)
def test_find_unclean_when_text_is_huge_ends_in_time(unit: str) -> None:
    """Repetition does not make the search for repetition quadratic."""

    def work(units: int) -> None:
        find_unclean(unit * units, title="T", language="en", prompt="Write an article about a text of words")

    work(1)  # loads the models
    assert growth(work, 1_000, 4_000) < 10
