"""`copydesk doctor`: what is configured, reachable and missing."""

import asyncio
import json
import os
import platform
import shutil
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass

import typer
from filelock import FileLock, Timeout

from copydesk.cli.exits import Exit
from copydesk.domain.checkup import EmbeddingCheck, ModelCheck
from copydesk.domain.clock import new_id
from copydesk.domain.file import BlobKey
from copydesk.errors import CopydeskError
from copydesk.settings import SEARCH_KEYS, Settings, load_settings
from copydesk.store import counters
from copydesk.telemetry import configure_logging
from copydesk.wiring import (
    SearchCheck,
    build_reader,
    check_embedder,
    check_models,
    check_search,
    open_shared,
)

FREE_MB = 500  # below this a warning: databases and uploads need room
CONNECT = (
    "For better sources connect a real engine: name brave, tavily, exa or serper in COPYDESK_SEARCH and set its key"
    f" ({', '.join(SEARCH_KEYS.values())}), or name searxng and set COPYDESK_SEARXNG_URL; several, comma-separated, are"
    " asked side by side."
)


# What helps, by the reason of a failure, where the engine's own sentence does not say it.
REMEDIES = {
    "unreachable": "Check this machine's network, name service and firewall, and the address in the settings.",
    "slow": "Check the network, or raise COPYDESK_SEARCH_SECONDS.",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of the examination."""

    name: str
    ok: bool
    needed: bool  # whether Copydesk cannot work without it
    message: str


def run_doctor(*, as_json: bool) -> Exit:
    """Examine, print, and fail where something needed is missing."""
    settings = load_settings()
    configure_logging(level="error", style=settings.log_format)
    findings = asyncio.run(_examine(settings))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            mark = "ok  " if finding.ok else "FAIL" if finding.needed else "note"
            typer.echo(f"{mark}  {finding.name}: {finding.message}")
    return Exit.FAILED if any(finding.needed and not finding.ok for finding in findings) else Exit.OK


async def _examine(settings: Settings) -> list[Finding]:
    found = [*await _searches(settings)]
    found.append(_writer(settings))
    found.extend(await _models(settings))
    embedding = await check_embedder(settings)
    if embedding is not None:
        found.append(_embedding(embedding))
    found.append(await _database(settings))
    if found[-1].ok:
        found.append(await examine_files(settings))
        found.append(await examine_totals(settings))
    if settings.embedded:
        found.append(_folder(settings))
        if not found[-1].needed:  # else there is no place for a lock file
            found.append(_worker(settings))
    found.extend([finding async for finding in _sandbox(settings)])
    found.append(_outbound(settings))
    found.append(Finding(name="python", ok=True, needed=True, message=f"{platform.python_version()} on {sys.platform}"))
    return found


async def _searches(settings: Settings) -> Sequence[Finding]:
    """Each engine is asked a question, all side by side; a real one comes before everything else."""
    found = []
    if not set(settings.search) - {"wikipedia", "ddgs", "none"}:
        now = ", ".join(settings.search)
        said = (
            "only links and files are read."
            if settings.search == ("none",)
            else "no engine to rely on for the whole web."
        )
        found.append(Finding(name="search", ok=False, needed=False, message=f"{now}: {said} {CONNECT}"))
    names = [name for name in settings.search if name != "none"]
    checks = await asyncio.gather(*(check_search(name, settings) for name in names))
    found.extend(_search(name, check) for name, check in zip(names, checks, strict=True))
    found.extend(_unused_keys(settings))
    return found


def _search(name: str, check: SearchCheck) -> Finding:
    key = f" with the key in {SEARCH_KEYS[name]}" if name in SEARCH_KEYS else ""
    what = f"answers in {check.seconds:.2f} s{key}, {check.results} results."
    if check.problem is None and not check.results:
        what = f"answers in {check.seconds:.2f} s{key}, but finds nothing: see which engines and languages it searches."
    if name == "ddgs":
        what += " It is unofficial: it reads pages made for people by a client of its own, and may be blocked any time."
    ok = check.problem is None and check.results > 0
    message = what if check.problem is None else f"{check.problem} {REMEDIES.get(check.reason, '')}".rstrip()
    return Finding(name=f"search {name}", ok=ok, needed=False, message=message)


def _unused_keys(settings: Settings) -> Iterator[Finding]:
    for name, variable in SEARCH_KEYS.items():
        if name not in settings.search and getattr(settings, f"{name}_api_key") is not None:
            message = f"{variable} is set, but COPYDESK_SEARCH does not name {name}, so it is not asked."
            yield Finding(name=f"search {name}", ok=False, needed=False, message=message)


def _writer(settings: Settings) -> Finding:
    message = "extractive: articles are composed of the sources' own passages, without a language model."
    if settings.models:
        planner = f"; {settings.model_fast} plans and proposes search fields" if settings.model_fast else ""
        message = f"articles are written by {settings.model}{planner}."
    return Finding(name="writer", ok=True, needed=True, message=message)


async def _models(settings: Settings) -> Sequence[Finding]:
    """Every model; one that fails is needed where no other of its setting answers in its place."""
    checks = await check_models(settings)
    alone = [chain for chain in (settings.models, settings.fast_models) if all(checks[name].problem for name in chain)]
    return [_model(check, needed=any(name in chain for chain in alone)) for name, check in checks.items()]


def _model(check: ModelCheck, *, needed: bool) -> Finding:
    name = f"model {check.name}"
    if check.problem is not None:
        return Finding(name=name, ok=False, needed=needed, message=check.problem)
    named = "" if check.answered_by in check.name else f" as {check.answered_by}"
    streamed = "streams" if check.streams else "does not stream: progress shows each answer as a whole"
    structure = ["a JSON schema"] * check.takes_schema + ["functions"] * check.takes_functions
    taken = f"takes {' and '.join(structure)}" if structure else "takes no schema and no functions: asked in words"
    window = f"window {check.window:,} tokens"
    if not check.window_known:
        window += " assumed: set COPYDESK_MODEL_WINDOW to the real one"
    parts = (f"answers in {check.seconds:.2f} s{named}", streamed, taken, window, _price(check.priced, "MODEL"))
    return Finding(name=name, ok=True, needed=needed, message=f"{'; '.join(parts)}.")


def _embedding(check: EmbeddingCheck) -> Finding:
    name = f"embedding {check.name}"
    if check.problem is not None:
        message = f"{check.problem} Until then evidence is ranked by its words alone."
        return Finding(name=name, ok=False, needed=False, message=message)
    vectors = f"vectors of {check.length:,} numbers"
    message = f"answers in {check.seconds:.2f} s; {vectors}; {_price(check.priced, 'EMBEDDING')}."
    return Finding(name=name, ok=True, needed=False, message=message)


def _price(known: bool, family: str) -> str:  # noqa: FBT001 - a value to show
    if known:
        return "price known"
    refused = " and max_cost_usd is refused" if family == "MODEL" else ""
    return f"price not known: costs are shown as unknown{refused}, until COPYDESK_{family}_PRICE states it"


async def _database(settings: Settings) -> Finding:
    kind = "SQLite" if settings.embedded else "Postgres"
    try:
        async with open_shared(settings) as shared:
            await shared.database.ping()
            await shared.queue.ping()
    except CopydeskError as error:
        return Finding(name="database", ok=False, needed=True, message=f"{kind}: {error.message}")
    return Finding(name="database", ok=True, needed=True, message=f"{kind}: reachable and migrated, queue too.")


async def examine_files(settings: Settings) -> Finding:
    """Bytes are written, read again and deleted where uploads are kept."""
    key, data = BlobKey(account_id=new_id(), file_id=new_id()), os.urandom(1_024)
    begun = time.monotonic()
    try:
        async with open_shared(settings) as shared:
            await shared.blobs.put(key, data)
            same = await shared.blobs.get(key) == data
            await shared.blobs.delete(key)
    except CopydeskError as error:
        return Finding(name="files", ok=False, needed=True, message=f"{settings.blobs}: {error.message}")
    said = "written, read and deleted" if same else "written, but what was read is something else"
    message = f"{settings.blobs}: a trial file was {said} in {time.monotonic() - begun:.2f} s."
    return Finding(name="files", ok=same, needed=True, message=message)


async def examine_totals(settings: Settings) -> Finding:
    """The totals that lists show are compared with counting, and set right where they differ."""
    try:
        async with open_shared(settings) as shared, shared.database.write() as connection:
            wrong = await counters.repair(connection)
    except CopydeskError as error:
        return Finding(name="totals", ok=False, needed=False, message=error.message)
    if not wrong:
        return Finding(
            name="totals", ok=True, needed=False, message="what lists show as their totals is what there is."
        )
    named = ", ".join(dict.fromkeys(f"{drift.noun.value} {drift.state}".strip() for drift in wrong))
    message = f"{len(wrong)} were wrong ({named}) and are set right; has somebody changed the tables by hand?"
    return Finding(name="totals", ok=False, needed=False, message=message)


def _folder(settings: Settings) -> Finding:
    folder = settings.data_dir.resolve()
    free = shutil.disk_usage(folder).free // 2**20 if folder.exists() else 0
    writable = os.access(folder, os.W_OK)
    message = f"{folder} has {free} MiB free." if writable else f"{folder} cannot be written to."
    return Finding(name="data folder", ok=writable and free > FREE_MB, needed=not writable, message=message)


def _worker(settings: Settings) -> Finding:
    lock = FileLock(settings.data_dir / "worker.lock")
    try:
        with lock.acquire(blocking=False):
            message = "none runs on this folder now; 'copydesk serve' starts one."
    except Timeout:
        message = "one runs on this folder."
    return Finding(name="worker", ok=True, needed=False, message=message)


async def _sandbox(settings: Settings) -> AsyncIterator[Finding]:
    reader = build_reader(settings)
    try:
        for protection in await reader.protections():
            state = "active" if protection.active else "MISSING on this machine"
            yield Finding(
                name=f"sandbox {protection.name}",
                ok=protection.active,
                needed=False,
                message=f"{state}: {protection.description}.",
            )
    except CopydeskError as error:
        yield Finding(name="sandbox", ok=False, needed=True, message=error.message)
    finally:
        await reader.close()


def _outbound(settings: Settings) -> Finding:
    ranges = [f"{r.network}" + (f":{r.port}" if r.port else "") for r in settings.outbound_allow]
    message = f"public addresses, and {', '.join(ranges)}." if ranges else "public addresses only."
    return Finding(name="outbound", ok=True, needed=False, message=message)
