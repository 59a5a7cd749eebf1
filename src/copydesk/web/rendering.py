"""Pages from templates: nothing in them is trusted, and no rule lives in them."""

from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from copydesk.domain.clock import rfc3339
from copydesk.web.static import address_of
from copydesk.web.texts import text

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Renderer:
    """The templates.

    Args:
        prefix: Where the desk is mounted.
    """

    def __init__(self, *, prefix: str) -> None:
        self._prefix = prefix
        self._environment = Environment(
            loader=PackageLoader("copydesk.web"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(t=text, static=lambda name: prefix + address_of(name))
        self._environment.filters.update(when=when, thousands=thousands, usd=usd)

    def page(
        self,
        request: Request,
        template: str,
        /,
        *,
        code: int = 200,
        headers: dict[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """A page, or a part of one, for whoever is signed in."""
        session = getattr(request.state, "session", None)
        html = self._environment.get_template(template).render(
            request=request, prefix=self._prefix, session=session, path=request.url.path, **context
        )
        return HTMLResponse(
            html,
            status_code=code,
            headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store", **(headers or {})},
        )


def renderer_of(request: Request) -> Renderer:
    """The templates of this application."""
    renderer: Renderer = request.app.state.renderer
    return renderer


def when(instant: datetime | None) -> Markup:
    """An instant as `<time>`: in UTC until the browser's script puts it into the reader's zone."""
    if instant is None:
        return Markup("")
    return Markup('<time datetime="{}">{} UTC</time>').format(
        rfc3339(instant), escape(instant.strftime("%-d %b %Y, %H:%M"))
    )


def thousands(number: float) -> str:
    """A whole number with its thousands apart by a narrow space."""
    return f"{number:,.0f}".replace(",", "\u202f")


def usd(amount: float | None) -> str:
    """An amount in US dollars, precise to a tenth of a cent below one dollar; a dash where no price is known."""
    if amount is None:
        return "\u2013"
    return f"${amount:,.2f}" if amount >= 1 or amount == 0 else f"${amount:.4f}"
