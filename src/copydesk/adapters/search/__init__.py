"""Search engines behind `ports.SearchProvider`."""

from collections.abc import Callable, Mapping

from pydantic import SecretStr

from copydesk.adapters.search.brave import BraveSearch
from copydesk.adapters.search.ddgs import DdgsSearch
from copydesk.adapters.search.exa import ExaSearch
from copydesk.adapters.search.model import ModelSearch
from copydesk.adapters.search.none import NoSearch
from copydesk.adapters.search.patience import PatientSearch
from copydesk.adapters.search.searxng import SearxngSearch
from copydesk.adapters.search.serper import SerperSearch
from copydesk.adapters.search.tavily import TavilySearch
from copydesk.adapters.search.wikipedia import WikipediaSearch
from copydesk.errors import ConfigurationError
from copydesk.outbound.trusted import TrustedClient
from copydesk.ports import LanguageModel, SearchProvider
from copydesk.settings import SEARCH_KEYS, Settings

_BUILDERS: Mapping[str, Callable[[Settings, TrustedClient], SearchProvider]] = {
    "wikipedia": lambda settings, client: WikipediaSearch(client=client, base=settings.wikipedia_url),
    "searxng": lambda settings, client: SearxngSearch(client=client, base=settings.searxng_url),
    "brave": lambda settings, client: BraveSearch(client=client, key=_key("brave", settings)),
    "tavily": lambda settings, client: TavilySearch(client=client, key=_key("tavily", settings)),
    "exa": lambda settings, client: ExaSearch(client=client, key=_key("exa", settings)),
    "serper": lambda settings, client: SerperSearch(client=client, key=_key("serper", settings)),
    "ddgs": lambda settings, _client: DdgsSearch(seconds=settings.search_seconds),
    "none": lambda _settings, _client: NoSearch(),
    "model": lambda _settings, _client: _no_model(),
}


def build_search(
    name: str, settings: Settings, client: TrustedClient, *, model: LanguageModel | None = None
) -> SearchProvider:
    """Build the engine that the `SEARCH` setting calls `name`, with the time limit of the settings.

    `model` is for the engine of that name, whose queries have the model's own limits of time and tries.

    Raises:
        ConfigurationError: There is no such engine, or a setting of its own or its library is missing.
    """
    if name == "model" and model is not None:
        return ModelSearch(model)
    try:
        build = _BUILDERS[name]
    except KeyError as error:
        msg = f"Unknown search engine {name!r}; known are {', '.join(_BUILDERS)}."
        raise ConfigurationError(msg) from error
    return PatientSearch(build(settings, client), seconds=settings.search_seconds)


def _no_model() -> SearchProvider:
    msg = "SEARCH names model, so COPYDESK_MODEL must name one of a provider that searches the web."
    raise ConfigurationError(msg)


def _key(name: str, settings: Settings) -> SecretStr:
    key: SecretStr | None = getattr(settings, f"{name}_api_key")
    if key is None:
        msg = f"SEARCH names {name}, so {SEARCH_KEYS[name]} must be set."
        raise ConfigurationError(msg)
    return key
