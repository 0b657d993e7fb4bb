"""Is everything there, and what to do about what is not."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.credentials import HOW_TO_GET_ONE, read_token
from bot.errors import IndexDamaged, IndexForeign, SettingsError, WenbaoError
from bot.home import Home
from bot.index.meta import verify
from bot.wiring import Service, assemble

FINE, ADVICE, FAILED = "ok", "!", "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        mark: FINE, ADVICE (works, could be better) or FAILED.
        what: Was looked at.
        found: In one line.
        advice: What to do; empty when fine.
        exit_code: Of a failure.
    """

    mark: str
    what: str
    found: str
    advice: str = ""
    exit_code: int = 3

    def to_json(self) -> dict[str, Any]:
        """Return it as an object."""
        return asdict(self)


def examine(home: Callable[[], Home], environ: Mapping[str, str], *, deep: bool = False) -> Iterator[Finding]:
    """Look at home, settings, reports, index, dictionary and token, in this order.

    What depends on a failure is left out. `deep` reads every byte of the index.
    """
    warnings: list[str] = []
    try:
        found = home()
        yield _home(found)
        service = assemble(found, environ, warn=warnings.append)
    except WenbaoError as error:
        what = "config" if isinstance(error, SettingsError) else "home"
        yield _failure(what, error)
        return
    yield _config(found)
    for what, look in (
        ("corpus", _corpus),
        ("index", _index_to_the_last_byte if deep else _index),
        ("dictionary", _dictionary),
        ("token", _token),
    ):
        try:
            yield look(service, environ)
        except WenbaoError as error:
            yield _failure(what, error)


def _failure(what: str, error: WenbaoError) -> Finding:
    found, _, advice = str(error).partition("; ")
    return Finding(FAILED, what, found, advice, error.exit_code)


def _home(home: Home) -> Finding:
    if not os.access(home.root, os.W_OK):
        return Finding(FAILED, "home", f"{home.root} cannot be written", "give this user the right to write")
    return Finding(FINE, "home", str(home.root))


def _config(home: Home) -> Finding:
    own = home.root / "config" / "bot.toml"
    if not own.is_file():
        return Finding(ADVICE, "config", "no config/bot.toml: defaults are used", f"wenbao init {home.root}")
    return Finding(FINE, "config", str(own))


def _corpus(service: Service, _environ: Mapping[str, str]) -> Finding:
    state = service.state()
    files = len(state.manifest.entries)
    if not files:
        found, _, advice = service.how_to_add_reports().partition("; ")
        return Finding(FAILED, "corpus", found, advice)
    if state.skipped:
        first = state.skipped[0]
        found = f"{files} files, {len(state.skipped)} skipped: {first.source}: {first.reason}"
        return Finding(ADVICE, "corpus", found, "mend or remove what is skipped; wenbao refresh lists it")
    return Finding(FINE, "corpus", f"{files} report files")


def _index(service: Service, _environ: Mapping[str, str]) -> Finding:
    state = service.state()
    if state.damage:
        return Finding(FAILED, "index", state.damage, "wenbao refresh")
    if state.meta is None:
        return Finding(ADVICE, "index", "not built yet", "wenbao refresh (or just ask)")
    try:
        generation = service.generation()
    except (IndexDamaged, IndexForeign) as error:
        return Finding(FAILED, "index", str(error), "wenbao refresh")
    held = f"{generation.generation}: {state.meta.reports} reports, {state.meta.passages} passages"
    if state.reasons:
        return Finding(ADVICE, "index", f"{held}; outdated: {', '.join(state.reasons)}", "wenbao refresh")
    return Finding(FINE, "index", held)


def _index_to_the_last_byte(service: Service, environ: Mapping[str, str]) -> Finding:
    found = _index(service, environ)
    meta = service.store.meta() if found.mark != FAILED else None
    if meta is not None:
        try:
            verify(service.store.folder / meta.generation, meta, deep=True)
        except IndexDamaged as error:
            return Finding(FAILED, "index", str(error), "wenbao refresh")
    return found


def _dictionary(service: Service, _environ: Mapping[str, str]) -> Finding:
    service.sources().check()
    engine = service.analyzer.engine
    words = f"{len(service.words)} words of your own, cut by {engine}"
    if engine == "jieba":
        return Finding(ADVICE, "dictionary", words, "pip install 'wenbao[fast]' starts sooner")
    return Finding(FINE, "dictionary", words)


def _token(service: Service, environ: Mapping[str, str]) -> Finding:
    token = read_token(service.settings.telegram, service.home.root, environ)
    if token is None:
        return Finding(ADVICE, "token", "none; only needed for wenbao serve", HOW_TO_GET_ONE)
    return Finding(FINE, "token", f"{token} for {service.settings.telegram.base_url}")
