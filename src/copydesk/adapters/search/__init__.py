"""Search engines behind `ports.SearchProvider`."""

from collections.abc import Callable, Mapping

from copydesk.adapters.search.none import NoSearch
from copydesk.adapters.search.searxng import SearxngSearch
from copydesk.adapters.search.wikipedia import WikipediaSearch
from copydesk.errors import ConfigurationError
from copydesk.outbound.trusted import TrustedClient
from copydesk.ports import SearchProvider
from copydesk.settings import Settings

_BUILDERS: Mapping[str, Callable[[Settings, TrustedClient], SearchProvider]] = {
    "wikipedia": lambda settings, client: WikipediaSearch(client=client, base=settings.wikipedia_url),
    "searxng": lambda settings, client: SearxngSearch(client=client, base=settings.searxng_url),
    "none": lambda _settings, _client: NoSearch(),
}


def build_search(name: str, settings: Settings, client: TrustedClient) -> SearchProvider:
    """Build the engine that the `SEARCH` setting calls `name`.

    Raises:
        ConfigurationError: There is no such engine, or a setting of its own is missing.
    """
    try:
        build = _BUILDERS[name]
    except KeyError as error:
        msg = f"Unknown search engine {name!r}; known are {', '.join(_BUILDERS)}."
        raise ConfigurationError(msg) from error
    return build(settings, client)
