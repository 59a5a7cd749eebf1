"""What an article by a language model takes: seconds, tokens, CPU and memory, and what is left of it under faults.

The service is a process of its own; the simulated endpoint (0.6 s to the first token, 80 tokens/s a call) and the local
web (150 ms a page) are another, so that their work is not counted. Calls are timed by the endpoint, articles by the
service's own times, processor time and memory by the system, sandbox workers apart. A token is four characters here.

    .venv/bin/python bench/writing.py [warm] [cold] [many] [away] [length] [random] [RUNS]      # all of them by default
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2
from critical_path import critical_path
from local_topics import TOPICS
from local_web import LocalWeb
from simulated import Call, World, simulated_world
from writing_desk import HIGH, LOW, Desk, Written, body, desk, final_tokens, instant_of, settings_of

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.service import environment, run

from copydesk.adapters.llm.faults import Fault
from copydesk.domain.markdown import count_markdown_words

TARGETS = {"warm": 11.0, "cold": 15.0, "prompt": 9_000, "completion": 1.6, "cpu": 0.6, "path": 1.1, "many": 16.0}
MEMORY_MB = 300
RANDOM_WORDS = (500, 700)  # of each of the fifty: some of the topics have no evidence for more
AWAY_SECONDS = 20.0


def warm(world: World, runs: int) -> None:
    """One article after another in a service that is warm, each with its calls."""
    with desk(world) as service:
        service.write(2, at_once=1, first=100)  # what a process loads once
        world.calls()
        idle = _idle(service)
        rows = [_measured(world, service, number) for number in range(runs)]
    print(f"\nOne article of {LOW} to {HIGH} words in a warm service, {runs} runs")
    print("run   wall  path  ratio  words  calls  prompt  compl.  final  x final   cpu  till outline  after  readers")
    for number, row in enumerate(rows, start=1):
        print(
            f"{number:>3} {row['wall']:>5.2f}s {row['path']:>4.2f}s {row['ratio']:>5.2f}  {row['words']:>5.0f}"
            f"  {row['calls']:>5.0f}  {row['prompt']:>6.0f}  {row['completion']:>6.0f}  {row['final']:>5.0f}"
            f"  {row['over']:>7.2f} {row['cpu']:>5.2f} {row['early']:>12.2f} {row['late']:>6.2f} {row['readers']:>7.2f}"
        )
    median = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    print(f"idle: {idle:.3f} s of processor time in a second")
    for name, value, target in (
        ("wall, s", median["wall"], TARGETS["warm"]),
        ("wall / critical path of the calls", median["ratio"], TARGETS["path"]),
        ("prompt tokens", median["prompt"], TARGETS["prompt"]),
        ("completion / final tokens", median["over"], TARGETS["completion"]),
        ("own processor time, s", median["cpu"], TARGETS["cpu"]),
    ):
        print(f"median {name:<36} {value:>9.2f}   asked: under {target:g}   {'met' if value < target else 'NOT MET'}")
    alone = single_prompt(world, round(median["words"]))
    print(
        f"one prompt that writes it all, same endpoint and pages: {alone['wall']:.1f} s for {alone['words']:.0f} words,"
        f" {alone['prompt']:.0f} prompt and {alone['completion']:.0f} completion tokens;"
        f" ours takes {median['wall'] / alone['wall']:.2f} of its time"
    )


def _idle(service: Desk) -> float:
    before = service.cpu()
    time.sleep(3)
    return (service.cpu() - before) / 3


def _measured(world: World, service: Desk, number: int) -> dict[str, float]:
    """Write one article and print its calls."""
    samples: list[tuple[float, float]] = []
    before, readers = service.cpu(), service.readers_cpu()
    with _sampling(lambda: samples.append((time.time(), service.cpu()))):
        (written,) = service.write(1, at_once=1, first=number)
    after = service.cpu()
    calls = world.calls()
    assert written.article is not None, written.task["error"]  # noqa: S101 - a bench that fails should say so
    outlined = written.stage("outline")[0]
    middle = next((cpu for at, cpu in samples if at >= outlined), after)
    path = critical_path(calls)
    spent = sum(call.ended - call.started for call in path)
    if number == 0:
        print_timeline(calls, path, written)
    final = final_tokens(written.article)
    completion = sum(call.completion_tokens for call in calls)
    return {
        "wall": written.seconds,
        "path": spent,
        "ratio": written.seconds / spent,
        "words": written.article["word_count"],
        "calls": len(calls),
        "prompt": sum(call.prompt_tokens for call in calls),
        "completion": completion,
        "final": final,
        "over": completion / final,
        "cpu": after - before,
        "early": middle - before,
        "late": after - middle,
        "readers": service.readers_cpu() - readers,
    }


@contextmanager
def _sampling(sample: Callable[[], None]) -> Iterator[None]:
    """Call it every 50 ms in a thread until the block ends."""
    import threading  # noqa: PLC0415 - of use here alone

    over = threading.Event()

    def repeat() -> None:
        while not over.wait(0.05):
            sample()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def print_timeline(calls: Sequence[Call], path: Sequence[Call], written: Written) -> None:
    """The calls of one article, those on the critical path marked."""
    offset = time.time() - time.monotonic()
    zero = instant_of(written.task["created_at"]) - offset
    print(f"\n{written.task['user_prompt']!r}: its calls, seconds since the request ('*': on the critical path)")
    print("     start    end  seconds  prompt  compl.  call")
    for call in calls:
        mark = "*" if call in path else " "
        named = f"{call.kind} {call.part}"[:60] + (f" ({call.fault})" if call.fault else "")
        print(
            f"  {mark} {call.started - zero:>5.2f}  {call.ended - zero:>5.2f}  {call.ended - call.started:>7.2f}"
            f"  {call.prompt_tokens:>6}  {call.completion_tokens:>6}  {named}"
        )
    begun = instant_of(written.task["created_at"])
    for stage in written.task["progress"]["stages"]:
        if stage["started_at"] and stage["finished_at"]:
            start, end = written.stage(stage["name"])
            print(f"    {start - begun:>5.2f}  {end - begun:>5.2f}  stage {stage['name']}: {stage['detail']}")


def single_prompt(world: World, words: int) -> dict[str, float]:
    """A plain program: search, read the pages side by side, one call that writes everything from them."""
    return asyncio.run(_single_prompt(world, words))


async def _single_prompt(world: World, words: int) -> dict[str, float]:
    prompt, _ = TOPICS[0]
    world.calls()
    begun = time.monotonic()
    async with httpx2.AsyncClient(timeout=120) as api:
        found = (await api.get(f"{world.searxng_url}/search", params={"q": prompt, "format": "json"})).json()["results"]
        await asyncio.gather(*(api.get(result["url"]) for result in found))
        texts = {page.name: page.text for page in LocalWeb().pages}
        shown = [texts[result["url"].rpartition("/")[2]] for result in found]
        lines = [f"[{number}] {' '.join(text.split())}" for number, text in enumerate(shown, start=1)]
        messages = [
            {"role": "system", "content": f"You write one part of an article. Write {words} words."},
            {"role": "user", "content": "\n".join(lines) + "\nNow write this part: Everything"},
        ]
        sent = {"model": "scripted", "messages": messages, "max_tokens": 8_000}
        answer = (await api.post(f"{world.model_url}/chat/completions", json=sent)).json()
    text = answer["choices"][0]["message"]["content"]
    usage = answer["usage"]
    return {
        "wall": time.monotonic() - begun,
        "words": count_markdown_words(text),
        "prompt": usage["prompt_tokens"],
        "completion": usage["completion_tokens"],
    }


def cold(world: World, runs: int) -> None:
    """`copydesk write` in a new process on a new folder."""
    seconds: list[float] = []
    for number in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            env = environment(Path(folder) / "data", **settings_of(world))
            asked = body(number)
            begun = time.monotonic()
            done = run(
                "write",
                asked["user_prompt"],
                "--keyword",
                asked["keywords"][0],
                "--min-words",
                str(LOW),
                "--max-words",
                str(HIGH),
                "-o",
                str(Path(folder) / "article.md"),
                env=env,
            )
            seconds.append(time.monotonic() - begun)
            assert done.returncode == 0, done.stderr  # noqa: S101 - a bench that fails should say so
    world.calls()
    taken = statistics.median(seconds)
    shown = ", ".join(f"{value:.1f}" for value in seconds)
    print(f"\n`copydesk write` from a cold start: {shown} s")
    print(
        f"median {taken:.1f} s   asked: under {TARGETS['cold']:g}   {'met' if taken < TARGETS['cold'] else 'NOT MET'}"
    )


def many(world: World) -> None:
    """Sixteen articles at once in one process."""
    with desk(world) as service:
        service.write(2, at_once=2, first=100)
        most = [service.memory_mb()]
        before, begun = service.cpu(), time.monotonic()
        with _sampling(lambda: most.append(service.memory_mb())):
            written = service.write(16, at_once=16)
        spent, wall = service.cpu() - before, time.monotonic() - begun
    world.calls()
    seconds = sorted(one.seconds for one in written)
    print(f"\nSixteen articles at once in one process: {_outcomes(written)}")
    print("seconds of each: " + ", ".join(f"{value:.1f}" for value in seconds))
    print(f"processor time {spent:.1f} s in {wall:.1f} s, {spent / 16:.2f} s an article")
    slowest, memory = seconds[-1], max(most)
    print(f"slowest {slowest:.1f} s   asked: under {TARGETS['many']:g}   {_met(slowest < TARGETS['many'])}")
    print(f"memory {memory:.0f} MB (before: {most[0]:.0f})   asked: under {MEMORY_MB}   {_met(memory < MEMORY_MB)}")


def _met(met: object) -> str:
    return "met" if met else "NOT MET"


def away(world: World) -> None:
    """Twelve articles, four at once, the endpoint gone for a while in the middle."""
    with desk(world) as service:
        service.write(1, at_once=1, first=100)
        world.leave(after=5.0, seconds=AWAY_SECONDS)
        written = service.write(12, at_once=4)
    print(f"\nTwelve articles, four at once, the endpoint away for {AWAY_SECONDS:g} s: {_outcomes(written)}")
    _complain(written)
    world.calls()


def length(world: World) -> None:
    """The same with nearly a third of the answers cut off."""
    world.behave([Fault.LENGTH], share=0.3, seed=1)
    with desk(world) as service:
        written = service.write(12, at_once=4)
    world.behave()
    print(f"\nTwelve articles, four at once, 30 % of the answers cut by their length: {_outcomes(written)}")
    _complain(written)
    world.calls()


def at_random(world: World) -> None:
    """Fifty topics, every fault drawn at random for a tenth of the calls."""
    world.behave(tuple(Fault), share=0.1, seed=2)
    with desk(world, COPYDESK_MODEL_SECONDS="20", COPYDESK_MODEL_SILENCE="4") as service:
        written = service.write(50, at_once=8, words=RANDOM_WORDS)
    world.behave()
    faults = Counter(call.fault for call in world.calls())
    print(f"\nFifty topics, 10 % of the calls with a fault drawn at random: {_outcomes(written)}")
    print(f"faults: {sum(count for fault, count in faults.items() if fault)} of {sum(faults.values())} calls")
    _complain(written)


def _outcomes(written: Sequence[Written]) -> str:
    statuses = Counter(one.task["status"] for one in written)
    true = sum(one.article is not None and not one.promises for one in written)
    ended = ", ".join(f"{count} {status}" for status, count in statuses.items())
    return f"{ended}; {true} of {len(written)} stored articles in range, uncut, every cited sentence supported"


def _complain(written: Sequence[Written]) -> None:
    for one in written:
        if one.article is None:
            print(f"  {one.task['user_prompt']!r}: {one.task['error']['code']}: {one.task['error']['message']}")
        for promise in one.promises:
            print(f"  {one.task['user_prompt']!r}: {promise}")


def main() -> None:
    """Run what is named, else everything."""
    named = [argument for argument in sys.argv[1:] if not argument.isdigit()]
    runs = next((int(argument) for argument in sys.argv[1:] if argument.isdigit()), 5)
    with simulated_world() as world:
        parts: dict[str, Callable[[], None]] = {
            "warm": lambda: warm(world, runs),
            "cold": lambda: cold(world, min(runs, 3)),
            "many": lambda: many(world),
            "away": lambda: away(world),
            "length": lambda: length(world),
            "random": lambda: at_random(world),
        }
        for name in named or parts:
            parts[name]()


if __name__ == "__main__":
    main()
