"""What changed between two texts, as a person reads it."""

import time

from copydesk.domain.differences import Change, ChangedLine, differences


def _shown(lines: tuple[ChangedLine, ...]) -> list[str]:
    """Removed words in [-...-], added ones in {+...+}, gaps as their number."""
    marks = {Change.SAME: "{}", Change.REMOVED: "[-{}-]", Change.ADDED: "{{+{}+}}"}
    return [
        f"<{line.left_out}>" if line.left_out else "".join(marks[run.change].format(run.text) for run in line.runs)
        for line in lines
    ]


def test_nothing_is_shown_when_texts_are_equal() -> None:
    """Equal texts, and those that differ in blank lines and ends of lines alone."""
    assert differences("one\n\ntwo\n", "one\ntwo  ") == ()


def test_changed_words_are_marked_in_their_line() -> None:
    """A line that stays mostly as it was shows its words."""
    assert _shown(differences("The air was clean in 1958.", "The air was clear in 1958.")) == [
        "The air was [-clean-]{+clear+} in 1958."
    ]


def test_lines_are_shown_whole_when_little_is_the_same() -> None:
    """A line that became another one is not shown as a mixture of both."""
    assert _shown(differences("One thing.", "Wholly different words here!")) == [
        "[-One thing.-]",
        "{+Wholly different words here!+}",
    ]


def test_added_and_removed_lines_stand_alone() -> None:
    """Lines that came or went are whole, with a line of context before and after."""
    assert _shown(differences("a\nb\nc", "a\nx y z\nb")) == ["a", "{+x y z+}", "b", "[-c-]"]


def test_unchanged_lines_are_left_out() -> None:
    """What is far from a change is one gap that says how many lines it leaves out, also at both ends."""
    old = [f"line {number}" for number in range(20)]
    new = [*old[:10], "something new entirely", *old[10:]]
    assert _shown(differences("\n".join(old), "\n".join(new))) == [
        "<9>",
        "line 9",
        "{+something new entirely+}",
        "line 10",
        "<9>",
    ]


def test_characters_are_compared_where_no_spaces_are() -> None:
    """In Chinese a changed character is one change, not a changed sentence."""
    assert _shown(differences("二氧化碳的浓度上升了", "二氧化碳的浓度下降了")) == ["二氧化碳的浓度[-上升-]{+下降+}了"]


def test_hostile_texts_end_in_time() -> None:
    """Half a million lines of one word, and one line of as many words, take seconds and not hours."""
    begun = time.process_time()
    assert differences("a\n" * 250_000 + "b", "c\n" + "a b\n" * 250_000)
    assert differences("a b " * 100_000, "b a " * 100_000)
    assert time.process_time() - begun < 30
