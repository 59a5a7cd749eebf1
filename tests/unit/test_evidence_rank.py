"""Ranking by the brief, folding of repeats, and what becomes of each source."""

from dataclasses import replace

import numpy as np
import pytest
from bm25s import BM25
from hypothesis import given, settings
from hypothesis import strategies as st
from support.cutting import a_brief, a_passage, a_source

from copydesk.domain.source import Disposition, Passage, Place, SourceKind
from copydesk.evidence.duplicates import Sequences, same_pages
from copydesk.evidence.meaning import Meaning, query_text
from copydesk.evidence.rank import QUOTED_WORDS, rank_evidence, words_allowed
from copydesk.evidence.relevance import PassageIndex
from copydesk.language.terms import content_terms

ORIGIN = (
    "Coffee grows wild in the highland forests of Ethiopia, where farmers gather the ripe cherries by hand in winter."
)
TRADE = "Merchants shipped the coffee beans of Ethiopia across the Red Sea and held a monopoly for two hundred years."
EXPORT = (
    "Ethiopian coffee made up 34 percent of the value of all exports of the country in the year 2021, says the bank."
)
CEREMONY = (
    "The ceremony of roasting and pouring three rounds takes hours and is held for guests in many homes of the country."
)
WEATHER = (
    "Rain falls in Seattle mostly from October to April, while the summer months are dry, sunny and rather mild there."
)
KAFFEE = "Kaffee wächst wild in den Wäldern des Hochlands von Äthiopien und wird dort von Hand geerntet und getrocknet."
FILLER = [
    f"The {name} of the old harbour was painted {colour} by the council and opened again to visitors in the spring."
    for name, colour in [
        ("tower", "red"),
        ("bridge", "green"),
        ("market", "blue"),
        ("station", "white"),
        ("wall", "black"),
    ]
]


def ids(passages: tuple[Passage, ...]) -> list[str]:
    """The ids of passages in order."""
    return [passage.passage_id for passage in passages]


def test_rank_evidence_puts_the_topic_first() -> None:
    """Passages that name the topic come before those that do not, scores between 0 and 1."""
    passages = [a_passage(0, CEREMONY), a_passage(1, FILLER[0]), a_passage(2, TRADE), a_passage(3, ORIGIN)]
    ranked = rank_evidence(a_brief("coffee in Ethiopia", "coffee forests"), [a_source()], passages)
    order = ids(ranked.evidence.passages)
    assert order[:2] == ["s0p3", "s0p2"]
    scores = [passage.score for passage in ranked.evidence.passages]
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert ranked.dispositions == {"source-0": (Disposition.READ, None)}


def test_rank_evidence_finds_inflected_words() -> None:
    """Lemmas are compared, not word forms."""
    passages = [
        a_passage(n, text) for n, text in enumerate([*FILLER, "A wind turbine generates electricity from moving air."])
    ]
    ranked = rank_evidence(a_brief("wind turbines generating"), [a_source()], passages)
    assert ranked.evidence.passages[0].passage_id == "s0p5"
    german = [
        a_passage(n, text, language="de")
        for n, text in enumerate(["Das Dach ist rot gedeckt.", "Die Häuser sind alt."])
    ]
    ranked = rank_evidence(a_brief("Haus", language="de"), [a_source()], german)
    assert ranked.evidence.passages[0].passage_id == "s0p1"


def test_rank_evidence_of_chinese_passages() -> None:
    """Scripts without spaces are compared by pairs of characters."""
    passages = [
        a_passage(0, "西雅图的冬天常常下雨。", language="zh"),
        a_passage(1, "咖啡原产于埃塞俄比亚高原。", language="zh"),
    ]
    ranked = rank_evidence(a_brief("咖啡的历史", language="zh"), [a_source()], passages)
    assert ranked.evidence.passages[0].passage_id == "s0p1"


def test_rank_evidence_counts_headings_and_titles() -> None:
    """A passage under a heading on the topic beats the same passage elsewhere."""
    under = replace(a_passage(1, FILLER[1]), place=Place(headings=("Coffee houses",)))
    ranked = rank_evidence(
        a_brief("coffee houses"), [a_source()], [a_passage(0, FILLER[0]), under, a_passage(2, FILLER[2])]
    )
    assert ranked.evidence.passages[0].passage_id == "s0p1"


