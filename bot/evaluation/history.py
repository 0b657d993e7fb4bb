"""Runs of an evaluation, kept as JSON in `<home>/.wenbao/evaluations/`, for the next one to compare with."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.evaluation.judged import Judged, Outcome
from bot.evaluation.measure import Measured
from bot.settings import Settings

FORMAT = 1
KEPT = 20
# What reading JSON that is not ours can come to.
_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Run:
    """An evaluation of a home, and what it was made with.

    Attributes:
        time: When it was made, UTC.
        questions: The file of judged questions: runs on another one are not compared.
        settings: Digest of the settings that an answer depends on.
    """

    time: datetime
    questions: str
    settings: str
    measured: Measured


class History:
    """The folder of runs; the last `KEPT` stay.

    Args:
        folder: Made, with mode 0700, when the first run is kept; its files have mode 0600.
        warn: Told, in one line, of a run that cannot be read.
    """

    def __init__(self, folder: Path, *, warn: Callable[[str], None]) -> None:
        self._folder = folder
        self._warn = warn

    def last(self, questions: str) -> Run | None:
        """Return the last run on a file of judged questions, None when there is none."""
        for path in reversed(self._paths()):
            try:
                run = _from_json(json.loads(path.read_bytes()))
            except (OSError, *_DAMAGE) as error:
                self._warn(f"{path} cannot be read and is not compared with: {type(error).__name__}")
                continue
            if run.questions == questions:
                return run
        return None

    def keep(self, run: Run) -> Path:
        """Write a run, whole or not at all, and remove the oldest beyond `KEPT`; return its file.

        Raises:
            OSError: It cannot be written.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{run.time.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}.json"
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            aside.touch(mode=0o600)
            aside.write_text(json.dumps(_to_json(run), ensure_ascii=False), "utf-8")
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)
        for old in self._paths()[:-KEPT]:
            old.unlink(missing_ok=True)
        return path

    def _paths(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*Z.json"))


def digest(settings: Settings) -> str:
    """Return a digest of the settings that an answer depends on: of corpus, analysis and search."""
    parts = [asdict(part) for part in (settings.corpus, settings.analysis, settings.search)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _to_json(run: Run) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "time": run.time.astimezone(UTC).isoformat(),
        "questions": run.questions,
        "settings": run.settings,
        "generation": run.measured.generation,
        "figures": run.measured.figures,
        "outcomes": [
            {
                "id": outcome.judged.question_id,
                "kind": outcome.judged.kind,
                "question": outcome.judged.question,
                "relevant": list(outcome.judged.relevant),
                "rank": outcome.rank,
                "answered": outcome.answered,
                "confidence": outcome.confidence,
                "took_ms": outcome.took_ms,
            }
            for outcome in run.measured.outcomes
        ],
    }


def _from_json(raw: Mapping[str, Any]) -> Run:
    """Return what `_to_json` was given; one of _DAMAGE when it is something else."""
    if raw["format"] != FORMAT:
        raise ValueError(f"format {raw['format']}")
    outcomes = tuple(map(_outcome, raw["outcomes"]))
    measured = Measured(str(raw["generation"]), dict(raw["figures"]), outcomes)
    time = datetime.fromisoformat(raw["time"]).astimezone(UTC)
    return Run(time, str(raw["questions"]), str(raw["settings"]), measured)


def _outcome(raw: Mapping[str, Any]) -> Outcome:
    judged = Judged(str(raw["id"]), str(raw["question"]), tuple(map(str, raw["relevant"])), str(raw["kind"]))
    rank = None if raw["rank"] is None else int(raw["rank"])
    return Outcome(judged, rank, bool(raw["answered"]), float(raw["confidence"]), float(raw["took_ms"]))
