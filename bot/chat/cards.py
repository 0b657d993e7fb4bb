"""The cards that the bot sends: an answer, a passage, a section, and that there is no answer. Pure.

An answer's card begins with the sentences that answer. What else its passages say is in quotations that open
when they are tapped, so that every passage is there in full, and nothing twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.chat.dividing import divide
from bot.chat.language import Phrases
from bot.chat.render import (
    ELLIPSIS,
    MARKS_A_PASSAGE,
    MESSAGE_UNITS,
    beginning,
    fit,
    line,
    marked,
    merged,
    place,
    plain,
    quotation,
    sendable,
    units,
)
from bot.domain import Answer, Channel, Explanation, Hit, Passage, Repair, Span

MOST_ON_A_CARD = 3

# About ten lines of a phone for the best passage, five for each other.
_FIRST_CHARS, _OTHER_CHARS = 240, 110
_MOST_ALSO = 3
_QUESTION_CHARS = 60
_HEADING_CHARS = 40
_NUMERALS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a card's text and what is bold in it."""

    text: str
    marks: tuple[Span, ...]


def answer_card(
    hits: Sequence[Hit],
    phrases: Phrases,
    *,
    first: int = 1,
    notes: Sequence[str] = (),
    where: Sequence[str] = (),
) -> str:
    """Return one page of an answer.

    Args:
        hits: One to three.
        phrases: Of the reader's language; the passages stay as they are.
        first: Number of the first hit; a hit that is alone on the first page has none.
        notes: Lines above the passages, at most 100 units each.
        where: For each hit its place in its report, in words, at most 100 units each; "" or none: unknown.

    Returns:
        HTML for Telegram: at most 4,096 UTF-16 units once parsed, at most 100 entities, below 32 kB. When
        passages are too long for that the last ones are shortened, at a sentence's end where there is one.
    """
    hits = hits[:MOST_ON_A_CARD]
    numbers = [numeral(first + at) + " " if len(hits) > 1 or first > 1 else "" for at in range(len(hits))]
    pieces = [pieces_of(hit, best=first + at == 1) for at, hit in enumerate(hits)]
    places = [place(hit.passage, *where[at : at + 1]) for at, hit in enumerate(hits)]
    also = [_also(hit, phrases) for hit in hits]
    frame = "\n".join([*notes, *numbers, *places, *also]) + "\n" * (4 * len(hits) + 1)
    texts = [piece.text for piece, _ in pieces] + [piece.text for _, piece in pieces]
    kept = fit(texts, MESSAGE_UNITS - units(frame))
    blocks = []
    for at, (shown, rest) in enumerate(pieces):
        lines = [
            plain(numbers[at]) + marked(shown.text, kept[at], shown.marks),
            _cited(places[at]),
        ]
        if rest.text:
            lines.append(quotation(marked(rest.text, kept[len(hits) + at], rest.marks), expandable=True))
        if also[at]:
            lines.append(plain(also[at]))
        blocks.append("\n".join(lines))
    return "\n\n".join([*([plain("\n".join(notes))] if notes else []), *blocks])


def standing(place: tuple[int, int] | None, phrases: Phrases) -> str:
    """Return a passage's number of how many, see `Shelf.place`, in words; "" when that is unknown."""
    return phrases("place", number=place[0], count=place[1]) if place else ""


def pieces_of(hit: Hit, *, best: bool) -> tuple[Piece, Piece]:
    """Return what of a hit is read at once, and the rest of its passage, empty if that is all.

    Args:
        hit: With or without an excerpt.
        best: More of the best hit is shown.
    """
    shown, rest = divide(hit.passage.text, hit.excerpt, _FIRST_CHARS if best else _OTHER_CHARS)
    text = sendable(hit.passage.text)
    bold = merged(hit.highlights, len(text))
    first = _flow(text, shown, bold, MARKS_A_PASSAGE)
    return first, _flow(text, rest, bold, MARKS_A_PASSAGE - len(first.marks))


def repaired(question: str, repairs: Sequence[Repair]) -> str:
    """Return a question with what was looked up in place of what was mistyped, as one short line."""
    text, end = "", 0
    for repair in repairs:
        text += question[end : repair.span.start] + repair.read
        end = repair.span.end
    return line(text + question[end:], _QUESTION_CHARS)


def refusal(answer: Answer, phrases: Phrases) -> str:
    """Return what is said when the reports do not answer, above the nearest sections if there are any."""
    lines = [phrases("not-found")]
    if answer.missing:
        lines.append(phrases("missing", words=quoted(answer.missing, phrases)))
    lines += ["", phrases("nearest" if answer.nearest else "try-other-words")]
    return plain("\n".join(lines))


def quoted(words: Sequence[str], phrases: Phrases) -> str:
    """Return words in the language's quotation marks, shortened to what fits on a few lines."""
    return " ".join(phrases("quoted", word=line(word, 20)) for word in words[:8])


def heading(passage: Passage) -> str:
    """Return the name of a passage's section and its report, short enough for a button."""
    name = next(filter(None, map(line, (passage.section[-1] if passage.section else "", passage.report))), "")
    report = "" if passage.section == (passage.report,) else f" · 《{line(passage.report, _HEADING_CHARS)}》"
    return line(name, _HEADING_CHARS) + report if name else line(passage.source)


