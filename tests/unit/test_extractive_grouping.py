"""Sections of extractive articles: what stands together, and in what order."""

from support.evidence import Given, brief_for, evidence_of, told

from copydesk.writers.choosing import candidates_for
from copydesk.writers.grouping import Group, group_units


def _groups(text: str, *, language: str = "en", topic: str = "the old harbour") -> tuple[list[Group], list[list[str]]]:
    evidence = evidence_of([Given(title="a.txt", told=told(text))], language)
    brief = brief_for(topic, 300, 500, language=language)
    found = candidates_for(brief, evidence, words=400)
    groups = group_units(brief, topic, found, range(len(found.units)), evidence)
    return groups, [[found.units[i].text for i in group.members] for group in groups]


def _long(first: str, *, about: str) -> str:
    return (
        f"{first} {' '.join(f'The {about} {verb} the town in its own way.' for verb in ('serves', 'feeds', 'shapes'))}"
    )


def test_section_is_told_in_order_of_time_when_dates_lead() -> None:
    """Where units open with a year, the years decide."""
    years = (1910, 1850, 1880)
    told_of = [_long(f"In {year} the harbour grew.", about=f"pier of {year}") for year in years]
    text = "\n\n".join(["# Report > History", *told_of])
    _, texts = _groups(text)
    assert [unit[:7] for unit in texts[0]] == ["In 1850", "In 1880", "In 1910"]


def test_limits_come_last_and_background_first_when_sections_are_placed() -> None:
    """The order follows the argument, whatever the order of the source."""
    parts = ("Limits of the Port", "Cargo and Ships", "History of the Port", "What Is a Port")
    text = "# Report\n\n" + "\n\n".join(
        f"# Report > {part}\n\n{_long(f'This part on {part} begins so.', about=f'{part} crane')}\n\n"
        f"{_long(f'More on {part} follows here.', about=f'{part} quay')}"
        for part in parts
    )
    groups, _ = _groups(text)
    order = ["What Is a Port", "History of the Port", "Cargo and Ships", "Limits of the Port"]
    assert [(group.heading or "").removeprefix("The Old Harbour: ") for group in groups] == order


def test_small_sections_share_a_heading_when_both_are_short() -> None:
    """Two small groups of like weight make one section that names both."""
    text = (
        "# R > Tides\n\nThe tide lifts the boats twice a day in the bay.\n\n"
        "# R > Winds\n\nThe wind moves the boats along the bay by day."
    )
    groups, _ = _groups(text)
    (group,) = groups
    assert group.heading in ("The Old Harbour: Tides and Winds", "The Old Harbour: Winds and Tides")


def test_heading_carries_the_keyword_when_no_source_heading_does() -> None:
    """One heading names the primary keyword."""
    text = "# R > Cranes\n\n" + _long("The cranes of the quay are old.", about="crane")
    groups, _ = _groups(text)
    assert [group.heading for group in groups] == ["The Old Harbour: Cranes"]


def test_no_section_is_made_when_nothing_was_chosen() -> None:
    """No unit, no section."""
    evidence = evidence_of([Given(title="a.txt", told=told("The quay is old."))])
    brief = brief_for("quay", 100, 200)
    assert group_units(brief, "Quay", candidates_for(brief, evidence, words=100), [], evidence) == []
