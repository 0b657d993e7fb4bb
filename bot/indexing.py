"""`wenbao index`: look at the generations on disk, check them, go back to an older one, remove old ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot import console
from bot.errors import IndexDamaged, IndexForeign

if TYPE_CHECKING:
    from bot.wiring import Service

Home = Annotated[
    Path | None, typer.Option("--home", help="Folder with config/ and corpus/.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]

_COLUMNS = ("", "generation", "reports", "passages", "MB", "state")


def commands(service: "Callable[[typer.Context, Path | None], Service]") -> typer.Typer:
    """Return the sub-commands; `service` assembles what they work on."""
    app = typer.Typer(
        help="Look after the indexes on disk.",
        no_args_is_help=True,
        rich_markup_mode=None,
        add_completion=False,
    )

    @app.command("list")
    def list_(context: typer.Context, *, json: Json = False, home: Home = None, debug: Debug = False) -> None:  # noqa: ARG001
        """Show the indexes on disk, oldest first; * answers."""
        _show(generations(service(context, home), deep=False), json=json)

    @app.command()
    def verify(
        context: typer.Context,
        *,
        json: Json = False,
        home: Home = None,
        debug: Debug = False,  # noqa: ARG001
    ) -> None:
        """Read every byte of every index and compare it with what was written."""
        rows = generations(service(context, home), deep=True)
        _show(rows, json=json)
        if any(row["damage"] for row in rows):
            raise typer.Exit(3)

    @app.command()
    def rollback(
        context: typer.Context,
        to: Annotated[
            str | None, typer.Argument(help="Id of an index.", show_default="the one before")
        ] = None,
        *,
        home: Home = None,
        debug: Debug = False,  # noqa: ARG001
    ) -> None:
        """Let an older index answer, until the next wenbao refresh."""
        served = service(context, home)
        with _alone(served):
            meta = served.store.roll_back(to)
        typer.echo(f"{meta.generation} answers now; wenbao refresh brings the index up to date again")

    @app.command()
    def prune(
        context: typer.Context,
        keep: Annotated[
            int | None,
            typer.Option("--keep", min=1, max=100, help="How many stay.", show_default="index.keep"),
        ] = None,
        *,
        home: Home = None,
        debug: Debug = False,  # noqa: ARG001
    ) -> None:
        """Remove old indexes, and what killed builds left."""
        served = service(context, home)
        with _alone(served):
            gone = served.store.prune(keep or served.settings.index.keep)
        for name in gone:
            typer.echo(f"− {name}")
        typer.echo(f"{len(gone)} removed, {len(served.store.names())} kept")

    return app


def generations(service: "Service", *, deep: bool) -> list[dict[str, Any]]:
    """Return what is known of each generation on disk, oldest first; `deep` reads every byte of it."""
    from bot.index.meta import read_meta, verify

    store = service.store
    try:
        current = store.current()
    except IndexDamaged:
        current = None
    rows = []
    for name in store.names():
        row: dict[str, Any] = {"generation": name, "current": name == current, "damage": None}
        try:
            meta = read_meta(store.folder / name)
            verify(store.folder / name, meta, deep=deep)
            row |= {"reports": meta.reports, "passages": meta.passages, "bytes": meta.bytes}
        except (IndexDamaged, IndexForeign) as error:
            if not (store.folder / name).is_dir():
                continue  # removed meanwhile
            row |= {"reports": None, "passages": None, "bytes": None, "damage": str(error)}
        rows.append(row)
    return rows


def _show(rows: list[dict[str, Any]], *, json: bool) -> None:
    if json:
        console.print_json(rows)
        return
    cells = [
        (
            "*" if row["current"] else "",
            row["generation"],
            *("–" if row[key] is None else row[key] for key in ("reports", "passages")),
            "–" if row["bytes"] is None else f"{row['bytes'] / 2**20:.1f}",
            row["damage"] or "ok",
        )
        for row in rows
    ]
    console.print_table("indexes", _COLUMNS, cells)


@contextmanager
def _alone(service: "Service") -> Iterator[None]:
    """Hold the lock of builds, if there is anything to hold it for."""
    from bot.index.lock import building_lock

    folder = service.store.folder
    if not folder.is_dir():
        yield
        return
    timeout = timedelta(seconds=service.settings.index.lock_timeout_s)
    with building_lock(folder / "lock", timeout=timeout, now=datetime.now(UTC)):
        yield
