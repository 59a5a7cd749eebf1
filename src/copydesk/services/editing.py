"""What an edit makes of an article: values in, values out."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from copydesk.domain.article import Article, PublicationStatus
from copydesk.errors import ValidationError
from copydesk.evidence.topic import subject_of, topic_phrase
from copydesk.seo.slugs import is_slug
from copydesk.services.checking import rechecked
from copydesk.wire.articles import EDITABLE, ArticleOut, ArticlePatch
from copydesk.wire.problems import parse_model, validation_error

_READ_ONLY = frozenset(ArticleOut.model_fields) - EDITABLE


def edited(before: Article, body: Any, *, prompt: str, at: datetime) -> Article:
    """The article as a PATCH body changes it; the same where nothing changes.

    Fields that stand in the body as GET shows them are no change, read-only ones among them. What was
    changed is counted, checked and scored again; a changed text is a new version.

    Args:
        before: The article as it is stored.
        body: Parsed JSON.
        prompt: The task's: its topic stands in where the article has no keywords.
        at: The time of the change.

    Raises:
        ValidationError: With every broken rule.
    """
    changes = _read(body, before)
    status = changes.get("publication_status", before.publication_status)
    after = replace(before, **changes, published_at=_published_at(before, status, at))
    if after == before:
        return before
    version = before.version if after.content == before.content else before.version + 1
    after = replace(after, version=version, revision=before.revision + 1, updated_at=at)
    topic = topic_phrase(prompt, before.language)
    return rechecked(after, topic=subject_of(topic, before.language))


def check_shape(body: Any, before: Article) -> None:
    """Refuse a body that could not be applied to any revision: what is checked before `If-Match` (RFC 9110, 13.2.1).

    Raises:
        ValidationError: With every broken rule; read-only fields are not looked at.
    """
    if isinstance(body, dict):
        stored = json.loads(ArticleOut.of(before).to_json()) if body else {}
        body = {
            name: value
            for name, value in body.items()
            if name not in _READ_ONLY and not (name in stored and _same(value, stored[name]))
        }
    parse_model(ArticlePatch, body, context={"is_slug": is_slug})


def _read(body: Any, before: Article) -> dict[str, Any]:
    """The changes of a body, without what stands there unchanged."""
    if not isinstance(body, dict):
        return parse_model(ArticlePatch, body).changes()
    stored = json.loads(ArticleOut.of(before).to_json()) if body else {}
    unchanged = {name for name in body if name in stored and _same(body[name], stored[name])}
    broken = [
        {"field": name, "message": "This field is read-only, and differs from what is stored", "type": "read_only"}
        for name in body
        if name in _READ_ONLY and name not in unchanged
    ]
    given = {name: value for name, value in body.items() if name not in _READ_ONLY and name not in unchanged}
    try:
        patch = parse_model(ArticlePatch, given, context={"is_slug": is_slug})
    except ValidationError as error:
        raise validation_error(broken + error.details) from error
    if broken:
        raise validation_error(broken)
    return patch.changes()


def _same(first: Any, second: Any) -> bool:
    """Whether two JSON values are equal; unlike in Python, true is not 1."""
    return json.dumps(first, sort_keys=True) == json.dumps(second, sort_keys=True)


def _published_at(before: Article, status: PublicationStatus, at: datetime) -> datetime | None:
    """When the article was published: contract.md, PATCH."""
    if status is PublicationStatus.PUBLISHED and before.publication_status is not PublicationStatus.PUBLISHED:
        return at
    return None if status is PublicationStatus.DRAFT else before.published_at
