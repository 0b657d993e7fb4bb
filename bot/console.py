"""What a person reads on a terminal: rich where there is one, plain text in a pipe.

Every function returns text or writes to the console it is given; rich is imported only for a terminal.
"""

import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.domain import Answer, Explanation, Hit, NameShare, Omission, Passage, Report, Section

if TYPE_CHECKING:
    from rich.console import Console

NOT_FOUND = "报告里没有写到。The reports do not say."
TRY = "换个说法，或用更短的关键词再试。Try other words, or fewer."


def print_json(value: object, *, indent: int | None = None) -> None:
    """Print one JSON value, Chinese characters as they are where the output takes them."""
    escaped = (sys.stdout.encoding or "utf-8").lower() not in {"utf-8", "utf8"}
    sys.stdout.write(json.dumps(value, ensure_ascii=escaped, indent=indent) + "\n")


def print_lines(lines: Iterable[str]) -> None:
    """Print lines."""
    sys.stdout.writelines(line + "\n" for line in lines)


def accept_all_characters() -> None:
    """Let output streams write characters that their encoding lacks as escapes instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_answer(answer: Answer, *, explain: bool) -> None:
    """Print an answer with its passages and citations."""
    if sys.stdout.isatty():
        _print_rich_answer(answer, explain=explain)
        return
    lines = list(_remarks(answer))
    for hit in answer.hits:
        lines += [f"{hit.rank}. {heading(hit.passage)}", hit.passage.text, f"   — {place(hit.passage)}"]
        lines += [f"   {line}" for line in _also(hit)]
        lines += [f"   {line}" for line in _reasons(hit.explanation)] if explain else []
        lines.append("")
    sys.stdout.write("\n".join(lines).rstrip("\n") + "\n")


def _remarks(answer: Answer) -> Iterator[str]:
    """Yield what a person should know before the passages, or instead of them."""
    for repair in answer.repairs:
        yield f"按“{repair.read}”查找。Looked up {repair.read} for {repair.written}."
    if answer.answered:
        return
    yield NOT_FOUND
    if answer.missing:
        words = "、".join(f"“{word}”" for word in answer.missing)
        yield f"没有报告提到{words}。No report mentions {', '.join(answer.missing)}."
    if answer.nearest:
        yield "最接近的章节 Nearest sections:"
        yield from (f"- {heading(passage)}" for passage in answer.nearest)
    yield TRY


def _also(hit: Hit) -> Iterator[str]:
    """Yield where nearly the same stands."""
    for passage in hit.also:
        yield f"= {heading(passage)} — {place(passage)}"


def heading(passage: Passage) -> str:
    """Return the citation's first half: 《report》 › section › section."""
    above = [section for section in passage.section if section != passage.report]
    return " › ".join([f"《{passage.report}》", *above])


def place(passage: Passage) -> str:
    """Return the citation's second half: file and span."""
    return f"{passage.source} [{passage.start}:{passage.end}]"


def outline_lines(
    reports: Sequence[Report], omissions: Sequence[Omission], passages: Sequence[Passage]
) -> "list[tuple[int, str]]":
    """Return a file's outline as (depth, line): reports, sections with characters and passages, omissions."""
    lines: list[tuple[int, str]] = []
    for report in reports:
        own = [passage for passage in passages if passage.report_id == report.report_id]
        lines.append((0, f"《{report.title}》 {_counts(len(report.span), len(own))}"))
        shown: tuple[str, ...] = ()
        for section in report.sections:
            lines += _section_lines(section, shown, own)
            shown = section.path
    text = reports[0].text if reports else ""
    for left_out in omissions:
        start, end = left_out.span.start, left_out.span.end
        excerpt = " ".join(text[start:end].split())
        shortened = excerpt if len(excerpt) <= 30 else excerpt[:29] + "…"
        lines.append((0, f"left out: {len(left_out.span)} characters, {left_out.reason}: {shortened}"))
    return lines


