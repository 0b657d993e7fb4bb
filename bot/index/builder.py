"""Report files or passages → the files of a generation."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from bot.analysis.analyzer import Analyzer
from bot.analysis.recipe import Recipe
from bot.cores import cores
from bot.domain import Channel, Passage
from bot.index import names, records, workers, writing
from bot.index.pieces import Corpus, Maker, Piece, Read
from bot.lexicon.sources import Sources
from bot.reports.manifest import Entry

# Other processes take half a second to start; from so many bytes on they make up for it.
_WORTH_PROCESSES = 4 * 2**20
# Terms of a character of text, about.
_TERMS_PER_CHAR = 3

Advance = Callable[[int, int], None]
Finish = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Means:
    """What a build works with.

    Attributes:
        analyzer: Gives the one that questions will go through, told of how many bytes it will be given the
            terms: one that is loaded soon may take longer with each. None if nobody knows.
        sources: What names of the index's words are compiled from.
        memory_mb: What may be held besides the words, > 0.
        recipe: Of the analyzer, to use several processes; None to use this one.
    """

    analyzer: Callable[[int | None], Analyzer]
    sources: Sources
    memory_mb: float = writing.DEFAULT_MEMORY_MB
    recipe: Recipe | None = None


def build(passages: Iterable[Passage], means: Means, folder: Path) -> Mapping[str, int]:
    """Write the files of a generation into an empty folder and return its counts.

    Args:
        passages: In the order of their reports; their places become the ordinals.
        means: What to work with.
        folder: Existing and empty.
    """
    maker = Maker(means.analyzer(None), most_chars=_piece_chars(means, 1))
    counts, _ = _written(maker.of_passages(passages), means, folder, number=False)
    return counts


def build_files(
    entries: Sequence[Entry],
    corpus: Corpus,
    means: Means,
    folder: Path,
    *,
    advance: Advance = lambda _done, _total: None,
    finish: Finish = lambda *_names: None,
) -> tuple[Mapping[str, int], Read]:
    """Write the files of a generation into an empty folder; return its counts and what reading gave.

    Args:
        entries: Of the files that are read, in order.
        corpus: How they are read.
        means: What to work with.
        folder: Existing and empty.
        advance: Told the passages done and how many there will be, by the sizes of the files.
        finish: Told the names of large files as soon as they are whole.
    """
    pieces = made(entries, corpus, means, folder, advance)
    return _written(pieces, means, folder, number=True, finish=finish)


def made(
    entries: Sequence[Entry], corpus: Corpus, means: Means, folder: Path, advance: Advance
) -> Iterator[Piece]:
    """Yield the pieces of files, made side by side if there are many; see `build_files`."""
    size = sum(entry.size for entry in entries)
    return _with_progress(_pieces(entries, corpus, means, folder, size), size, advance)


def _pieces(
    entries: Sequence[Entry], corpus: Corpus, means: Means, folder: Path, size: int
) -> Iterator[Piece]:
    count = cores()
    if means.recipe is None or size < _WORTH_PROCESSES or count == 1:
        return Maker(means.analyzer(size), most_chars=_piece_chars(means, 1)).of_files(entries, corpus)
    most_chars = _piece_chars(means, count)
    runs = folder / writing.RUNS
    runs.mkdir()
    return workers.pieces(entries, corpus, means.recipe, runs, count=count, most_chars=most_chars)


def _piece_chars(means: Means, processes: int) -> int:
    """Return how many characters a piece may have, half of the memory being the merge's."""
    per_char = _TERMS_PER_CHAR * writing.BYTES_PER_TERM * 2 * processes
    return max(1, int(means.memory_mb * 2**20 / per_char))


def _written(
    made: Iterable[Piece],
    means: Means,
    folder: Path,
    *,
    number: bool,
    finish: Finish = lambda *_names: None,
) -> tuple[Mapping[str, int], Read]:
    means.sources.check()
    writer = writing.Writer(folder, memory_mb=means.memory_mb)
    read = []
    with records.Writer(folder) as lines:
        for piece in made:
            writer.add(piece.block)
            lines.add(piece.part)
            read.append(piece.read)
        counts = lines.finish(number=number)
    finish("passages.jsonl")
    writer.finish()
    finish(*writing.LARGE)
    names.write(folder, means.sources)
    return counts, all_read(read)


def remove_runs(folder: Path) -> None:
    """Remove what pieces left on disk."""
    shutil.rmtree(folder / writing.RUNS, ignore_errors=True)


def all_read(parts: Sequence[Read]) -> Read:
    """Return what reading the files of all pieces gave."""
    return Read(
        tuple(chain.from_iterable(one.entries for one in parts)),
        tuple(chain.from_iterable(one.skipped for one in parts)),
        tuple(chain.from_iterable(one.left_out for one in parts)),
    )


def terms(passages: Iterable[Passage], analyzer: Analyzer) -> Iterator[Mapping[Channel, Sequence[str]]]:
    """Yield each passage's terms per channel, the plain way.

    The headings of a passage are its report's title and its section's path.
    """
    for passage in passages:
        above = "\n".join(dict.fromkeys((passage.report, *passage.section)))
        words, characters = analyzer.tokens(passage.text)
        yield {Channel.WORD: words, Channel.CHAR: characters, Channel.HEADING: analyzer.tokens(above)[0]}


def _with_progress(made: Iterable[Piece], size: int, advance: Advance) -> Iterator[Piece]:
    """Tell of passages; their number is known by the bytes that were read so far."""
    done = read = 0
    for piece in made:
        yield piece
        done += len(piece)
        read += sum(entry.size for entry in piece.read.entries)
        advance(done, max(done, round(done * size / read)) if read else done)
