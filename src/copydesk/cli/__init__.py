"""The command line. Commands import what they need when they run, so that `--help` is quick."""

import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from copydesk.cli.exits import EXITS, Exit, exit_code
from copydesk.errors import CopydeskError

app = typer.Typer(
    name="copydesk",
    help="Researches, writes and search-optimizes articles with citations that hold.",
    epilog=f"Exit codes: {EXITS}.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
keys = typer.Typer(help="API keys of accounts.", no_args_is_help=True)
app.add_typer(keys, name="keys")
blobs = typer.Typer(help="The bytes of uploaded files.", no_args_is_help=True)
app.add_typer(blobs, name="blobs")


def main() -> NoReturn:
    """Run the command line; errors of ours end it with one sentence and an exit code that tells which."""
    try:
        app()
    except CopydeskError as error:
        print(f"copydesk: {error.message}", file=sys.stderr)  # noqa: T201 - a command's own words
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(Exit.INTERRUPTED)
    sys.exit(0)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - Typer's form of a callback
    if wanted:
        typer.echo(version("copydesk"))
        raise typer.Exit


@app.callback()
def _options(
    *,
    _: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def write(
    prompt: Annotated[str | None, typer.Argument(help="Topic and instructions, 1 to 1,000 characters.")] = None,
    *,
    brief: Annotated[Path | None, typer.Option(help="A TOML file with prompt, keywords, files and the rest.")] = None,
    keyword: Annotated[list[str] | None, typer.Option(help="A target keyword; the first is the primary one.")] = None,
    reference: Annotated[list[str] | None, typer.Option(help="A link to read.")] = None,
    file: Annotated[list[Path] | None, typer.Option(help="A PDF, DOCX, CSV, XLSX, TXT or MD file to read.")] = None,
    min_words: Annotated[int | None, typer.Option(help="100 to 10,000.")] = None,
    max_words: Annotated[int | None, typer.Option(help="100 to 10,000.")] = None,
    language: Annotated[str | None, typer.Option(help="BCP 47 tag; default: the prompt's own language.")] = None,
    tone: Annotated[str | None, typer.Option(help="How it should sound.")] = None,
    audience: Annotated[str | None, typer.Option(help="Who will read it.")] = None,
    citations: Annotated[str, typer.Option(help="How citations stand: footnotes, links or none.")] = "footnotes",
    output: Annotated[
        list[Path] | None, typer.Option("--output", "-o", help="Where to write it: a .md or .html file; repeatable.")
    ] = None,
    allow_ungrounded: Annotated[
        bool | None, typer.Option(help="Whether a model may write on where evidence ends.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print task and article as the API shows them.")] = False,
) -> None:
    """Write one article, with the same pipeline and database as the service."""
    from copydesk.cli.order import Order, read_order  # noqa: PLC0415 - loads the Markdown parser
    from copydesk.cli.write import run_write  # noqa: PLC0415 - loads the pipeline

    given = {
        "user_prompt": prompt,
        "keywords": keyword,
        "reference_links": reference,
        "min_words": min_words,
        "max_words": max_words,
        "language": language,
        "tone": tone,
        "audience": audience,
        "allow_ungrounded": allow_ungrounded,
    }
    order: Order = read_order(
        given, brief=brief, files=file or [], outputs=output or [], citations=citations, as_json=json
    )
    sys.exit(run_write(order))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65_535)] = 8000,
) -> None:
    """Serve the API and run tasks, in one process."""
    from copydesk.cli.service import run_service  # noqa: PLC0415 - loads the application

    run_service(host=host, port=port, worker=True)


@app.command()
def api(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65_535)] = 8000,
) -> None:
    """Serve the API alone; tasks wait for a worker."""
    from copydesk.cli.service import run_service  # noqa: PLC0415 - loads the application

    run_service(host=host, port=port, worker=False)


@app.command()
def worker() -> None:
    """Run tasks alone; any number of workers on Postgres, one on SQLite."""
    from copydesk.cli.service import run_worker  # noqa: PLC0415 - loads the application

    run_worker()


@app.command()
def migrate() -> None:
    """Bring the database's tables up to this version."""
    from copydesk.cli.service import run_migrate  # noqa: PLC0415 - loads the database

    run_migrate()


@app.command()
def doctor(*, json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Say what is configured, reachable and missing; fails when something needed is missing."""
    from copydesk.cli.doctor import run_doctor  # noqa: PLC0415 - loads the application

    sys.exit(run_doctor(as_json=json))


@app.command()
def backup(path: Annotated[Path, typer.Argument(help="The archive to write, for example copydesk.tar.zst.")]) -> None:
    """Write a backup of the embedded databases, and of a folder of files, while the service runs."""
    from copydesk.cli.backup import run_backup  # noqa: PLC0415 - loads the database

    run_backup(path)


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(help="An archive that `copydesk backup` wrote.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Move what is in the data folder aside.")] = False,
) -> None:
    """Restore a backup into the data folder, while no service runs."""
    from copydesk.cli.backup import run_restore  # noqa: PLC0415 - loads the database

    run_restore(path, force=force)


@blobs.command("copy")
def copy_blobs(
    target: Annotated[str, typer.Argument(help="Where to: a value of `COPYDESK_BLOBS`.")],
) -> None:
    """Copy the bytes of all files from where `COPYDESK_BLOBS` keeps them; again copies what is missing."""
    from copydesk.cli.blobs import run_copy  # noqa: PLC0415 - loads the database

    run_copy(target)


@keys.command("create")
def create_key(
    account: Annotated[str, typer.Argument(help="Name of the account; made when it is new.")],
    *,
    read_only: Annotated[bool, typer.Option(help="The key may only read.")] = False,
    expires_in: Annotated[int | None, typer.Option(help="Days until it expires.", min=1, max=36_500)] = None,
    name: Annotated[str | None, typer.Option(help="What the key is for, at most 100 characters.")] = None,
) -> None:
    """Make a key and print it, alone, on standard output; it is kept only as a hash."""
    from copydesk.cli.keys import run_create  # noqa: PLC0415 - loads the database

    run_create(account, read_only=read_only, expires_in=expires_in, name=name)


@keys.command("list")
def list_keys(*, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the keys by account: prefix, rights, dates; never the key itself."""
    from copydesk.cli.keys import run_list  # noqa: PLC0415 - loads the database

    run_list(as_json=json)


@keys.command("revoke")
def revoke_key(key: Annotated[str, typer.Argument(help="A key's id or prefix, as `keys list` shows it.")]) -> None:
    """Revoke a key for good."""
    from copydesk.cli.keys import run_revoke  # noqa: PLC0415 - loads the database

    run_revoke(key)
