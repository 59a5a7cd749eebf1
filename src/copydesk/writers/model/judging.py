"""One call in which the model shows which words of a passage bear a doubtful sentence out."""

import string
from collections.abc import Sequence

import regex

from copydesk.domain.article import Sentence
from copydesk.domain.brief import Brief
from copydesk.domain.source import Passage
from copydesk.ports import Bearing
from copydesk.writers.model.calls import Calls, unnamed
from copydesk.writers.model.fencing import defused
from copydesk.writers.model.repairs import lettered_lines
from copydesk.writers.model.wording import language_name

_ANSWER_TOKENS = 30  # of one sentence's line
_MARK = regex.compile(r"\[\^?(\d{1,4})\]")


async def judge(
    calls: Calls, brief: Brief, sentences: Sequence[Sentence], passages: Sequence[Passage]
) -> list[Bearing | None]:
    """For each sentence the passage that the model names, and the words that it copied from it; else None.

    A model that says yes to everything is not to be believed, so it is asked for the words. Sentences beyond what one
    call can name are not judged.
    """
    shown = dict(zip(string.ascii_lowercase, sentences, strict=False))
    answer, fenced = await calls.over(
        "judge",
        "judge",
        unnamed(passages),
        max_tokens=_ANSWER_TOKENS * (len(shown) + 1),
        language_name=language_name(brief.language),
        sentences="\n".join(f"{letter}: {defused(sentence.text)}" for letter, sentence in shown.items()),
    )
    found: dict[str, Bearing] = {}
    for letter, said in lettered_lines(answer.text):
        number = next(map(int, _MARK.findall(said)), 0)
        if 1 <= number <= len(fenced.ids):
            found.setdefault(letter, Bearing(passage_id=fenced.ids[number - 1], words=_MARK.sub("", said).strip()))
    by_sentence = {sentence: found.get(letter) for letter, sentence in shown.items()}
    return [by_sentence.get(sentence) for sentence in sentences]
