"""The OpenAPI document and its page."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from support.api import Api

from copydesk.api.examples import EXAMPLES
from copydesk.wire import articles, files, service, tasks, usage

SNAPSHOT = Path(__file__).with_name("openapi.json")
OPERATIONS = {
    "createTask": {202, 400, 401, 403, 405, 409, 413, 415, 422, 429, 500, 503},
    "listTasks": {200, 401, 405, 422, 429, 500, 503},
    "getTask": {200, 401, 404, 405, 422, 429, 500, 503},
    "cancelTask": {200, 401, 403, 404, 405, 409, 422, 429, 500, 503},
    "retryTask": {202, 401, 403, 404, 405, 409, 422, 429, 500, 503},
    "followTask": {200, 204, 401, 404, 405, 422, 429, 500, 503},
    "listTaskArticles": {200, 401, 404, 405, 422, 429, 500, 503},
    "listArticles": {200, 401, 405, 422, 429, 500, 503},
    "getArticle": {200, 401, 404, 405, 422, 429, 500, 503},
    "editArticle": {200, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429, 500, 503},
    "deleteArticle": {204, 401, 403, 404, 405, 412, 422, 429, 500, 503},
    "listArticleVersions": {200, 401, 404, 405, 422, 429, 500, 503},
    "getArticleEvidence": {200, 401, 404, 405, 422, 429, 500, 503},
    "uploadFile": {201, 400, 401, 403, 405, 409, 413, 415, 422, 429, 500, 503},
    "listFiles": {200, 401, 405, 422, 429, 500, 503},
    "getFile": {200, 401, 404, 405, 422, 429, 500, 503},
    "deleteFile": {204, 401, 403, 404, 405, 409, 422, 429, 500, 503},
    "getUsage": {200, 401, 405, 422, 429, 500, 503},
    "getHealth": {200, 405, 500},
    "getReadiness": {200, 405, 500, 503},
}


async def test_document_names_every_status_when_asked(api: Api) -> None:
    """Every operation names what it can answer; each error with its shape and an example."""
    document = (await api.client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    found = {operation["operationId"]: operation for path in document["paths"].values() for operation in path.values()}
    assert {name: {int(status) for status in one["responses"]} for name, one in found.items()} == OPERATIONS
    for operation in found.values():
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                content = response["content"]["application/json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
                assert content["examples"]
    assert "Allow" in found["listTasks"]["responses"]["405"]["headers"]


async def test_document_is_unchanged_when_nothing_changed_on_purpose(api: Api) -> None:
    """The document equals its snapshot; to accept a change: delete tests/api/openapi.json and run this test once."""
    document = (await api.client.get("/openapi.json")).json()
    if not SNAPSHOT.exists():
        SNAPSHOT.write_text(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        pytest.fail("the snapshot was written anew; look at its change and run the test again")
    assert document == json.loads(SNAPSHOT.read_text())


def _models() -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    for module in (articles, files, service, tasks, usage):
        found |= {name: value for name, value in vars(module).items() if isinstance(value, type)}
    return found


@pytest.mark.parametrize(
    ("model", "value"),
    [(name, example["value"]) for name, examples in EXAMPLES.items() for example in examples.values()],
)
def test_example_is_valid_when_read_by_its_model(model: str, value: Any) -> None:
    """Every example is one that the service could answer or take."""
    shape = _models()[model]
    read = shape.model_validate(value, context={"is_slug": lambda _: True})
    if model not in ("TaskCreate", "ArticlePatch"):
        assert json.loads(read.model_dump_json(by_alias=True)) == value


async def test_docs_work_when_no_other_host_is_reachable(api: Api) -> None:
    """The page and all it loads come from the service itself, under a policy that allows nothing else."""
    page = await api.client.get("/docs")
    assert page.status_code == 200
    assert "script-src 'self';" in page.headers["content-security-policy"]
    assert "://" not in page.text
    for name, kind in (
        ("swagger-ui.css", "text/css"),
        ("swagger-ui-bundle.js", "text/javascript"),
        ("start.js", "text/javascript"),
    ):
        assert f"docs/{name}" in page.text
        part = await api.client.get(f"/docs/{name}")
        assert part.status_code == 200
        assert part.headers["content-type"].startswith(kind)
    for name in ("LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"):
        assert (await api.client.get(f"/docs/{name}")).status_code == 200