def test_rank_evidence_holds_back_what_leans_or_is_short() -> None:
    """Of like passages the one that stands alone and says enough comes first."""
    passages = [
        a_passage(0, ORIGIN, alone=False),
        a_passage(1, ORIGIN.replace("farmers", "villagers").replace("winter", "autumn").replace("ripe", "red")),
        a_passage(2, "Ethiopia grows coffee in forests."),
    ]
    ranked = rank_evidence(a_brief("coffee in Ethiopia"), [a_source()], passages)
    assert ids(ranked.evidence.passages)[0] == "s0p1"


def test_rank_evidence_folds_repeats_over_sources() -> None:
    """What two sources say is kept once and names the other; a source of repeats alone is a duplicate."""
    sources = [a_source(), a_source(1, kind=SourceKind.WEB)]
    again = ORIGIN.replace("by hand in winter", "by hand in the winter months")
    ranked = rank_evidence(
        a_brief("coffee in Ethiopia"), sources, [a_passage(0, ORIGIN), a_passage(0, again, source=1)]
    )
    (kept,) = ranked.evidence.passages  # the file's: it may be quoted at length
    assert (kept.passage_id, kept.corroborated_by) == ("s0p0", ("source-1",))
    assert ranked.dispositions["source-1"][0] is Disposition.DUPLICATE
    assert [notice.code for notice in ranked.notices] == ["SOURCE_NOT_USED"]
    assert ranked.notices[0].subject == "https://site-1.test/page"


def test_rank_evidence_folds_repeats_within_a_source() -> None:
    """What a source says twice is kept once, corroborated by nobody."""
    ranked = rank_evidence(a_brief("coffee in Ethiopia"), [a_source()], [a_passage(0, ORIGIN), a_passage(1, ORIGIN)])
    (kept,) = ranked.evidence.passages
    assert (kept.passage_id, kept.corroborated_by) == ("s0p0", ())


def test_rank_evidence_keeps_like_sentences_with_other_numbers() -> None:
    """Two statements that differ in their figures are two."""
    other = EXPORT.replace("34", "29").replace("2021", "2019")
    ranked = rank_evidence(a_brief("coffee exports"), [a_source()], [a_passage(0, EXPORT), a_passage(1, other)])
    assert len(ranked.evidence.passages) == 2


def test_rank_evidence_leaves_out_sources_off_the_topic() -> None:
    """A source without a word of the topic is off topic, and the message says so."""
    sources = [a_source(), a_source(1, kind=SourceKind.WEB), a_source(2)]
    passages = [a_passage(0, ORIGIN), a_passage(0, WEATHER, source=1), a_passage(0, WEATHER, source=2)]
    ranked = rank_evidence(a_brief("coffee in Ethiopia"), sources, passages)
    assert ids(ranked.evidence.passages) == ["s0p0"]
    for source in ("source-1", "source-2"):
        disposition, message = ranked.dispositions[source]
        assert disposition is Disposition.OFF_TOPIC
        assert message == "It says nothing about 'coffee in Ethiopia'."


@pytest.mark.parametrize(("keywords", "used"), [(("coffee",), True), (("coffee", "history"), True), ((), False)])
def test_rank_evidence_takes_a_page_titled_by_the_keyword(keywords: tuple[str, ...], *, used: bool) -> None:
    """A web page whose title holds the caller's first keyword is on the topic, though it names no other word of it."""
    page = a_source(kind=SourceKind.WEB, title="Coffee plant")
    passages = [a_passage(0, "The shrub bears red cherries after three years and grows best in the shade of trees.")]
    ranked = rank_evidence(a_brief("the history of coffee in Yemen", *keywords), [page], passages)
    assert bool(ranked.evidence.passages) is used