def context_card(
    passages: Sequence[Passage],
    at: int,
    phrases: Phrases,
    *,
    marks: Sequence[Span] = (),
    where: str = "",
    note: str = "",
) -> str:
    """Return a passage as a quotation between those before and after it in its report.

    Args:
        passages: In order.
        at: Index of the passage in the middle.
        phrases: Of the reader's language.
        marks: What is bold in the passage.
        where: Its place in its report, in words, at most 100 units.
        note: A line above them, at most 100 units.

    Returns:
        HTML for Telegram, within its limits.
    """
    here = passages[at]
    before, after = passages[:at], passages[at + 1 :]
    heads = [place(here, where), *(_neighbour(other, here, phrases("before")) for other in before)]
    heads += [_neighbour(other, here, phrases("after")) for other in after]
    texts = [sendable(other.text) for other in (here, *before, *after)]
    room = MESSAGE_UNITS - units("\n".join([note, *heads])) - 3 * len(heads)
    kept = fit(texts, room)
    bold = merged(marks, len(texts[0]))[:MARKS_A_PASSAGE]
    shown = [
        marked(text, length, () if number else bold)
        for number, (text, length) in enumerate(zip(texts, kept, strict=True))
    ]
    around = [f"{_cited(head)}\n{text}" for head, text in zip(heads[1:], shown[1:], strict=True)]
    middle = f"{_cited(heads[0])}\n{quotation(shown[0])}"
    opening = [_cited(note)] if note else []
    return "\n\n".join([*opening, *around[: len(before)], middle, *around[len(before) :]])


def section_messages(passages: Sequence[Passage], note: str = "") -> Iterator[str]:
    """Yield a whole section as HTML, in as many messages as it needs, divided at the ends of sentences.

    Args:
        passages: All of the section, at least one.
        note: A line above it, at most 100 units.
    """
    head = "\n".join(filter(None, [note, place(passages[0])]))
    text = sendable("\n".join(passage.text for passage in passages)).strip()
    opening = f"{_cited(head)}\n"
    room = MESSAGE_UNITS - units(head) - 1
    while text:
        length = beginning(text, room)
        yield opening + plain(text[:length])
        text = text[length:].lstrip()
        opening, room = "", MESSAGE_UNITS


def matched_words(hits: Sequence[Hit], question: str, first: int) -> str:
    """Return for each hit the words of the question that it matched, as `投诉 处理≈应对`.

    Args:
        hits: With their explanations; those without one are left out.
        question: Whose words they are.
        first: Number of the first hit.
    """
    lines = []
    for number, hit in enumerate(hits, start=first):
        words = _matched(hit.explanation, question) if hit.explanation else []
        if words:
            lines.append(f"{numeral(number)} {' '.join(words)}")
    return "\n".join(lines)


def numeral(number: int) -> str:
    """Return a number in a circle, from 21 on as it is."""
    return _NUMERALS[number - 1] if number <= len(_NUMERALS) else f"{number}."


def _matched(explanation: Explanation, question: str) -> list[str]:
    """Return the words that count most first, each with the name it has in the passage if that is another."""
    words: dict[str, str] = {}
    for share in sorted(explanation.groups, key=lambda share: -share.share):
        here = [name for name in share.names if name.tf]
        written = line(question[share.group.span.start : share.group.span.end], 20)
        if not here or len(written) < 2 or share.group.channel is Channel.CHAR:
            continue  # single characters and their pairs say nothing to a reader
        best = max(here, key=lambda name: (name.term == written.casefold(), name.weight))
        same = best.term == written.casefold()
        words.setdefault(written, written if same else f"{written}≈{best.term}")
    longer = [word for word in words if not any(word != other and word in other for other in words)]
    return [words[word] for word in longer]


def _also(hit: Hit, phrases: Phrases) -> str:
    titles = dict.fromkeys(line(other.report) or line(other.source) for other in hit.also)
    named = "".join(f"《{title}》" for title in [*titles][:_MOST_ALSO])
    return phrases("also", reports=named) if named else ""


def _cited(where: str) -> str:
    return f"<i>{plain(where)}</i>"


def _neighbour(other: Passage, here: Passage, name: str) -> str:
    return name if other.section == here.section else f"{name} · {line(other.section[-1])}"


def _flow(text: str, spans: Sequence[Span], bold: Sequence[Span], most: int) -> Piece:
    """Return spans of a text as one text, with ellipses for what lies between them."""
    flow, marks = "", []
    for number, span in enumerate(spans):
        if number:
            begins_line = text[span.start - 1] == "\n"
            flow += f" {ELLIPSIS}" + ("\n" if begins_line else " ")
        shift = len(flow) - span.start
        marks += [
            Span(max(mark.start, span.start) + shift, min(mark.end, span.end) + shift)
            for mark in bold
            if mark.start < span.end and mark.end > span.start
        ]
        flow += text[span.start : span.end]
    return Piece(flow, tuple(marks[: max(most, 0)]))
