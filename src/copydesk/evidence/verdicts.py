"""What became of each source that was read: its disposition so far, and a sentence on it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from copydesk.domain.brief import Brief
from copydesk.domain.language import language_name, same_language
from copydesk.domain.source import Disposition, Passage, Source
from copydesk.evidence.folding import Folded

Verdict = tuple[Disposition, str | None]


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """Decides the disposition of each source."""

    brief: Brief
    by_id: Mapping[str, Source]
    languages: Mapping[str, Counter[str]]  # by source id: passages in each language
    same_page: Mapping[str, str]  # by source id: the source whose page it is
    on_topic: set[str]
    kept: set[str]  # ids of sources that have a passage left
    said_by: Mapping[str, tuple[str, ...]]  # by source id: who says what was folded

    @classmethod
    def of(
        cls,
        brief: Brief,
        sources: Sequence[Source],
        passages: Sequence[Passage],
        *,
        same_page: Mapping[str, str],
        on_topic: set[str],
        folded: Folded,
    ) -> dict[str, Verdict]:
        """The dispositions of all sources that have none yet: READ (may be used), DUPLICATE, OFF_TOPIC or EMPTY."""
        languages: dict[str, Counter[str]] = {}
        for passage in passages:
            languages.setdefault(passage.source_id, Counter())[passage.language] += 1
        verdicts = cls(
            brief=brief,
            by_id={source.source_id: source for source in sources},
            languages=languages,
            same_page=same_page,
            on_topic=on_topic,
            kept={entry.passage.source_id for entry in folded.kept},
            said_by=folded.said_by,
        )
        return {source.source_id: verdicts.verdict(source) for source in sources if source.disposition is None}

    def verdict(self, source: Source) -> Verdict:
        """One source's."""
        source_id = source.source_id
        own = self.languages.get(source_id)
        if not own:
            return Disposition.EMPTY, "It has no whole sentence and no table to take evidence from."
        if source_id in self.same_page:
            return Disposition.DUPLICATE, f"It is the same page as {self._name(self.same_page[source_id])}."
        ours = language_name(self.brief.language)
        others = [name for name, _ in own.most_common() if not same_language(name, self.brief.language)]
        if len(others) == len(own):
            theirs = " and ".join(language_name(name) for name in others)
            return Disposition.OFF_TOPIC, f"It is written in {theirs}, the article in {ours}."
        if source_id not in self.on_topic:
            return Disposition.OFF_TOPIC, self._off_topic(others, ours)
        if source_id not in self.kept:
            return Disposition.DUPLICATE, self._duplicate(source_id)
        return Disposition.READ, None

    def _off_topic(self, others: Sequence[str], ours: str) -> str:
        """What is said of a source that names nothing of the topic, at least in the article's language."""
        if not others:
            return f"It says nothing about {self.brief.topic!r}."
        theirs = " and ".join(language_name(name) for name in others)
        return f"Its {ours} passages say nothing about {self.brief.topic!r}; the others are in {theirs}."

    def _duplicate(self, source_id: str) -> str:
        by = [other for other in self.said_by.get(source_id, ()) if other != source_id]
        if len(by) == 1:
            return f"{self._name(by[0])} says all that it says."
        named = " and ".join(self._name(other) for other in by[:2])
        return f"Other sources of the task say all that it says, most of it {named}."

    def _name(self, source_id: str) -> str:
        source = self.by_id[source_id]
        return source.url or source.title or str(source.file_id)