def test_rank_evidence_gives_the_callers_own_sources_the_benefit_of_the_doubt() -> None:
    """One word of the topic is enough for a file or link, not for a page that a search found."""
    topic = "heat pumps in old buildings and their costs"
    text = "The costs of the whole renovation were paid by the city and by two foundations from the region in the end."
    sources = [a_source(), a_source(1, kind=SourceKind.REFERENCE), a_source(2, kind=SourceKind.WEB)]
    passages = [
        a_passage(0, f"{text} {name}.", source=n)
        for n, name in enumerate(["Alpha beta gamma", "Delta rho", "Phi chi psi"])
    ]
    ranked = rank_evidence(a_brief(topic), sources, passages)
    assert ranked.dispositions["source-0"][0] is not Disposition.OFF_TOPIC
    assert ranked.dispositions["source-1"][0] is not Disposition.OFF_TOPIC
    assert ranked.dispositions["source-2"][0] is Disposition.OFF_TOPIC


@pytest.mark.parametrize("topic", ["the attached report", "...", ""])
def test_rank_evidence_without_a_topic_excludes_nothing(topic: str) -> None:
    """Where the prompt names only the material, the material is the topic."""
    ranked = rank_evidence(a_brief(topic), [a_source()], [a_passage(n, text) for n, text in enumerate(FILLER)])
    assert len(ranked.evidence.passages) == len(FILLER)
    assert ranked.dispositions["source-0"][0] is Disposition.READ


def test_rank_evidence_leaves_out_other_languages() -> None:
    """A source in another language than the article's is off topic, naming both."""
    sources = [a_source(), a_source(1)]
    passages = [a_passage(0, ORIGIN), a_passage(0, KAFFEE, source=1, language="de")]
    ranked = rank_evidence(a_brief("coffee in Ethiopia", language="en-GB"), sources, passages)
    assert ids(ranked.evidence.passages) == ["s0p0"]
    assert ranked.dispositions["source-1"] == (
        Disposition.OFF_TOPIC,
        "It is written in German, the article in English.",
    )


def test_rank_evidence_caps_and_mixes_sources() -> None:
    """A long source ends at three times the article's length and does not keep others out."""
    words = ["coffee", "Ethiopia", "forest", "trade", "bean", "port", "ship", "farm", "hill", "king"]
    text = [
        " ".join(f"{word}{(n * 7 + k * 3) % 97}" for k, word in enumerate(words))
        + " coffee Ethiopia grows well here today ."
        for n in range(60)
    ]
    long = [a_passage(n, sentence) for n, sentence in enumerate(text)]
    short = [a_passage(0, TRADE, source=1)]
    ranked = rank_evidence(a_brief("coffee in Ethiopia", maximum=100), [a_source(), a_source(1)], long + short)
    own = [passage for passage in ranked.evidence.passages if passage.source_id == "source-0"]
    assert 300 <= sum(len(passage.text.split()) for passage in own) <= 340
    assert ids(ranked.evidence.passages).index("s1p0") < len(own) / 2


def test_rank_evidence_of_no_passages() -> None:
    """Sources without passages are empty; those already judged are left alone."""
    judged = replace(a_source(1), disposition=Disposition.BLOCKED)
    ranked = rank_evidence(a_brief("coffee"), [a_source(), judged], [])
    assert ranked.evidence.passages == ()
    assert {source: verdict[0] for source, verdict in ranked.dispositions.items()} == {"source-0": Disposition.EMPTY}
    assert ranked.evidence.sources == (a_source(), judged)


@settings(deadline=None)  # the first example loads dictionaries
@given(st.permutations(range(6)))
def test_rank_evidence_in_any_order_of_passages(order: list[int]) -> None:
    """The order depends on scores and places alone, not on the order of the arguments."""
    texts = [ORIGIN, TRADE, EXPORT, CEREMONY, FILLER[0], FILLER[1]]
    passages = [a_passage(n, text) for n, text in enumerate(texts)]
    brief = a_brief("coffee in Ethiopia")
    expected = ids(rank_evidence(brief, [a_source()], passages).evidence.passages)
    assert ids(rank_evidence(brief, [a_source()], [passages[n] for n in order]).evidence.passages) == expected


