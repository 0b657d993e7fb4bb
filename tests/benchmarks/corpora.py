"""Corpora and questions for benchmarks: as large as wanted, the same for everyone, from a seed.

A passage is a sentence of the sample reports among words drawn from jieba's dictionary by their frequencies.
Or passages are taken from a text of one's own, a line each, repeated until there are enough.
"""

import importlib.util
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bot.analysis.analyzer import Analyzer
from bot.analysis.normalize import Normalizer, simplifier
from bot.analysis.segment import segmenter

ROOT = Path(__file__).parents[2]
WORDS_PER_PASSAGE = 82


@dataclass(frozen=True, slots=True)
class Corpus:
    """Passages as numbers of words, all in one array.

    Attributes:
        words: The vocabulary.
        tokens: Numbers of words, shape (tokens,).
        starts: Where each passage begins in `tokens`, and the end; shape (passages + 1,).
        questions: As words.
    """

    words: Sequence[str]
    tokens: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]
    questions: Sequence[Sequence[str]]

    def __len__(self) -> int:
        """Return the number of passages."""
        return len(self.starts) - 1

    def passages(self) -> Iterator[list[str]]:
        """Yield each passage's words."""
        for start, end in zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True):
            yield [self.words[number] for number in self.tokens[start:end].tolist()]

    def save(self, folder: Path) -> None:
        """Write it into an existing folder."""
        np.save(folder / "tokens.npy", self.tokens)
        np.save(folder / "starts.npy", self.starts)
        for name, value in (("words", self.words), ("questions", self.questions)):
            (folder / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path, *, whole: bool) -> "Corpus":
        """Read what `save` wrote, only the questions unless `whole`."""
        questions = json.loads((folder / "questions.json").read_text("utf-8"))
        if not whole:
            return cls((), np.empty(0, np.uint32), np.zeros(1, np.int64), questions)
        tokens = np.load(folder / "tokens.npy", allow_pickle=False)
        starts = np.load(folder / "starts.npy", allow_pickle=False)
        return cls(json.loads((folder / "words.json").read_text("utf-8")), tokens, starts, questions)


def drawn(size: int, *, seed: int, cache: Path) -> Corpus:
    """Return `size` passages of about 82 words: a sentence of the sample reports among drawn words.

    Args:
        size: Passages, > 0.
        seed: Of the draw.
        cache: A private, existing folder for the segmenter.
    """
    analyzer = _analyzer(cache)
    sentences = [analyzer.tokens(sentence)[0] for sentence in sample_sentences()]
    sentences = [sentence for sentence in sentences if 3 <= len(sentence) <= WORDS_PER_PASSAGE // 2]
    frequencies = dictionary()
    words = list(frequencies)
    numbers = {word: i for i, word in enumerate(words)}
    for word in (word for sentence in sentences for word in sentence):
        if word not in numbers:
            numbers[word] = len(words)
            words.append(word)
    random = np.random.default_rng(seed)
    share = np.cumsum(np.array(list(frequencies.values()), np.float64))
    lengths = random.integers(WORDS_PER_PASSAGE // 2, WORDS_PER_PASSAGE * 3 // 2, size)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    tokens = np.empty(starts[-1], np.uint32)
    for first in range(0, len(tokens), 2**22):
        part = tokens[first : first + 2**22]
        part[:] = np.searchsorted(share, random.random(len(part)) * share[-1])
    as_numbers = [np.array([numbers[word] for word in sentence], np.uint32) for sentence in sentences]
    for start, choice in zip(
        starts.tolist(), random.integers(0, len(as_numbers), size).tolist(), strict=False
    ):
        sentence = as_numbers[choice]
        tokens[start : start + len(sentence)] = sentence
    return Corpus(words, tokens, starts, _questions(analyzer))


def taken(size: int, text: Path, *, cache: Path) -> Corpus:
    """Return `size` passages from the lines of a text, cut by the segmenter; questions are the samples' own.

    The text is gone through again, its lines joined in other pairs, until there are enough.
    """
    analyzer = _analyzer(cache)
    lines = [line for line in text.read_text("utf-8").splitlines() if line.strip()]
    cut = [analyzer.tokens(line)[0] for line in lines[: size * 2]]
    numbers: dict[str, int] = {}
    rows = [np.array([numbers.setdefault(w, len(numbers)) for w in words], np.uint32) for words in cut]
    passages = [rows[i % len(rows)] for i in range(min(size, len(rows)))]
    for i in range(len(passages), size):
        again = 1 + i // len(rows)
        passages.append(np.concatenate((rows[i % len(rows)], rows[(i + again) % len(rows)])))
    starts = np.concatenate(([0], np.cumsum([len(passage) for passage in passages])))
    return Corpus(list(numbers), np.concatenate(passages), starts, _questions(analyzer))


def _analyzer(cache: Path) -> Analyzer:
    return Analyzer(Normalizer(simplifier()), segmenter("auto", (), cache))


def sample_sentences() -> Iterator[str]:
    """Yield the sentences of the sample reports, marks of Markdown included."""
    for report in sorted((ROOT / "corpus").glob("*.md")):
        for line in report.read_text("utf-8").splitlines():
            yield from (
                part for part in line.replace("！", "。").replace("；", "。").split("。") if part.strip()
            )


def _questions(analyzer: Analyzer) -> list[list[str]]:
    """Return the judged Chinese questions of the sample reports as words."""
    lines = (ROOT / "config" / "questions.jsonl").read_text("utf-8").splitlines()
    asked = (row["question"] for row in map(json.loads, lines) if row.get("lang", "zh") == "zh")
    return [words for question in asked if (words := analyzer.tokens(question)[0])]


def dictionary() -> dict[str, int]:
    """Return jieba's words and their frequencies."""
    package = importlib.util.find_spec("jieba")
    assert package is not None
    assert package.submodule_search_locations
    with (Path(package.submodule_search_locations[0]) / "dict.txt").open(encoding="utf-8") as lines:
        rows = (line.split(" ") for line in lines)
        return {word: int(frequency) for word, frequency, *_ in rows}
