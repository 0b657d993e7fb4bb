"""Question → Query: which ideas are looked up, under which names, where, and with what weight."""

import itertools
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.analysis.analyzer import Terms
from bot.domain import Channel, Group, Name, Query, Span, Term


class Names(Protocol):
    """What a word or a phrase may also be called in the reports."""

    def synonyms(self, word: str) -> Sequence[Name]:
        """Return what the domain also calls a Chinese word."""

    def named(self, text: str) -> Sequence[str]:
        """Return the beginnings of a text that `synonyms` has names for."""

    def related(self, word: str, *, most: int, least: float) -> Sequence[Name]:
        """Return words of the index that mean nearly the same as a Chinese word."""

    def translations(self, stems: Sequence[str]) -> Sequence[Name]:
        """Return Chinese names of an English phrase."""

    def is_word(self, word: str) -> bool:
        """Tell whether a Chinese word is a word at all."""

    def repairs(self, piece: str) -> Sequence[Name]:
        """Return words of the index that a mistyped piece of a question was probably meant to be."""

    def stands(self, word: str) -> bool:
        """Tell whether a word of Latin letters or figures stands in the index as it is."""

    def knows(self, stems: Sequence[str]) -> bool:
        """Tell whether an English phrase has a name."""

    def is_phrase(self, stems: Sequence[str]) -> bool:
        """Tell whether English has a phrase as one idea, whether or not the index has a name for it."""

    def specificity(self, text: str, stems: Sequence[str]) -> float:
        """Return how much a word says at all, 0..1; `stems` are those of an English word, else none."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What an idea counts in each channel, and its names in the idea; all ≥ 0.

    Attributes:
        word: In the words channel.
        char: In the characters channel; its bigrams.
        heading: In headings.
        single: A character of its own, as a share of a bigram.
        synonym: A name from the domain's synonyms, as a share of its weight there.
        meaning: A name of near meaning, as a share of the nearness.
        meaning_least: Nearness from which a word counts.
        meaning_most: Such words for one word of the question.
        translated_char: A translation's characters, in the characters channel.
        phrase: Added to an idea's weight for each further word of an English phrase.
        part: A word that is a part of a longer one (采油 of 采油厂), as a share of a whole one.
    """

    word: float
    char: float
    heading: float
    single: float
    synonym: float = 0.0
    meaning: float = 0.0
    meaning_least: float = 0.3
    meaning_most: int = 5
    translated_char: float = 0.2
    phrase: float = 0.5
    part: float = 1.0


@dataclass(frozen=True, slots=True)
class _Idea:
    """What is asked for once: its names, heaviest first, and how often it was asked."""

    names: tuple[Name, ...]
    span: Span
    times: float
    says: float = 1.0


_MOST_WORDS_IN_A_PHRASE = 5
_MOST_CHARACTERS = 8
_BESIDE_ITSELF = 0.5


