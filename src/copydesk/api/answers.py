"""Answers: models and kept bytes as HTTP responses."""

from collections.abc import Mapping

from starlette.responses import Response

from copydesk.domain.article import Article
from copydesk.store.idempotency import Answer
from copydesk.wire.text import AnswerModel

JSON = "application/json"


def shown(model: AnswerModel, *, headers: Mapping[str, str] | None = None) -> Response:
    """A model as a 200 answer."""
    return Response(model.to_json(), media_type=JSON, headers=headers)


def kept(answer: Answer) -> Response:
    """An answer exactly as it was kept."""
    return Response(answer.body, status_code=answer.status, media_type=JSON, headers=answer.headers)


def etag(article: Article) -> str:
    """The strong entity tag of an article: its revision."""
    return f'"{article.revision}"'