@pytest.mark.parametrize(
    ("kind", "licence", "allowed"),
    [
        (SourceKind.FILE, None, None),
        (SourceKind.WEB, "CC-BY-SA-4.0", None),
        (SourceKind.WEB, None, QUOTED_WORDS),
        (SourceKind.REFERENCE, None, 150),
    ],
)
def test_words_allowed_of_a_source(kind: SourceKind, licence: str | None, allowed: int | None) -> None:
    """Own files and openly licensed pages are quoted at length, others in 150 words."""
    assert words_allowed(replace(a_source(kind=kind), license=licence)) == allowed


def test_passage_index_scores_sections() -> None:
    """One index answers several texts, 0 where nothing is shared."""
    index = PassageIndex([a_passage(0, ORIGIN), a_passage(1, TRADE)], {"source-0": a_source()}, language="en")
    forest, sea = index.scores("highland forests"), index.scores("the Red Sea")
    assert forest[0] > forest[1] == 0.0
    assert sea[1] > sea[0] == 0.0
    assert list(index.scores("zebra")) == [0.0, 0.0]
    assert list(PassageIndex([], {}, language="en").scores("coffee", feedback=True)) == []


def test_passage_index_of_passages_without_words() -> None:
    """Passages of function words alone index nothing and score 0."""
    index = PassageIndex([a_passage(0, "It is so.")], {"source-0": a_source()}, language="en")
    assert list(index.scores("coffee")) == [0.0]


def test_nearest_earlier_finds_near_repeats() -> None:
    """A text that shares most sequences with an earlier one points to it, also through a chain."""
    first = list(range(20))
    texts = [first, [50, *first[1:]], list(range(30, 50)), first[:10], [], [1, 2], [1, 2]]
    assert Sequences(texts).nearest_earlier() == [
        None,
        0,
        None,
        0,
        None,
        None,
        5,
    ]
    assert Sequences([]).nearest_earlier() == []
    assert Sequences([[], [1]]).nearest_earlier() == [None, None]


@settings(deadline=None)  # the first example loads dictionaries
@given(st.lists(st.lists(st.integers(0, 5), max_size=12), max_size=8))
def test_nearest_earlier_points_backwards_to_what_is_kept(texts: list[list[int]]) -> None:
    """Every pointer leads to an earlier text that has none itself."""
    earlier = Sequences(texts).nearest_earlier()
    for number, other in enumerate(earlier):
        assert other is None or (other < number and earlier[other] is None)


def test_nearest_earlier_keeps_a_text_that_says_more() -> None:
    """A text that holds a shorter earlier one, and as much again, is kept: the rest stands nowhere else."""
    assert Sequences([list(range(10)), list(range(20))]).nearest_earlier() == [None, None]


@pytest.mark.parametrize(
    ("language", "text", "terms"),
    [
        (
            "en",
            "The wind turbines were generating 2,019 MWh; it's state-of-the-art.",
            "wind turbine generate 2,019 mwh state art",
        ),
        ("de", "Die Pumpen der Häuser wurden verkauft.", "pumpe haus verkaufen"),
        ("xx", "Zorp blick.", "zorp blick"),
        ("zh", "咖啡的历史", "咖啡 历史"),
        ("ja", "コーヒーの歴史", "コー ーヒ ヒー 歴史"),
        ("ko", "咖啡的历史", "咖啡 啡的 的历 历史"),
        ("hi", "कॉफ़ी का इतिहास", "कॉफ़ी का इतिहास"),
    ],
)
def test_content_terms_of_a_text(language: str, text: str, terms: str) -> None:
    """Content words by their lemmas, numbers whole, scripts without spaces in pairs."""
    assert content_terms(text, language) == terms.split()


def test_also_said_by_finds_a_text_that_another_group_divides_otherwise() -> None:
    """A text whose halves stand in two texts of another group is said by that group, not by one that has a part."""
    text = list(range(20))
    texts = [text, text[:12], text[9:], text[:6]]
    assert Sequences(texts).also_said_by([0], [0, 1, 1, 2]) == {0: [1]}
    assert Sequences(texts).also_said_by([], [0, 1, 1, 2]) == {}
    assert Sequences([[], []]).also_said_by([0, 1], [0, 1]) == {}