class QueryBuilder:
    """Makes queries.

    Args:
        is_stop_word: Tells words that carry no content, in lower case.
        weights: Of channels and names.
        stem: English words → stems; called only for words in Latin letters.
    """

    def __init__(
        self, is_stop_word: Callable[[str], bool], weights: Weights, stem: Callable[[str], Sequence[str]]
    ) -> None:
        self._is_stop_word = is_stop_word
        self._weights = weights
        self._stem = stem

    def build(self, question: str, terms: Terms, names: Names, *, literal: bool = False) -> Query:
        """Return the query for a question.

        Stop words are left out, and the characters that stand wholly inside one with them; so a question of
        nothing else has no groups. An idea that is asked twice weighs twice.

        Args:
            question: As it was asked.
            terms: Its terms.
            names: Of the index that will be searched.
            literal: Repair nothing.
        """
        stops = [term.span for term in terms.words if self._is_stop_word(term.text)]
        words = [term for term in terms.words if not self._is_stop_word(term.text)]
        if not words:
            return Query(question, ())
        han = [term for term in words if not _is_latin(term.text)]
        chinese = [
            self._chinese(term, names, 1.0 if whole else self._weights.part)
            for term, whole in zip(han, _are_whole(han), strict=True)
        ]
        chinese += self._expressions(terms.characters, {term.span for term in terms.words}, names)
        chinese += self._compounds(question, terms.words, names)
        english = list(self._english(question, terms.words, names))
        repaired = [] if literal else list(self._repaired(question, terms.words, names))
        characters = _outside(terms.characters, stops)
        weights = self._weights
        ideas = _once([*chinese, *english, *repaired])
        groups = (
            *_groups(Channel.WORD, ideas, weights.word),
            *_groups(Channel.CHAR, _once(self._character_ideas(characters)), weights.char),
            *_groups(Channel.CHAR, _once(_short_names(english)), weights.translated_char),
            *_groups(Channel.HEADING, ideas, weights.heading),
        )
        return Query(question, groups)

    def _chinese(self, term: Term, names: Names, times: float) -> _Idea:
        weights = self._weights
        found = [Name(term.text, 1.0)]
        if weights.synonym:
            found += _scaled(names.synonyms(term.text), weights.synonym)
        if weights.meaning:
            near = names.related(term.text, most=weights.meaning_most, least=weights.meaning_least)
            found += _scaled(near, weights.meaning)
        return _Idea(_distinct(found), term.span, times, names.specificity(term.text, ()))

    def _expressions(
        self, characters: Iterable[Term], known: Container[Span], names: Names
    ) -> Iterator[_Idea]:
        """Yield what the domain's files name and the segmenter cuts apart (底下的人), the longest first."""
        if not self._weights.synonym:
            return
        singles = [term for term in characters if len(term.text) == 1]
        text = "".join(term.text for term in singles)
        found = [
            (len(word), start)
            for start in range(len(text))
            for word in names.named(text[start : start + _MOST_CHARACTERS])
        ]
        taken: set[int] = set()
        for length, start in sorted(found, key=lambda place: (-place[0], place[1])):
            span = Span(singles[start].span.start, singles[start + length - 1].span.end)
            places = range(span.start, span.end)
            if length == 1 or span in known or len(span) != length or not taken.isdisjoint(places):
                continue
            taken.update(places)
            named = names.synonyms(text[start : start + length])
            yield _Idea(_distinct(_scaled(named, self._weights.synonym)), span, 1.0)

    def _compounds(self, question: str, words: Sequence[Term], names: Names) -> Iterator[_Idea]:
        """Yield words that the segmenter does not know and cuts into characters (年假): they say more."""
        for run in _single_runs(question, words):
            start = 0
            while start < len(run):
                ends = range(min(len(run), start + _MOST_CHARACTERS), start + 1, -1)
                texts = ("".join(term.text for term in run[start:end]) for end in ends)
                if (text := next(filter(names.is_word, texts), None)) is None:
                    start += 1
                    continue
                span = Span(run[start].span.start, run[start + len(text) - 1].span.end)
                yield _Idea((Name(text, 1.0),), span, 1.0, names.specificity(text, ()))
                start += len(text)

    def _english(self, question: str, words: Iterable[Term], names: Names) -> Iterator[_Idea]:
        for run in _latin_runs(question, words):
            stems = [tuple(self._stem(term.text)) for term in run]
            start = 0
            while start < len(run):
                if self._is_stop_word(run[start].text):
                    start += 1
                    continue
                end = self._longest_phrase(run, stems, start, names)
                phrase = [stem for word in stems[start:end] for stem in word]
                as_written = [Name(term.text, 1.0) for term in run[start:end]]
                span = Span(run[start].span.start, run[end - 1].span.end)
                times = 1.0 + self._weights.phrase * (end - start - 1)
                # What stands in the reports as it was written means itself before it means a translation.
                share = _BESIDE_ITSELF if any(names.stands(name.term) for name in as_written) else 1.0
                translated = _scaled(names.translations(phrase), share)
                says = names.specificity("", phrase)
                yield _Idea(_distinct([*as_written, *translated]), span, times, says)
                start = end
            yield from self._unknown_phrases(run, stems, names)

    def _unknown_phrases(
        self, run: Sequence[Term], stems: Sequence[Sequence[str]], names: Names
    ) -> Iterator[_Idea]:
        """Yield phrases that English has as one idea and the index has no name for: its parts say less."""
        for start in range(len(run)):
            for end in range(min(len(run), start + _MOST_WORDS_IN_A_PHRASE), start + 1, -1):
                edges = run[start].text, run[end - 1].text
                phrase = [stem for word in stems[start:end] for stem in word]
                if any(map(self._is_stop_word, edges)) or not names.is_phrase(phrase):
                    continue
                if not names.knows(phrase):
                    name = Name(" ".join(term.text for term in run[start:end]), 1.0)
                    span = Span(run[start].span.start, run[end - 1].span.end)
                    yield _Idea((name,), span, 1.0, names.specificity("", phrase))
                break

    def _repaired(self, question: str, words: Sequence[Term], names: Names) -> Iterator[_Idea]:
        """Yield what mistyped pieces, which stand between known words, were probably meant to be."""
        for piece in _pieces(question, words, lambda term: self._is_solid(term, names)):
            units = [unit for term in piece for unit in _units(term)]
            start = 0
            while start < len(units):
                ends = range(min(len(units), start + _MOST_CHARACTERS), start, -1)
                for end in ends:
                    if found := names.repairs("".join(text for text, _ in units[start:end])):
                        span = Span(units[start][1].start, units[end - 1][1].end)
                        yield _Idea(_distinct(found), span, 1.0, names.specificity(found[0].term, ()))
                        start = end
                        break
                else:
                    start += 1

    def _is_solid(self, term: Term, names: Names) -> bool:
        if self._is_stop_word(term.text):
            return True
        if _is_latin(term.text):
            return not term.text.isalpha() or names.knows(self._stem(term.text))
        return len(term.text) > 1 and names.is_word(term.text)

    def _longest_phrase(
        self, run: Sequence[Term], stems: Sequence[Sequence[str]], start: int, names: Names
    ) -> int:
        """Return the end of the longest phrase from `start` that has a name; a single word if none has."""
        longest = min(len(run), start + _MOST_WORDS_IN_A_PHRASE)
        for end in range(longest, start + 1, -1):
            phrase = [stem for word in stems[start:end] for stem in word]
            if not self._is_stop_word(run[end - 1].text) and names.knows(phrase):
                return end
        return start + 1

    def _character_ideas(self, characters: Iterable[Term]) -> list[_Idea]:
        shares = ((term, self._weights.single if len(term.text) == 1 else 1.0) for term in characters)
        return [_Idea((Name(term.text, 1.0),), term.span, share) for term, share in shares]


