"""Passages → the files of a generation."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bot.analysis.analyzer import Analyzer
from bot.domain import Channel, Passage
from bot.index import postings, records, writing
from bot.lexicon.lexicon import Sources, compile_into


def build(
    passages: Sequence[Passage],
    analyzer: Analyzer,
    sources: Sources,
    folder: Path,
    *,
    advance: Callable[[int], None] = lambda _: None,
) -> Mapping[str, int]:
    """Write the files of a generation into an empty folder and return its counts.

    Args:
        passages: In the order of their reports; their places become the ordinals.
        analyzer: The one that questions will go through.
        sources: What names of the index's words are compiled from.
        folder: Existing and empty.
        advance: Called with the number of passages done since the last call.
    """
    records.write(folder, passages)
    writing.write(folder, _with_progress(terms(passages, analyzer), advance))
    compile_into(folder, sources, _words(postings.Postings(folder)))
    return {
        "passages": len(passages),
        "sections": len({(p.report_id, p.section) for p in passages}),
        "reports": len({p.report_id for p in passages}),
    }


def terms(passages: Iterable[Passage], analyzer: Analyzer) -> Iterator[Mapping[Channel, Sequence[str]]]:
    """Yield each passage's terms per channel.

    The headings of a passage are its report's title and its section's path; they are analysed once for
    all passages that stand under them.
    """
    headings: tuple[str, ...] | None = None
    heading_words: list[str] = []
    for passage in passages:
        above = tuple(dict.fromkeys((passage.report, *passage.section)))
        if above != headings:
            headings, heading_words = above, analyzer.tokens("\n".join(above))[0]
        words, characters = analyzer.tokens(passage.text)
        yield {Channel.WORD: words, Channel.CHAR: characters, Channel.HEADING: heading_words}


def _words(written: postings.Postings) -> dict[str, int]:
    """Return what can be found under its name, words and characters alone or in pairs, with its df."""
    df: dict[str, int] = {}
    for channel in (Channel.CHAR, Channel.WORD):
        df |= dict(written.terms(channel))
    return dict(sorted(df.items()))


def _with_progress(
    items: Iterable[Mapping[Channel, Sequence[str]]], advance: Callable[[int], None]
) -> Iterator[Mapping[Channel, Sequence[str]]]:
    for item in items:
        yield item
        advance(1)