@given(st.lists(st.lists(st.integers(0, 4), max_size=10), min_size=1, max_size=6))
def test_also_said_by_answers_other_groups_that_have_most_of_a_text(texts: list[list[int]]) -> None:
    """Compared with sets of sequences, text by text."""

    def of(text: list[int]) -> set[tuple[int, ...]]:
        padded = [*text, *[-2] * (3 - len(text))] if text else []
        return {tuple(padded[n : n + 3]) for n in range(len(padded) - 2)}

    expected = {
        number: found
        for number, text in enumerate(texts)
        if (
            found := [
                other
                for other, theirs in enumerate(texts)
                if other != number and of(text) & of(theirs) and len(of(text) & of(theirs)) >= 0.7 * len(of(text))
            ]
        )
    }
    assert Sequences(texts).also_said_by(range(len(texts)), list(range(len(texts)))) == expected


def test_rank_evidence_folds_a_source_that_divides_its_text_otherwise() -> None:
    """A page that says all that a file says, in other paragraphs, is a duplicate and names the file."""
    sources = [a_source(title="coffee.pdf"), a_source(1, kind=SourceKind.WEB)]
    whole = [a_passage(0, f"{ORIGIN} {TRADE}")]
    parts = [a_passage(0, ORIGIN, source=1), a_passage(1, TRADE, source=1)]
    ranked = rank_evidence(a_brief("coffee in Ethiopia"), sources, [*whole, *parts])
    (kept,) = ranked.evidence.passages
    assert (kept.passage_id, kept.corroborated_by) == ("s0p0", ("source-1",))
    assert ranked.dispositions["source-1"] == (Disposition.DUPLICATE, "coffee.pdf says all that it says.")


_CUTS = st.lists(
    st.sampled_from([((0,), (1,), (2,)), ((0, 1), (2,)), ((0,), (1, 2)), ((0, 1, 2),)]), min_size=2, max_size=4
)


@given(
    _CUTS,
    st.lists(st.sampled_from([None, "Coffee in Ethiopia", "Ethiopia", "A print view"]), min_size=4, max_size=4),
    st.lists(st.sampled_from(list(SourceKind)), min_size=4, max_size=4),
)
def test_rank_evidence_keeps_one_of_sources_that_say_the_same(
    cuts: list[tuple[tuple[int, ...], ...]], titles: list[str | None], kinds: list[SourceKind]
) -> None:
    """However each divides the text, and whichever scores best: what they all say stays."""
    texts = (ORIGIN, TRADE, EXPORT)
    sources = [a_source(number, kind=kinds[number], title=titles[number]) for number in range(len(cuts))]
    passages = [
        a_passage(position, " ".join(texts[i] for i in part), source=number)
        for number, cut in enumerate(cuts)
        for position, part in enumerate(cut)
    ]
    ranked = rank_evidence(a_brief("coffee in Ethiopia"), sources, passages)
    kept = " ".join(passage.text for passage in ranked.evidence.passages)
    assert all(text in kept for text in texts)
    assert any(verdict[0] is Disposition.READ for verdict in ranked.dispositions.values())


def test_rank_evidence_names_several_sources_that_say_all_of_one() -> None:
    """A page made of two others is their duplicate."""
    sources = [a_source(title="a.pdf"), a_source(1, title="b.pdf"), a_source(2, kind=SourceKind.WEB)]
    passages = [
        a_passage(0, ORIGIN),
        a_passage(0, TRADE, source=1),
        a_passage(0, ORIGIN, source=2),
        a_passage(1, TRADE, source=2),
    ]
    ranked = rank_evidence(a_brief("coffee in Ethiopia"), sources, passages)
    message = "Other sources of the task say all that it says, most of it a.pdf and b.pdf."
    assert ranked.dispositions["source-2"] == (Disposition.DUPLICATE, message)