def _once(ideas: Iterable[_Idea]) -> list[tuple[_Idea, float]]:
    """Return each idea once, with how often it was asked."""
    times: dict[tuple[Name, ...], tuple[_Idea, float]] = {}
    for idea in ideas:
        first, count = times.get(idea.names, (idea, 0.0))
        times[idea.names] = first, count + idea.times
    return list(times.values())


def _groups(channel: Channel, ideas: Iterable[tuple[_Idea, float]], weight: float) -> Iterator[Group]:
    """Make one group of each idea; one that was asked twice is a group of twice the weight."""
    for idea, times in ideas:
        if weight * times > 0:
            yield Group(channel, idea.names, weight * times, idea.span, idea.says)


def _short_names(ideas: Iterable[_Idea]) -> Iterator[_Idea]:
    """Yield ideas with those of their names that the characters channel has: one or two characters."""
    for idea in ideas:
        short = tuple(name for name in idea.names if len(name.term) <= 2 and not _is_latin(name.term))
        if short:
            yield _Idea(short, idea.span, idea.times)


def _latin_runs(question: str, words: Iterable[Term]) -> Iterator[list[Term]]:
    """Yield words in Latin letters or figures that stand together, with nothing but space between."""
    run: list[Term] = []
    for term in words:
        if not _is_latin(term.text) or (run and question[run[-1].span.end : term.span.start].strip(" -\t\n")):
            if run:
                yield run
            run = []
        if _is_latin(term.text):
            run.append(term)
    if run:
        yield run


def _single_runs(question: str, words: Iterable[Term]) -> Iterator[list[Term]]:
    """Yield words of one Han character that stand together, two or more of them."""
    run: list[Term] = []
    for term in words:
        single = len(term.text) == 1 and not _is_latin(term.text)
        if run and not (single and _touch(question, run[-1], term)):
            if len(run) > 1:
                yield run
            run = []
        if single:
            run.append(term)
    if len(run) > 1:
        yield run


def _pieces(question: str, words: Sequence[Term], is_solid: Callable[[Term], bool]) -> Iterator[list[Term]]:
    """Yield stretches of words that are not solid and touch each other, of two characters or more."""
    piece: list[Term] = []
    for term in itertools.compress(words, _are_whole(words)):
        solid = is_solid(term)
        if piece and (solid or not _touch(question, piece[-1], term)):
            if sum(len(t.text) for t in piece) > 1:
                yield piece
            piece = []
        if not solid:
            piece.append(term)
    if sum(len(term.text) for term in piece) > 1:
        yield piece


def _units(term: Term) -> Iterator[tuple[str, Span]]:
    """Yield what of a mistyped word may be taken for itself: a Latin word whole, else each character."""
    if _is_latin(term.text) or len(term.text) != len(term.span):
        yield term.text, term.span
        return
    for at, character in enumerate(term.text):
        yield character, Span(term.span.start + at, term.span.start + at + 1)


def _touch(question: str, one: Term, other: Term) -> bool:
    """Tell whether nothing stands between two words; syllables in Latin letters may be spaced."""
    between = question[one.span.end : other.span.start]
    return not between or (between.isspace() and _is_latin(one.text) and _is_latin(other.text))


def _are_whole(words: Iterable[Term]) -> list[bool]:
    """Tell of each word whether it is no part of a longer one."""
    edges = [(term.span.start, term.span.end) for term in words]
    return [
        not any(first <= start and end <= last and last - first > end - start for first, last in edges)
        for start, end in edges
    ]


def _is_latin(text: str) -> bool:
    return text.isascii()


def _scaled(names: Sequence[Name], share: float) -> Sequence[Name]:
    if share == 1.0:
        return names
    return [Name(name.term, name.weight * share, name.source) for name in names]


def _distinct(names: Iterable[Name]) -> tuple[Name, ...]:
    """Keep each term once, with the heaviest of its weights, heaviest first."""
    best: dict[str, Name] = {}
    for name in names:
        if name.weight > 0 and (name.term not in best or best[name.term].weight < name.weight):
            best[name.term] = name
    return tuple(sorted(best.values(), key=lambda name: -name.weight))


def _outside(terms: Iterable[Term], spans: Iterable[Span]) -> list[Term]:
    """Return the terms that stand wholly inside none of some spans."""
    edges = [(span.start, span.end) for span in spans]
    placed = ((term, term.span.start, term.span.end) for term in terms)
    return [
        term
        for term, start, end in placed
        if not any(first <= start and end <= last for first, last in edges)
    ]