def _section_lines(
    section: Section, shown: Sequence[str], passages: Sequence[Passage]
) -> Iterator[tuple[int, str]]:
    same = next((i for i, (a, b) in enumerate(zip(section.path, shown, strict=False)) if a != b), None)
    known = min(len(section.path), len(shown)) if same is None else same
    known = min(known, len(section.path) - 1)
    yield from enumerate(section.path[known:-1], known + 1)
    inside = [p for p in passages if section.span.start <= p.start and p.end <= section.span.end]
    yield len(section.path), f"{section.path[-1]} {_counts(len(section.span), len(inside))}"


def _counts(characters: int, passages: int) -> str:
    return f"({characters} characters, {passages} passage{'' if passages == 1 else 's'})"


def print_tree(name: str, lines: Sequence[tuple[int, str]]) -> None:
    """Print (depth, line) pairs under a name, as rich's tree."""
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    root = Tree(Text(name))
    levels: list[Tree] = [root]
    for depth, line in lines:
        del levels[depth + 1 :]
        levels.append(levels[-1].add(Text(line)))
    # A pipe has no width: lines are not cut there.
    width = None if sys.stdout.isatty() else 1000
    Console(highlight=False, width=width).print(root)


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table: rich's on a terminal, tab-separated in a pipe."""
    if not sys.stdout.isatty():
        sys.stdout.writelines("\t".join(map(str, row)) + "\n" for row in [columns, *rows])
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*map(str, row))
    Console(highlight=False).print(table)


def say(line: str) -> None:
    """Print one line on standard error."""
    sys.stderr.write(line + "\n")


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Show progress on standard error while something long runs; gives advance(done, total) of passages.

    A terminal gets a bar with the rate and the time that is left, a pipe one line when it starts.
    """
    if quiet:
        yield lambda _done, _total: None
        return
    if not sys.stderr.isatty():
        say(what)
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]} passages/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, rate="–")

        def advance(done: int, total: int) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            bar.update(task, completed=done, total=total, rate=f"{done / elapsed:,.0f}" if elapsed else "–")

        yield advance


def _print_rich_answer(answer: Answer, *, explain: bool) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    for line in _remarks(answer):
        console.print(line, style="bold" if line == NOT_FOUND else "dim", markup=False)
    for hit in answer.hits:
        _print_rich_hit(console, hit)
        if explain:
            for line in _reasons(hit.explanation):
                console.print(f"  {line}", style="dim", markup=False)


def _print_rich_hit(console: "Console", hit: Hit) -> None:
    from rich.padding import Padding
    from rich.text import Text

    text = Text(hit.passage.text, style="dim" if hit.excerpt else "")
    for span in hit.excerpt:
        text.stylize("not dim", span.start, span.end)
    for span in hit.highlights:
        text.stylize("bold yellow", span.start, span.end)
    console.print(Text(f"{hit.rank}. {heading(hit.passage)}", style="bold"))
    console.print(Padding(text, (0, 0, 0, 3)))
    for line in (place(hit.passage), *_also(hit)):
        console.print(Padding(Text(line, style="dim"), (0, 0, 0, 3)))
    console.print()


def _named(name: NameShare) -> str:
    """Return a name, with where it comes from unless the question has it."""
    return name.term if name.source == "word" else f"{name.term} ({name.source})"


def _reasons(explanation: Explanation | None) -> list[str]:
    if explanation is None:
        return []
    matched = sorted((share for share in explanation.groups if share.share > 0), key=lambda s: -s.share)
    return [
        f"{share.share:8.4f}  {share.group.channel.name.lower():<7} "
        f"{'/'.join(_named(name) for name in share.names if name.tf)}"
        f"  tf {share.tf:g}, df {share.df}, idf {share.idf:.3f}, weight {share.group.weight:g}"
        for share in matched
    ] + [f"{explanation.score:8.4f}  sum"]
