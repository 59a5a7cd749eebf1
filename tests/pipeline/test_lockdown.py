"""What a reader process can no longer do."""

import asyncio
import json
import signal
import sys
from pathlib import Path

PROBE = """
import ctypes, json, os, signal, socket, subprocess, sys, threading
from pathlib import Path
from copydesk.readers import lockdown

libc = ctypes.CDLL(None, use_errno=True)

def native(name, *arguments):
    # as a parser that was taken over would call it, past the interpreter
    answer = getattr(libc, name)(*arguments)
    if answer == 0 and name in ("fork", "vfork"):
        os._exit(0)
    if answer < 0:
        raise OSError(ctypes.get_errno(), name)

def start_thread():
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()

before = threading.Event(), threading.Event(), {}
def work_before():  # in a thread that was there before the seal
    before[0].wait()
    before[2]["old-thread-secret"] = attempt(lambda: open(sys.argv[1]).read())
    before[2]["old-thread-socket"] = attempt(lambda: native("socket", 1, 1, 0))

attempts = {
    "native-fork": lambda: native("fork"),
    "native-vfork": lambda: native("vfork"),
    "native-socket": lambda: native("socket", socket.AF_UNIX, socket.SOCK_STREAM, 0),
    "native-exec": lambda: native("execv", b"/bin/true", (ctypes.c_char_p * 2)(b"true", None)),
    "native-kill": lambda: native("kill", os.getppid(), 0),
    "native-ptrace": lambda: native("ptrace", 0, 0, 0, 0),
    "thread": start_thread,
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
granted = lockdown.isolate(memory_mb=256)
old = threading.Thread(target=work_before)
old.start()
granted += lockdown.seal()

def attempt(work):
    try:
        work()
    except OSError as error:
        return type(error).__name__
    return "done"

answers = {name: attempt(work) for name, work in attempts.items()}
before[0].set()
old.join()
print(json.dumps({"granted": granted, **answers, **before[2]}), flush=True)
if sys.argv[2] == "aborting":
    os.abort()
"""


async def probe(folder: Path, mode: str) -> dict[str, object]:
    """What a locked-down process may still do."""
    work, secret = folder / "work", folder / "secret"
    work.mkdir()
    secret.write_text("key")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", PROBE, str(secret), mode, cwd=work, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert process.returncode == (-signal.SIGABRT if mode == "aborting" else 0)
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


async def test_native_code_can_do_no_more_than_python(tmp_path: Path) -> None:
    """What a parser that was taken over calls is refused by the kernel, in threads from before too; threads start."""
    answer = await probe(tmp_path, "single")
    assert answer["thread"] == "done"
    granted = answer["granted"]
    assert isinstance(granted, list)
    calls = [name for name in answer if name.startswith("native-")]
    assert len(calls) == 6
    if "seccomp" in granted:
        assert {answer[name] for name in (*calls, "old-thread-socket")} == {"PermissionError"}
    if "landlock" in granted:
        assert answer["old-thread-secret"] == "PermissionError"


async def test_locked_down_process_can_abort_itself(tmp_path: Path) -> None:
    """A library that gives up ends its process by the signal that says so."""
    assert (await probe(tmp_path, "aborting"))["library"] == "done"


async def test_sockets_are_refused_where_there_is_no_namespace(tmp_path: Path) -> None:
    """The interpreter itself refuses what the kernel does not keep away, and it is told."""
    answer = await probe(tmp_path, "threaded")
    granted = answer["granted"]
    assert isinstance(granted, list)
    assert "namespaces" not in granted
    assert "audit" in granted
    assert answer["socket"] == "PermissionError"


TABLES = """
import os, resource  # while Python's library can be read
os.environ["POLARS_MAX_THREADS"] = "1"
import polars
from copydesk.readers import lockdown

def work():
    frame = polars.DataFrame({"name": [str(n % 9) for n in range(50_000)], "value": range(50_000)})
    sums = frame.group_by("name").agg(polars.col("value").sum()).sort("name")
    return sums.join(frame, on="name").lazy().filter(polars.col("value") > 5).collect().height

before = work()
if os.getuid() == 0:
    os.chdir("/usr")
    os.setuid(65_534)  # an ordinary user, whom limits of processes hold
lockdown.isolate(memory_mb=1_024)
lockdown.seal()
assert work() == before
print("computed")
"""


async def test_tables_are_computed_in_a_locked_down_process(tmp_path: Path) -> None:
    """The data library may start its threads, for users other than root too."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", TABLES, cwd=tmp_path, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert said == b"computed\n"
    assert process.returncode == 0
