"""The page of usage: ranges, charts, tables and limits."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from support.api import Api, Caller, new_article
from support.seated import Seat, seated

from copydesk.domain.clock import now
from copydesk.ports import CallUsage, ModelAnswer
from copydesk.store import articles
from copydesk.store.calls import put_call
from copydesk.web.charts import HEIGHT, MOST_SERIES, WIDTH, series_of, stack

USAGE = CallUsage(
    model="gpt-5-2025",
    input_tokens=1_100,
    output_tokens=20,
    cached_tokens=64,
    cost_usd=Decimal("0.25"),
    seconds=0.5,
    retries=0,
)


async def worked(api: Api, account: str = "acme", **changes: Any) -> tuple[Seat, Caller]:
    """Somebody whose account has an article and a call of today."""
    seat, caller = await seated(api, account), await api.caller(account)
    task = await caller.create_task()
    async with api.database.write() as connection:
        await articles.insert_article(connection, new_article(task["task_id"], seat.account_id, created_at=now()))
        answer = ModelAnswer(text="An answer.", complete=True, usage=replace(USAGE, **changes))
        await put_call(connection, task_id=task["task_id"], purpose="plan", request_sha256="0" * 64, answer=answer)
    return seat, caller


async def test_stranger_is_led_to_the_sign_in(api: Api) -> None:
    """Nobody sees usage without a session."""
    response = await api.client.get("/desk/usage")
    assert response.headers["location"] == "/desk/sign-in?next=/desk/usage"


async def test_empty_account_is_told_what_to_do(api: Api) -> None:
    """Without usage there are no charts, but the limits and a way on."""
    page = await (await seated(api)).get("/usage")
    assert page.status_code == 200
    assert "Nothing was used in these days" in page.text
    assert "<svg" not in page.text
    assert "20 of 20 left" in page.text
    assert "600 a minute" in page.text


async def test_use_is_drawn_and_stands_in_the_tables(api: Api) -> None:
    """Four charts with titles and descriptions; the tables hold the same figures, by model and by day."""
    seat, _ = await worked(api)
    page = (await seat.get("/usage")).text
    for name in ("Articles", "Words", "Tokens", "Cost"):
        assert re.search(rf"<svg [^>]*role=\"img\"[^>]*>\s*<title id=\"\w+-title\">{name}</title>\s*<desc", page)
    assert f"<title>{now().date()}, gpt-5-2025: 1\u202f120</title>" in page
    assert "<title>" in page
    rows = re.findall(r'<th scope="row">([^<]*)</th>', page)
    assert rows == ["extractive", "gpt-5-2025", "In all", str(now().date())]
    assert page.count("$0.2500") >= 3
    assert "1\u202f100" in page
    assert "19 of 20 left" in page
    assert "style=" not in page


async def test_other_account_sees_none_of_it(api: Api) -> None:
    """Usage is the account's own."""
    await worked(api)
    page = await (await seated(api, "other")).get("/usage")
    assert "gpt-5-2025" not in page.text
    assert "Nothing was used" in page.text


async def test_reader_may_look(api: Api) -> None:
    """A key that may only read sees the page."""
    assert (await (await seated(api, read_only=True)).get("/usage")).status_code == 200


@pytest.mark.parametrize("days", [7, 30, 90])
async def test_range_up_to_today_is_offered(api: Api, days: int) -> None:
    """Each offered range ends today and is marked as the one that is shown."""
    page = (await (await seated(api)).get(f"/usage?days={days}")).text
    first = now().date() - timedelta(days=days - 1)
    assert f'name="from" value="{first}"' in page
    assert re.search(rf'\?days={days}" aria-current="true"', page)
    assert page.count('aria-current="true"') == 1


async def test_range_of_ones_own_is_shown(api: Api) -> None:
    """From and to are kept in the form, and no offered range is marked."""
    seat, _ = await worked(api)
    page = (await seat.get("/usage?from=2026-01-01&to=2026-02-01")).text
    assert 'name="from" value="2026-01-01"' in page
    assert 'aria-current="true"' not in page
    assert "Nothing was used" in page


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("from=2026-02-02&to=2026-02-01", "to", "should not be before"),
        ("from=2020-01-01&to=2026-01-01", "from", "at most 366 days"),
        ("from=yesterday", "from", "YYYY-MM-DD"),
        ("to=2026-02-31", "to", "valid"),
        ('to="><script>alert(1)</script>', "to", "YYYY-MM-DD"),
    ],
)
async def test_wrong_range_is_said_at_its_field(api: Api, query: str, field: str, said: str) -> None:
    """What the API refuses is said where it was typed, which keeps what was typed; the last days are shown."""
    page = await (await seated(api)).get(f"/usage?{query}")
    assert page.status_code == 422
    found = re.search(rf'<p class="problem" id="{field}-problem">([^<]*)</p>', page.text)
    assert found is not None
    assert said in found[1]
    assert re.search(rf'name="{field}"[^>]*\saria-invalid="true"', page.text)
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("query", ["days=x", "days=-1", "days=99999", "from=&to=", "days=30&days=7"])
async def test_unknown_days_show_the_usual_range(api: Api, query: str) -> None:
    """A number of days that is not offered, and empty fields, are no error."""
    assert (await (await seated(api)).get(f"/usage?{query}")).status_code == 200


async def test_unknown_price_is_said(api: Api) -> None:
    """Where a price is not known a dash stands, and a sentence says why."""
    seat, _ = await worked(api, cost_usd=None)
    page = (await seat.get("/usage")).text
    assert "price of some calls is not known" in page
    assert "\u2013" in page


async def test_model_is_named_as_text(api: Api) -> None:
    """A model's name is its endpoint's: markup in it stands there as text, in charts and tables."""
    seat, _ = await worked(api, model="<img src=x onerror=alert(1)>")
    page = (await seat.get("/usage")).text
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;") >= 3


def test_bars_stand_on_each_other_and_fill_the_drawing() -> None:
    """The day with the most has the whole height; series lie in their order; nothing is drawn of nothing."""
    days = [(date(2026, 1, 1), {"a": 1.0, "b": 3.0}), (date(2026, 1, 2), {"a": 0.0}), (date(2026, 1, 3), {"b": 2.0})]
    chart = stack(days, series={"a": 0, "b": 1}, title=lambda day, name, value: f"{day} {name} {value}")
    assert (chart.most, chart.total) == (4.0, 6.0)
    assert [(bar.series, bar.y, bar.height) for bar in chart.bars] == [
        (0, HEIGHT * 3 / 4, HEIGHT / 4),
        (1, 0.0, HEIGHT * 3 / 4),
        (1, HEIGHT / 2, HEIGHT / 2),
    ]
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH for bar in chart.bars)
    assert chart.bars[0].title == "2026-01-01 a 1.0"


def test_charts_of_nothing_are_empty() -> None:
    """No days, or days without use, draw nothing."""
    for days in ([], [(date(2026, 1, 1), {"a": 0.0})]):
        chart = stack(days, series={"a": 0}, title=lambda *_: "")
        assert (list(chart.bars), chart.most, chart.total) == ([], 0.0, 0.0)


def test_many_series_share_the_last_colour() -> None:
    """There are as many colours as can be told apart."""
    series = series_of([f"model-{number}" for number in range(9)])
    assert max(series.values()) == MOST_SERIES - 1
    assert list(series.values())[:3] == [0, 1, 2]