def test_rank_evidence_prefers_what_another_site_says_too() -> None:
    """Of two passages alike in their words the corroborated one comes first; a page of the same site is no voice."""
    other = ORIGIN.replace("farmers", "villagers").replace("ripe", "red").replace("winter", "autumn")
    sources = [a_source(0, kind=SourceKind.WEB), a_source(1, kind=SourceKind.WEB), a_source(2, kind=SourceKind.WEB)]
    passages = [a_passage(0, other), a_passage(0, EXPORT, source=1)]
    alone = rank_evidence(a_brief("coffee harbours"), sources, passages).evidence
    seconded = rank_evidence(a_brief("coffee harbours"), sources, [*passages, a_passage(0, other, source=2)]).evidence
    same_site = [sources[0], sources[1], replace(sources[2], url="https://www.site-0.test/other")]
    again = rank_evidence(a_brief("coffee harbours"), same_site, [*passages, a_passage(0, other, source=2)]).evidence
    before, after, unchanged = (found.by_passage_id["s0p0"] for found in (alone, seconded, again))
    assert after.score == pytest.approx(before.score + 0.04, abs=0.03)
    assert after.corroborated_by == unchanged.corroborated_by == ("source-2",)
    assert unchanged.score < after.score


def test_rank_evidence_calls_the_same_page_a_duplicate_at_once() -> None:
    """A page whose canonical address is another source's is its duplicate, and no second voice for what it says."""
    first, second = a_source(0, kind=SourceKind.REFERENCE), a_source(1, kind=SourceKind.WEB)
    second = replace(second, canonical_url="https://SITE-0.test/page?utm_source=news#top")
    passages = [a_passage(0, ORIGIN), a_passage(0, ORIGIN, source=1), a_passage(1, TRADE, source=1)]
    ranked = rank_evidence(a_brief("coffee in Ethiopia"), [first, second], passages)
    assert [(p.passage_id, p.corroborated_by) for p in ranked.evidence.passages] == [("s0p0", ())]
    assert ranked.dispositions["source-1"] == (
        Disposition.DUPLICATE,
        "It is the same page as https://site-0.test/page.",
    )


@pytest.mark.parametrize("canonical", ["https://site-1.test/page", "not an address", "", "javascript:void(0)"])
def test_same_pages_keep_the_page_that_was_asked_for_by_its_address(canonical: str) -> None:
    """A page that gives another's address as its own displaces nobody, and may call itself anything."""
    claims = replace(a_source(0, kind=SourceKind.WEB), canonical_url=canonical)
    expected = {"source-0": "source-1"} if "site-1" in canonical else {}
    assert same_pages([claims, a_source(1, kind=SourceKind.WEB), a_source(2)]) == expected


def test_rank_evidence_of_a_source_in_two_languages() -> None:
    """Its passages in the article's language are used; without one of them on the topic it says so."""
    mixed = [a_passage(0, KAFFEE, language="de"), a_passage(1, ORIGIN)]
    ranked = rank_evidence(a_brief("coffee in Ethiopia"), [a_source()], mixed)
    assert ids(ranked.evidence.passages) == ["s0p1"]
    assert ranked.dispositions["source-0"] == (Disposition.READ, None)
    ranked = rank_evidence(a_brief("zebra crossings"), [a_source()], mixed)
    assert ranked.dispositions["source-0"] == (
        Disposition.OFF_TOPIC,
        "Its English passages say nothing about 'zebra crossings'; the others are in German.",
    )
    foreign = [a_passage(0, KAFFEE, language="de"), a_passage(1, KAFFEE, language="fr")]
    ranked = rank_evidence(a_brief("coffee in Ethiopia"), [a_source()], foreign)
    assert ranked.dispositions["source-0"] == (
        Disposition.OFF_TOPIC,
        "It is written in German and French, the article in English.",
    )


def test_rank_evidence_hands_on_twenty_times_the_articles_length() -> None:
    """Beyond that no article could choose from it."""
    passages = [
        a_passage(n, " ".join(f"coffee{(n * 31 + k * 7) % 9973}" for k in range(40)) + " coffee.", source=source)
        for source in range(30)
        for n in range(source * 100, source * 100 + 8)
    ]
    sources = [a_source(n) for n in range(30)]
    chosen = rank_evidence(a_brief("coffee", maximum=100), sources, passages).evidence.passages
    assert 2_000 <= sum(len(passage.text.split()) for passage in chosen) <= 2_050


