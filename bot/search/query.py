"""Question → Query: which ideas are looked up, where, and with what weight."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.analysis.analyzer import Terms
from bot.domain import Channel, Group, Name, Query, Span, Term


@dataclass(frozen=True, slots=True)
class Weights:
    """What a term counts in each channel, ≥ 0; a channel of weight 0 is not asked.

    Attributes:
        single: Of one character, as a share of a bigram's weight.
    """

    word: float
    char: float
    heading: float
    single: float


def build(question: str, terms: Terms, *, is_stop_word: Callable[[str], bool], weights: Weights) -> Query:
    """Return the query for a question.

    Stop words are left out, and the characters that stand wholly inside one with them; so a question of
    nothing else has no groups. A term that is asked twice weighs twice.

    Args:
        question: As it was asked.
        terms: Its terms.
        is_stop_word: Tells words that carry no content.
        weights: Of the channels.
    """
    stops = [term.span for term in terms.words if is_stop_word(term.text)]
    words = [term for term in terms.words if not is_stop_word(term.text)]
    characters = [term for term in terms.characters if not _inside_any(term.span, stops)]
    if not words:
        return Query(question, ())
    groups = (
        *_groups(Channel.WORD, words, lambda _: weights.word),
        *_groups(Channel.CHAR, characters, lambda t: weights.char * (weights.single if len(t) == 1 else 1)),
        *_groups(Channel.HEADING, words, lambda _: weights.heading),
    )
    return Query(question, groups)


def _groups(channel: Channel, terms: list[Term], weight: Callable[[str], float]) -> Iterator[Group]:
    asked = Counter(term.text for term in terms)
    places = {term.text: term.span for term in reversed(terms)}
    for text, times in asked.items():
        if value := weight(text) * times:
            yield Group(channel, (Name(text, 1.0),), value, places[text])


def _inside_any(span: Span, others: list[Span]) -> bool:
    return any(other.start <= span.start and span.end <= other.end for other in others)
