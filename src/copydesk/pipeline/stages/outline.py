"""Planning: whether the evidence can carry an article at all."""

from collections import Counter
from collections.abc import Sequence

from copydesk.domain.source import Disposition, Evidence, Source
from copydesk.errors import WorkflowError

# What is said of sources that gave nothing.
_SAID = {
    Disposition.BLOCKED: "blocked because the address is not public",
    Disposition.UNREACHABLE: "unreachable",
    Disposition.TOO_LARGE: "over the limits of size or time",
    Disposition.UNSUPPORTED: "not readable (encrypted, damaged or of another kind)",
    Disposition.EMPTY: "without readable text",
    Disposition.OFF_TOPIC: "not about the topic, or in another language",
    Disposition.DUPLICATE: "duplicates of others",
    Disposition.READ: "read, without a passage that could be used",
}


def check_evidence(evidence: Evidence, sources: Sequence[Source], *, allow_ungrounded: bool) -> None:
    """Fail honestly where there is nothing to write from.

    Raises:
        WorkflowError: No source gave a usable passage; says what became of each and what would help.
    """
    if evidence.passages or allow_ungrounded:
        return
    remedy = "Add reference links or files about the topic, or connect a search engine (COPYDESK_SEARCH)."
    if not sources:
        message = f"There is no evidence to write from: no link, no file, and no page was found. {remedy}"
        raise WorkflowError(message)
    counts = Counter(source.disposition for source in sources if source.disposition is not None)
    said = "; ".join(f"{count} {_SAID[kind]}" for kind, count in counts.most_common() if kind in _SAID)
    message = f"Not enough evidence: none of the {len(sources)} sources can be used ({said}). {remedy}"
    raise WorkflowError(message)
