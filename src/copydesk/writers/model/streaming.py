"""What may be shown of an answer that is still being written."""

import regex

from copydesk.writers.model.answers import plain

# A citation, as `answers` reads it; readers of unfinished text have no use for numbers of passages.
_MARK = regex.compile(r"\s*[\[\u3010]\^?\d{1,4}(?:\s*[,;]\s*\^?\d{1,4})*[\]\u3011]")
# What may turn out to be a tag, a citation, a link or an emphasis, and is held back until it is whole.
_UNFINISHED = regex.compile(
    r"(?:<(?:[/!|A-Za-z][^<>]{0,200})?|!?[\[\u3010][^\[\]\u3010\u3011]{0,200}(?:[\]\u3011](?:\([^()\s]{0,300})?)?|[*_`~#!]+)$"
)


def shown_so_far(raw: str) -> str:
    """The text of an unfinished answer, without thoughts, markup and citation marks.

    What stands in an open `<think>` is never shown, nor the beginning of what may become a tag or a mark. Mostly what
    was shown of a shorter piece begins what is shown of a longer one; where a model closes a thought that it did not
    open, it does not.
    """
    return _MARK.sub("", plain(_UNFINISHED.sub("", raw)))
