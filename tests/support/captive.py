"""A reader process whose text reader was taken over: it does what the text says, past the interpreter.

It is the real worker under the real lockdown; only the reader of plain text is another one, as if a
parser had been made to run a stranger's code.
"""

import sys
from pathlib import Path

import pytest

_PYTHON = sys.executable  # before any test took it over
_SCRIPT = """
import ctypes, os, struct, sys, time

from copydesk.domain.source import Block, BlockKind, Document
from copydesk.readers import text, worker
from copydesk.readers.frames import encode_document, write_frames

libc = ctypes.CDLL(None, use_errno=True)
read_text = text.read_text
jobs = 0
worker_answers = []

def said(words):
    return Document(blocks=(Block(kind=BlockKind.PARAGRAPH, text=words),))

def answers():
    "The descriptor of the pipe to the service: the second that was made."
    return 4

def call(name, *arguments):
    answer = getattr(libc, name)(*arguments)
    if answer == 0 and name == "fork":
        while True:
            pass
    return said(f"{name} {answer} {ctypes.get_errno()}")

def obey(data, limits):
    global jobs
    jobs += 1
    match data.decode("utf-8", "replace").split():
        case ["captive", "abort"]:
            os.abort()
        case ["captive", "fault"]:
            ctypes.string_at(0)
        case ["captive", "leave"]:
            os._exit(0)
        case ["captive", "sleep"]:
            time.sleep(60)
        case ["captive", "spin"]:
            while True:
                pass
        case ["captive", "eat"]:
            held = [bytearray(b"x") * 2**26 for _ in range(64)]
        case ["captive", "fork"]:
            return call("fork")
        case ["captive", "socket"]:
            return call("socket", 1, 1, 0)
        case ["captive", "program"]:
            return call("execv", b"/bin/sh", (ctypes.c_char_p * 4)(b"sh", b"-c", b"sleep 60", None))
        case ["captive", "kill"]:
            return call("kill", os.getppid(), 9)
        case ["captive", "read", path]:
            return said(open(path).read())
        case ["captive", "write", path]:
            with open(path, "w") as target:
                target.write("x")
        case ["captive", "environment"]:
            return said(repr(dict(os.environ)))
        case ["captive", "junk"]:
            os.write(answers(), b"\\\\xff" * 1_000)
            time.sleep(60)
        case ["captive", "endless"]:
            os.write(answers(), struct.pack(">Q", 2**40))
            time.sleep(60)
        case ["captive", "short"]:
            os.write(answers(), struct.pack(">Q", 2**20) + b"{")
            time.sleep(60)
        case ["captive", "pickle"]:
            write_frames(answers(), b"\\\\x80\\\\x04\\\\x95cos\\\\nsystem\\\\n.")
            time.sleep(60)
        case ["captive", "twice"]:
            write_frames(answers(), encode_document(said("forged")), encode_document(said("forged again")))
            time.sleep(60)
        case ["captive", "close"]:
            os.close(answers())
            time.sleep(60)
        case ["captive", "count"]:
            return said(str(jobs))
    return read_text(data, limits)

text.read_text = obey
worker.main()
"""


def take_over(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the reader processes that this test starts be captives."""
    script, interpreter = folder / "captive.py", folder / "python"
    script.write_text(_SCRIPT.replace("\\\\", "\\"))
    # The name of the real module comes along, by which tests find the process; so do its four arguments.
    interpreter.write_text(
        f'#!/bin/sh\nexec {_PYTHON} -I -c "import sys; sys.argv = sys.argv[3:]; '
        f"exec(compile(open('{script}').read(), 'captive', 'exec'))\" \"$@\"\n"
    )
    interpreter.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(interpreter))
