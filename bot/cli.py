"""The command line: arguments in, exit code out. What is done stands elsewhere."""

import gc
import itertools
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import __version__, console, indexing
from bot.collecting import collecting_nothing
from bot.errors import InputError, WenbaoError
from bot.home import Home, fill, find, user_home

if TYPE_CHECKING:
    from bot.wiring import Service

app = typer.Typer(
    name="wenbao",
    help="问报：从报告里找答案，逐字引用。Answers from your reports, word for word and cited.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Folder with config/ and corpus/.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


def main() -> None:
    """Run the command line and leave with its exit code."""
    console.accept_all_characters()
    try:
        app(standalone_mode=True)
    except Exception as error:
        if "--debug" in sys.argv[1:]:
            console.say(traceback.format_exc().rstrip())
        else:
            console.say(f"wenbao: {_told(error)}")
        sys.exit(error.exit_code if isinstance(error, WenbaoError) else 3)


@app.callback()
def root(
    context: typer.Context,
    home: HomeOption = None,
    debug: DebugOption = False,  # noqa: ARG001
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Hold what is common to all commands."""
    context.obj = home
    if version:
        typer.echo(f"wenbao {__version__}")
        raise typer.Exit


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="In the reports' language.")] = None,
    *,
    json: JsonOption = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say why each passage has its score.")] = False,
    hits: Annotated[int | None, typer.Option("--hits", min=1, max=100, help="Most passages.")] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", help="File with a question a line ('-': standard input).")
    ] = None,
    home: HomeOption = None,
    debug: DebugOption = False,  # noqa: ARG001
) -> None:
    """Answer a question with the passages that say it."""
    from bot import answer as answers

    if (question is None) == (batch is None):
        raise InputError("give one question, or --batch FILE; for example: wenbao ask 怎么处理投诉")
    if question is not None:
        answers.checked_question(question)
    if batch is not None:
        from bot import batches

        batches.check(batch)
    if batch is not None:
        batches.print_answers(_ready(context, home, many=True), batch, hits=hits, explain=explain)
        return
    with collecting_nothing():
        found = _ready(context, home).ask(question or "", hits=hits, explain=explain)
    if json:
        console.print_json(answers.to_json(found))
    else:
        console.print_answer(found, explain=explain)
    if not found.answered:
        raise typer.Exit(1)


@app.command()
def refresh(
    context: typer.Context,
    *,
    full: Annotated[bool, typer.Option("--full", help="Build anew even if nothing changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail if a file has to be skipped.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Fail if it answers config/questions.jsonl worse than before.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on, and do so after each change, until interrupted.")
    ] = False,
    json: JsonOption = False,
    home: HomeOption = None,
    debug: DebugOption = False,  # noqa: ARG001
) -> None:
    """Bring the index up to date with the reports."""
    from bot import following
    from bot.renewing import Options, refresh_once

    if dry_run and (check or watch):
        other = "--check asks" if check else "--watch follows with"
        raise InputError(f"{other} a new index, which --dry-run does not build; leave one of them out")
    options = Options(dry_run=dry_run, strict=strict, check=check, json=json)
    if not watch:
        refresh_once(_service(context, home), options, full=full)
        return
    there = _home(context, home)
    rounds = itertools.count()
    following.follow(
        (there.corpus, there.root / "config"),
        # Assembled each time: the settings and words may be what changed.
        lambda: refresh_once(_service(context, home), options, full=full and next(rounds) == 0),
        say=_warn,
    )


@app.command("import")
def import_(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="Reports, or compilations of reports.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Overwrite reports of the same name.")] = False,
    home: HomeOption = None,
    debug: DebugOption = False,  # noqa: ARG001
) -> None:
    """Show how files are understood and copy them into the corpus, a file per report."""
    from bot import importing

    service = _service(context, home)
    slices = importing.slices(files, max_bytes=service.max_file_bytes)
    for file in files:
        _print_outline(file, service.max_file_bytes, service.settings.corpus.max_passage_chars)
    for path in importing.write(slices, service.home.corpus, force=force):
        typer.echo(f"+ {path.relative_to(service.home.root)}")
    typer.echo("next: wenbao refresh (or just ask)")


@app.command()
def outline(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A report, or a compilation of reports.")],
    *,
    home: HomeOption = None,
    debug: DebugOption = False,  # noqa: ARG001
) -> None:
    """Show how a file is understood: its reports, sections and passages."""
    from bot.settings import CorpusSettings

    try:
        settings = _service(context, home).settings.corpus
    except InputError:
        raise
    except WenbaoError:
        settings = CorpusSettings()  # a file can be looked at without a home
    _print_outline(file, int(settings.max_file_mb * 2**20), settings.max_passage_chars)


@app.command("eval")
def evaluate_(
    context: typer.Context,
    *,
    passages: Annotated[
        Path | None, typer.Option("--passages", help="Index these passages instead of the home's reports.")
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option("--questions", help="Judged questions.", show_default="config/questions.jsonl"),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="Draw success and confidence to this picture (.png).")
    ] = None,
    json: JsonOption = False,
    home: HomeOption = None,
    debug: DebugOption = False,  # noqa: ARG001
) -> None:
    """Measure the answers on judged questions, and what changed since the last time."""
    from bot import reporting
    from bot.evaluation import change, evaluate, measure
    from bot.evaluation import plot as plots

    service = _service(context, home)
    judged = questions or service.home.config("questions.jsonl")
    if passages is not None:
        if plot is not None:
            raise InputError("--plot draws what a home answers; leave out --passages or --plot")
        result, changed = measure.on_passages(service, passages, judged), None
    else:
        if plot is not None:
            plots.check_ready(plot)
        with _building() as advance:
            service.ready(advance=advance)
        run, before = evaluate.evaluate(service, judged, now=datetime.now(UTC), warn=_warn)
        result, changed = run.measured.figures, change.change(before, run) if before else None
        if plot is not None:
            plots.draw(plot, run, before, threshold=service.settings.search.min_confidence)
    if json:
        console.print_json(result | ({"change": change.to_json(changed)} if changed else {}))
    else:
        for table in reporting.evaluation_tables(result, changed):
            console.print_table(*table)


@app.command()
def doctor(
    context: typer.Context,
    *,
    deep: Annotated[bool, typer.Option("--deep", help="Read every byte of the index.")] = False,
    json: JsonOption = False,
    home: HomeOption = None,
    debug: DebugOption = False,  # noqa: ARG001
) -> None:
    """Check home, settings, reports, index, dictionary and token, and say what to do."""
    from bot.doctor import FAILED, examine

    findings = list(examine(lambda: _home(context, home), os.environ, deep=deep))
    if json:
        console.print_json([finding.to_json() for finding in findings])
    else:
        rows = [(finding.mark, finding.what, finding.found, finding.advice) for finding in findings]
        console.print_table("wenbao doctor", ("", "what", "found", "what to do"), rows)
    codes = [finding.exit_code for finding in findings if finding.mark == FAILED]
    if codes:
        raise typer.Exit(min(codes))


@app.command()
def stats(
    context: typer.Context,
    *,
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="Today and so many before.")] = 30,
    json: JsonOption = False,
    home: HomeOption = None,
    debug: DebugOption = False,  # noqa: ARG001
) -> None:
    """Show what the bot was asked: questions per day, the answered share, top sections, 👎."""
    from bot import journaling

    journaling.print_stats(_service(context, home).journal.stats(days=days), as_json=json)


@app.command()
def gaps(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Most gaps.")] = 20,
    json: JsonOption = False,
    home: HomeOption = None,
    debug: DebugOption = False,  # noqa: ARG001
) -> None:
    """Show what the bot was asked and the reports do not say, or not well."""
    from bot import journaling

    journaling.print_gaps(_service(context, home).journal.gaps(limit=limit), as_json=json)


@app.command()
def init(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder to fill; the user's data folder if left out.")
    ] = None,
    *,
    empty: Annotated[bool, typer.Option("--empty", help="Without the sample reports.")] = False,
    debug: DebugOption = False,  # noqa: ARG001
) -> None:
    """Fill a folder with the default settings and the sample reports."""
    target = folder or user_home()
    made = fill(target, samples=not empty)
    typer.echo(
        f"{target}: {len(made)} files made" if made else f"{target}: nothing to do, all files are there"
    )
    typer.echo(f"next: wenbao ask --home {target} 怎么处理投诉" if not empty else "next: wenbao import FILE…")


@app.command()
def serve(
    context: typer.Context,
    *,
    webhook: Annotated[
        bool, typer.Option("--webhook", help="Have updates delivered to webhook.url instead of polling.")
    ] = False,
    home: HomeOption = None,
    debug: DebugOption = False,
) -> None:
    """Answer in Telegram until stopped."""
    from bot.serving import serve_home

    service = _service(context, home, many=True)
    with _building() as advance:
        serve_home(service, os.environ, advance=advance, debug=debug, webhook=webhook)


@app.command("try")
def try_(
    context: typer.Context,
    *,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65_535, help="Of 127.0.0.1; 0: a free one.", show_default=False),
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser, if there is one.")
    ] = True,
    home: HomeOption = None,
    debug: DebugOption = False,
) -> None:
    """Talk to the bot on a page on this machine, without a token, until stopped."""
    from bot.trying import try_home

    service = _service(context, home)
    with _building() as advance:
        try_home(service, port=port, browser=browser, advance=advance, debug=debug)


def _told(error: Exception) -> str:
    """Say in one line what happened, where, and what to do."""
    if isinstance(error, WenbaoError):
        return " ".join(str(error).split())
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return f"{type(error).__name__}: {error}; this is a fault of the program: --debug shows where"


def _home(context: typer.Context, home: Path | None) -> Home:
    return find(home or context.obj, os.environ, Path.cwd())


def _service(context: typer.Context, home: Path | None, *, many: bool = False) -> "Service":
    from bot.wiring import assemble

    return assemble(_home(context, home), os.environ, warn=_warn, many=many)


def _ready(context: typer.Context, home: Path | None, *, many: bool = False) -> "Service":
    """Return a service that can be asked, after building its index if need be."""
    service = _service(context, home, many=many)
    with _building() as advance:
        service.ready(advance=advance)
    return service


def _warn(line: str) -> None:
    console.say(f"wenbao: {line}")


app.add_typer(indexing.commands(_service), name="index")


@contextmanager
def _building() -> Iterator[Callable[[], Callable[[int, int], None]]]:
    """Give a function that opens a progress display, which closes with the block."""

    def begin() -> Callable[[int, int], None]:
        gc.enable()
        return stack.enter_context(console.progress("wenbao: building the index 正在建立索引"))

    with ExitStack() as stack:
        yield begin


def _print_outline(file: Path, max_bytes: int, max_passage_chars: int) -> None:
    from bot import importing

    reports, omissions, passages = importing.understand(file, max_bytes, max_passage_chars)
    console.print_tree(file.name, console.outline_lines(reports, omissions, passages))
