"""What docs/models.md tells people to type is what the code takes."""

import os
import re
import shlex
from pathlib import Path

import pytest
import typer

from copydesk.adapters.llm.build import build_model
from copydesk.adapters.llm.provider import DEFAULT_WINDOW
from copydesk.cli import app
from copydesk.settings import PREFIX, Settings, load_settings

GUIDE = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
BLOCKS = [re.sub(r"^ +", "", block, flags=re.MULTILINE) for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)]
EXPORTS = [dict(re.findall(r"^export (\w+)=(.+)$", block, re.MULTILINE)) for block in BLOCKS]
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("copydesk ")]


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No settings but the test's."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    return monkeypatch


def test_settings_exist_when_the_guide_names_them() -> None:
    """Every variable with our prefix, in text and in commands."""
    named = set(re.findall(rf"{PREFIX}(\w+)", GUIDE))
    assert len(named) > 8
    assert {name.lower() for name in named} <= Settings.model_fields.keys()


@pytest.mark.parametrize("number", range(len(EXPORTS)))
def test_settings_are_taken_when_set_as_the_guide_says(clean: pytest.MonkeyPatch, number: int) -> None:
    """Each block by itself starts a model, with whatever key; those without settings say nothing of any."""
    for name, value in EXPORTS[number].items():
        clean.setenv(name, value)
    settings = load_settings()
    if f"{PREFIX}MODEL" not in EXPORTS[number]:
        assert not EXPORTS[number]
        return
    model = build_model(settings)
    assert model.name == EXPORTS[number][f"{PREFIX}MODEL"]
    assert model.searches or "model" not in settings.search
    if settings.model_window is not None:
        assert model.window == settings.model_window


def test_guide_covers_every_way_to_a_model() -> None:
    """Each kind of name and the address of a server are in a block that was tried."""
    models = " ".join(exports.get(f"{PREFIX}MODEL", "") for exports in EXPORTS)
    assert all(f"{provider}:" in models for provider in ("ollama", "openai", "anthropic", "google"))
    assert any(f"{PREFIX}MODEL_BASE_URL" in exports for exports in EXPORTS)
    assert any(f"{PREFIX}MODEL_FAST" in exports for exports in EXPORTS)


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_exist_when_the_guide_types_them(line: str) -> None:
    """The command, and every option of it; files that it names are in the repository."""
    _, name, *arguments = shlex.split(line)
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined] # it is a group
    context = command.make_context(name, arguments)
    assert context.command is command
    for path in context.params.get("files") or context.params.get("file") or ():
        assert (Path(__file__).parents[2] / path).exists()


def test_assumed_window_is_what_the_guide_says() -> None:
    """The number of tokens taken where nobody states a window."""
    assert f"taken to be {DEFAULT_WINDOW:,} tokens" in GUIDE
