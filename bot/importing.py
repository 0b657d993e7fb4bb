"""Files from anywhere → report files in the corpus."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.domain import Omission, Passage, Report
from bot.errors import CorpusError, InputError, UnreadableReport
from bot.reports.library import Slice, split
from bot.reports.outline import outline
from bot.reports.passages import passages
from bot.reports.readers import read


def understand(
    file: Path, max_bytes: int, max_passage_chars: int
) -> tuple[Sequence[Report], Sequence[Omission], Sequence[Passage]]:
    """Return a file's reports, what is left out of them, and their passages.

    Raises:
        InputError: The file cannot be read as a report.
    """
    try:
        reports, omissions = outline(read(file, max_bytes=max_bytes), source=file.name, report_id=file.stem)
    except UnreadableReport as error:
        raise InputError(str(error)) from error
    return reports, omissions, passages(reports, max_chars=max_passage_chars)


def slices(files: Iterable[Path], *, max_bytes: int) -> dict[str, str]:
    """Return the reports of files as file name → text.

    Raises:
        InputError: A file cannot be read, has no report, or two reports want the same name.
    """
    named: dict[str, str] = {}
    for file in files:
        for part in _split(file, max_bytes):
            if part.name in named:
                raise InputError(f"{file}: {part.name} would be written twice; rename one of the files")
            named[part.name] = part.text
    return named


def write(named: dict[str, str], corpus: Path, *, force: bool) -> list[Path]:
    """Write report files into the corpus, each whole or not at all; return them.

    Raises:
        InputError: A file is there already and `force` is off; nothing was written.
        CorpusError: The corpus cannot be written.
    """
    targets = {corpus / name: text for name, text in named.items()}
    taken = [path for path in targets if path.exists()]
    if taken and not force:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise InputError(f"{taken[0]} is there already{more}; nothing was written; overwrite with --force")
    try:
        corpus.mkdir(parents=True, exist_ok=True)
        for path, text in targets.items():
            _replace(path, text)
    except OSError as error:
        raise CorpusError(f"{corpus} cannot be written: {error.strerror}") from error
    return list(targets)


def _split(file: Path, max_bytes: int) -> tuple[Slice, ...]:
    try:
        parts = split(file, max_bytes=max_bytes)
    except UnreadableReport as error:
        raise InputError(str(error)) from error
    if not parts:
        raise InputError(f"{file}: has no text; nothing was written")
    return parts


def _replace(path: Path, text: str) -> None:
    handle, aside = tempfile.mkstemp(prefix=".import-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
