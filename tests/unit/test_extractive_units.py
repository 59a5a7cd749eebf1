"""What the extractive writer moves about."""

from support.evidence import Given, Told, evidence_of, heat_pumps

from copydesk.domain.source import SourceKind
from copydesk.writers.units import QUOTATION_WORDS, Ledger, regroup, units_of


def _one(*told: Told, kind: SourceKind = SourceKind.FILE) -> list[str]:
    return [unit.text for unit in units_of(evidence_of([Given(title="a.txt", told=told, kind=kind)]), "en")]


def test_leaning_passage_follows_when_its_predecessor_stands() -> None:
    """A passage that leans on the one before is used with it, never by itself."""
    first = Told(text="Bees live in hives. They store honey there.")
    leaning = Told(text="However, they also swarm. This happens in May.", stands_alone=False)
    assert _one(first, leaning) == [
        "Bees live in hives. They store honey there. However, they also swarm. This happens in May."
    ]
    assert _one(leaning) == []


def test_unit_ends_when_a_sentence_is_unfit() -> None:
    """Addresses, unfinished sentences, rows of figures and endless lists stay out, with what follows them."""
    good = "The garden has a wall of red brick."
    unfit = ["See https://a.org/x for more.", "The gate is", "1 2 3 4 5 6 7 8 9 10 11 12.", "Write to a@b.org today.",
             f"Lists {'word ' * 90}end.", "It goes on ..."]  # fmt: skip
    for sentence in unfit:
        assert _one(Told(text=f"{good} {sentence}")) == [good]
        assert _one(Told(text=sentence)) == []


def test_reference_marks_go_when_a_source_has_them() -> None:
    """Marks such as [12] belong to the source's notes and are left out."""
    assert _one(Told(text="Bees live in hives.[12] They dance.[citation needed]")) == [
        "Bees live in hives. They dance."
    ]


def test_other_languages_are_left_out_when_units_are_made() -> None:
    """Passages in another language than the article's are no units."""
    assert units_of(heat_pumps(), "de") == []


def test_regrouped_units_equal_the_first_when_all_ids_are_given() -> None:
    """A section is written from the same units that it was planned with."""
    evidence = heat_pumps()
    units = units_of(evidence, "en")
    again = regroup([passage.passage_id for unit in units for passage in unit.passages], evidence)
    assert [unit.text for unit in again] == [unit.text for unit in units]


def test_ledger_cuts_when_a_sentence_comes_again() -> None:
    """A sentence that is in already, also with other punctuation or one other word, ends its unit."""
    told = [
        Told(text="The old mill by the river was rebuilt in stone in 1851. It grinds flour."),
        Told(text="Sheep graze there. The old mill by the river was rebuilt in stone in 1851! It stopped in 1990."),
        Told(text="The old mill near the river was rebuilt in stone in 1851. Boats pass by."),
        Told(text="The old mill by the river was rebuilt in stone in 1852. Trains pass by."),
    ]
    ledger = Ledger()
    units = [ledger.admit(unit) for unit in units_of(evidence_of([Given(title="a", told=tuple(told))]), "en")]
    texts = [unit.text for unit in units]
    assert texts[1] == "Sheep graze there."
    assert texts[2] == ""
    assert texts[3].startswith("The old mill by the river was rebuilt in stone in 1852.")


def test_ledger_stops_when_a_restricted_source_is_used_up() -> None:
    """No more than 150 words of a page without an open licence are quoted."""
    told = [Told(text=" ".join(f"Owner {i} of house {k} likes the warm rooms." for k in range(4))) for i in range(9)]
    evidence = evidence_of([Given(title="p", told=tuple(told), kind=SourceKind.WEB, url="https://p.org/")])
    ledger = Ledger()
    admitted = [ledger.admit(unit) for unit in units_of(evidence, "en")]
    assert all(unit.quoted for unit in admitted)
    assert QUOTATION_WORDS - 9 < sum(unit.words for unit in admitted) <= QUOTATION_WORDS
