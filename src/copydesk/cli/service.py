"""`serve`, `api`, `worker` and `migrate`."""

import asyncio
import socket
import sys
from ipaddress import ip_address

from copydesk.app import serve, work
from copydesk.domain.clock import now
from copydesk.errors import ConfigurationError
from copydesk.services import Services
from copydesk.services.sessions import LINK_TIME
from copydesk.settings import Settings, load_settings
from copydesk.telemetry import configure_logging
from copydesk.web.application import PREFIX
from copydesk.wiring import migrate_all

LOCAL_ACCOUNT = "local"  # of whoever signs in by the link, as `copydesk write` calls it


def run_service(*, host: str, port: int, worker: bool) -> None:
    """Serve until told to stop."""
    settings = _started()
    port = _usable(host, port)
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def ready(services: Services) -> None:
        _say(f"Copydesk listens on {address} (desk: {address}{PREFIX}, API documentation: {address}/docs).")
        if any(key.usable_at(now()) for key in await services.access.list_keys()):
            return
        _say("There is no API key yet; 'copydesk keys create ACCOUNT' makes one.")
        if _is_loopback(host):
            minutes = int(LINK_TIME.total_seconds() // 60)
            link = f"{address}{PREFIX}/link/{await services.sessions.make_link(LOCAL_ACCOUNT)}"
            _say(f"Or sign in on this machine, once, within {minutes} minutes: {link}")

    asyncio.run(serve(settings, host=host, port=port, worker=worker, ready=ready))


def run_worker() -> None:
    """Work until told to stop."""
    asyncio.run(work(_started()))


def run_migrate() -> None:
    """Migrate both databases."""
    asyncio.run(migrate_all(_started()))


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches the service: the link that is printed opens the door to whoever has it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - a command's own words


def _started() -> Settings:
    settings = load_settings()
    configure_logging(level=settings.log_level, style=settings.log_format)
    return settings


def _usable(host: str, port: int) -> int:
    """The port, or a free one for 0; taken ones are told before anything is opened."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"Cannot listen on {host}:{port} ({error.strerror}); choose another with --host and --port."
            raise ConfigurationError(message) from error
        number: int = probe.getsockname()[1]
        return number
