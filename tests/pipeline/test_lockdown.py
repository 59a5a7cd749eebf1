"""What a reader process can no longer do."""

import asyncio
import json
import sys
from pathlib import Path

PROBE = """
import json, os, socket, subprocess, sys, threading
from pathlib import Path
from copydesk.readers import lockdown

attempts = {
    "socket": lambda: socket.socket(),
    "program": lambda: subprocess.run(["true"]),
    "fork": lambda: os.fork(),
    "write": lambda: open("left-behind", "w"),
    "remove": lambda: os.remove(sys.argv[1]),
    "secret": lambda: open(sys.argv[1]).read(),
    "library": lambda: Path(json.__file__).read_text(),
    "core": lambda: Path(os.devnull).read_bytes(),
}
if sys.argv[2] == "threaded":  # a process with two threads gets no user namespace
    stop = threading.Event()
    threading.Thread(target=stop.wait, daemon=True).start()
granted = lockdown.isolate(memory_mb=256) + lockdown.seal()

def attempt(work):
    try:
        work()
    except OSError as error:
        return type(error).__name__
    return "done"

print(json.dumps({"granted": granted, **{name: attempt(work) for name, work in attempts.items()}}))
"""


async def probe(folder: Path, mode: str) -> dict[str, object]:
    """What a locked-down process may still do."""
    secret = folder / "secret"
    secret.write_text("key")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", PROBE, str(secret), mode, cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    assert secret.exists()
    answer: dict[str, object] = json.loads(said)
    return answer


async def test_locked_down_process_can_only_read_libraries(tmp_path: Path) -> None:
    """No socket, no program, no process, no file written or removed; where Landlock is, no file read either."""
    answer = await probe(tmp_path, "single")
    for what in ("socket", "program", "fork", "write", "remove"):
        assert answer[what] == "PermissionError", what
    assert answer["library"] == "done"
    granted = answer["granted"]
    assert isinstance(granted, list)
    assert answer["secret"] == ("PermissionError" if "landlock" in granted else "done")


async def test_sockets_are_refused_where_there_is_no_namespace(tmp_path: Path) -> None:
    """The interpreter itself refuses what the kernel does not keep away, and it is told."""
    answer = await probe(tmp_path, "threaded")
    granted = answer["granted"]
    assert isinstance(granted, list)
    assert "namespaces" not in granted
    assert "audit" in granted
    assert answer["socket"] == "PermissionError"
