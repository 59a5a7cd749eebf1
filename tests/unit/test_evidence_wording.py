"""Which words of a passage are marked as those of a sentence."""

import pytest

from copydesk.evidence.wording import shared_words


def _marked(sentence: str, passage: str, language: str) -> str:
    text, at = "", 0
    for start, end in shared_words(sentence, passage, language):
        text += f"{passage[at:start]}[{passage[start:end]}]"
        at = end
    return text + passage[at:]


@pytest.mark.parametrize(
    ("sentence", "passage", "language", "expected"),
    [
        (
            "Stations stand at 3,397 metres.",
            "The station stands at 3,397 m.",
            "en",
            "The [station stands] at [3,397] m.",
        ),
        # The dictionary does not know "wächst" as a form of "wachsen": a word less is marked, never a wrong one.
        ("Bäume wachsen im Frühling.", "Im Frühling wächst der Baum.", "de", "Im [Frühling] wächst der [Baum]."),
        ("浓度上升", "二氧化碳浓度上升了", "zh", "二氧化碳[浓度上升]了"),
        ("Nothing alike.", "The sea is blue.", "en", "The sea is blue."),
        ("", "The sea is blue.", "en", "The sea is blue."),
        ("Carbon dioxide.", "Carbon-dioxide is a gas.", "en", "[Carbon-dioxide] is a gas."),
        ("İzmir lies there.", "İİİ in İzmir now.", "tr", "İİİ in [İzmir] now."),
    ],
)
def test_shared_words_are_marked(sentence: str, passage: str, language: str, expected: str) -> None:
    """By lemma, by number, by pairs of characters where no spaces are; not function words; offsets are the text's."""
    assert _marked(sentence, passage, language) == expected