def test_rank_evidence_puts_other_matter_before_more_of_the_same() -> None:
    """Of passages as relevant, one on another matter comes before one that rephrases the best."""
    again = (
        "Coffee of Ethiopia grows wild in forests in the highlands; farmers gather its ripe cherries in winter by hand."
    )
    passages = [a_passage(0, ORIGIN), a_passage(0, again, source=1), a_passage(0, CEREMONY + " Coffee.", source=2)]
    ranked = rank_evidence(a_brief("coffee"), [a_source(n) for n in range(3)], passages)
    assert len(ranked.evidence.passages) == 3
    assert ids(ranked.evidence.passages).index("s2p0") < 2


@pytest.mark.parametrize("text", ["coffee forests", "harbour tower painted", "the ceremony of guests", "zebra"])
def test_passage_index_scores_as_bm25s_does(text: str) -> None:
    """The scores are those of the library that BM25 was taken from."""
    texts = [ORIGIN, TRADE, EXPORT, CEREMONY, WEATHER, *FILLER]
    index = PassageIndex([a_passage(n, text) for n, text in enumerate(texts)], {"source-0": a_source()}, language="en")
    reference = BM25(backend="numpy")
    reference.index([content_terms(text, "en") for text in texts], show_progress=False)
    terms = [term for term in content_terms(text, "en") if any(term in content_terms(t, "en") for t in texts)]
    expected = reference.get_scores(terms) if terms else [0.0] * len(texts)
    assert list(index.scores(text)) == pytest.approx(list(expected), abs=1e-5)


NEAR = {"s0p0": (1.0, 0.1), "s0p1": (0.1, 1.0), "s0p2": (0.2, 1.0), "s1p0": (0.9, 0.2)}


def meaning(brief: tuple[float, float] = (1.0, 0.0), vectors: dict[str, tuple[float, float]] = NEAR) -> Meaning:
    """Vectors in two dimensions."""
    passages = {name: np.array(vector, dtype=np.float32) for name, vector in vectors.items()}
    return Meaning(brief=np.array(brief, dtype=np.float32), passages=passages)


def test_rank_evidence_finds_by_meaning_what_shares_no_word() -> None:
    """A passage near the brief is raised, and a source near it is on the topic though it names no word of it."""
    beverage = "The hot beverage is poured in three rounds for the guests, which takes hours in many homes there."
    passages = [
        a_passage(0, ORIGIN),
        a_passage(1, FILLER[0]),
        a_passage(2, FILLER[1]),
        a_passage(0, beverage, source=1),
    ]
    sources = [a_source(), a_source(1)]
    brief = a_brief("coffee in Ethiopia")
    words = rank_evidence(brief, sources, passages)
    both = rank_evidence(brief, sources, passages, meaning(vectors=NEAR | {"s1p0": (1.0, 0.05)}))
    assert words.dispositions["source-1"][0] is Disposition.OFF_TOPIC
    assert both.dispositions["source-1"][0] is Disposition.READ
    assert ids(both.evidence.passages)[:2] == ["s0p0", "s1p0"]
    far = rank_evidence(brief, sources, passages, meaning())
    assert far.dispositions["source-1"][0] is Disposition.OFF_TOPIC


def test_rank_evidence_without_a_source_on_the_topic_takes_none_for_its_meaning() -> None:
    """The nearest of what is all off the topic is off the topic."""
    ranked = rank_evidence(a_brief("zebra crossings"), [a_source()], [a_passage(0, ORIGIN)], meaning())
    assert ranked.dispositions["source-0"][0] is Disposition.OFF_TOPIC


def test_rank_evidence_ranks_by_words_what_has_no_vector() -> None:
    """Passages without a vector keep the score of their words; vectors of nothing change nothing."""
    passages = [a_passage(0, ORIGIN), a_passage(1, FILLER[0])]
    brief = a_brief("coffee in Ethiopia")
    plain = rank_evidence(brief, [a_source()], passages).evidence.passages
    assert rank_evidence(brief, [a_source()], passages, meaning(vectors={})).evidence.passages == plain
    zero = meaning(brief=(0.0, 0.0))
    assert ids(rank_evidence(brief, [a_source()], passages, zero).evidence.passages) == ids(plain)


def test_query_text_of_a_brief() -> None:
    """The topic, and the keywords that it does not name."""
    assert (
        query_text(a_brief("coffee in Ethiopia", "Coffee", "highland forests"))
        == "coffee in Ethiopia, highland forests"
    )
