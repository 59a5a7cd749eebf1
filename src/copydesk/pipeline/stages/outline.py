"""Planning: whether the evidence can carry an article at all."""

from collections import Counter
from collections.abc import Sequence

from copydesk.domain.article import Notice
from copydesk.domain.source import Disposition, Evidence, Source, SourceKind
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


def check_evidence(
    evidence: Evidence, sources: Sequence[Source], *, allow_ungrounded: bool, failed_searches: Sequence[Notice] = ()
) -> None:
    """Fail honestly where there is nothing to write from.

    Args:
        evidence: What was read.
        sources: Where it was read.
        allow_ungrounded: Whether the writer may go on without evidence.
        failed_searches: The notices of engines that failed.

    Raises:
        WorkflowError: No source gave a usable passage; says what became of each and what would help. Trying again
            may help where no page was found because search engines failed.
    """
    if evidence.passages or allow_ungrounded:
        return
    if failed_searches and not any(source.kind is SourceKind.WEB for source in sources):
        raise _unsearched(sources, failed_searches)
    remedy = "Add reference links or files about the topic, or connect a search engine (COPYDESK_SEARCH)."
    if not sources:
        message = f"There is no evidence to write from: no link, no file, and no page was found. {remedy}"
        raise WorkflowError(message)
    counts = Counter(source.disposition for source in sources if source.disposition is not None)
    said = "; ".join(f"{count} {_SAID[kind]}" for kind, count in counts.most_common() if kind in _SAID)
    message = f"Not enough evidence: none of the {len(sources)} sources can be used ({said}). {remedy}"
    raise WorkflowError(message)


def _unsearched(sources: Sequence[Source], failed: Sequence[Notice]) -> WorkflowError:
    engines = " ".join(f"{notice.subject}: {notice.message}" for notice in failed)
    others = f"none of the {len(sources)} links and files can be used" if sources else "there are no links or files"
    message = f"There is no evidence to write from: searching the web failed, and {others}. {engines}"
    remedy = "See to the search engine and retry the task, or add links or files about the topic."
    return WorkflowError(f"{message} {remedy}", retryable=True)
