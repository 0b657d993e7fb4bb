"""Homes for benchmarks: reports as text files, as many and as long as wanted, the same for everyone.

A passage is a sentence of the sample reports before words drawn from jieba's dictionary by their frequencies,
with commas between them; long enough to stand alone and short enough not to be cut.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.benchmarks.corpora import ROOT, dictionary, sample_sentences

# Passages are cut at 350 characters, and those below 80 join their neighbours.
_LEAST_CHARS, _MOST_CHARS = 90, 340
_MEAN_CHARS = 135
_WORDS_PER_CLAUSE = 9
_PASSAGES_PER_SECTION = 5
_DRAWN_AT_ONCE = 2**20
_HAN_WORD = re.compile(r"[\u4e00-\u9fff]+")
_SENTENCE = re.compile(r"[\u4e00-\u9fff][^|:：*]{9,60}")


def write_home(size: int, folder: Path, *, reports: int, seed: int = 7) -> int:
    """Write a home with the usual config/ and a corpus of about `size` passages.

    Args:
        size: Passages, at least one a report.
        folder: Made; config/ and corpus/ must not be there.
        reports: Files, > 0, all of about the same length, in folders of a thousand.
        seed: Of the draw.

    Returns:
        Characters of all reports.
    """
    shutil.copytree(ROOT / "config", folder / "config")
    paragraphs = _paragraphs(seed)
    characters = 0
    edges = np.linspace(0, size, reports + 1).astype(int).tolist()
    for number, (first, end) in enumerate(pairwise(edges)):
        path = folder / "corpus" / f"{number // 1000:03d}" / f"{number:06d}.md"
        if number % 1000 == 0:
            path.parent.mkdir(parents=True)
        text = report(number, [next(paragraphs) for _ in range(end - first)])
        path.write_text(text, "utf-8")
        characters += len(text)
    return characters


def report(number: int, paragraphs: Sequence[str]) -> str:
    """Return a report in Markdown with a section for every few paragraphs."""
    blocks = [f"# 第{number}号工作报告"]
    for place, paragraph in enumerate(paragraphs):
        if place % _PASSAGES_PER_SECTION == 0:
            blocks.append(f"## {paragraph[:8]}")
        blocks.append(paragraph)
    return "\n\n".join(blocks) + "\n"


def _paragraphs(seed: int) -> Iterator[str]:
    """Yield paragraphs of 90–340 characters, for ever."""
    random = np.random.default_rng(seed)
    sentences = sorted({s for s in map(str.strip, sample_sentences()) if _SENTENCE.fullmatch(s)})
    words = _words(random)
    while True:
        length = int(random.integers(_LEAST_CHARS, 2 * _MEAN_CHARS - _LEAST_CHARS))
        parts = [sentences[random.integers(len(sentences))], "。"]
        held, clause = len(parts[0]) + 1, 0
        while held < length:
            word = next(words)
            if held + len(word) + 1 > _MOST_CHARS:
                break
            clause += 1
            ends = clause == _WORDS_PER_CLAUSE
            clause = 0 if ends else clause
            parts += [word, "，"] if ends else [word]
            held += len(word) + ends
        yield "".join(parts).rstrip("，") + "。"


def _words(random: np.random.Generator) -> Iterator[str]:
    frequencies = {word: n for word, n in dictionary().items() if _HAN_WORD.fullmatch(word)}
    words = list(frequencies)
    share = np.cumsum(np.array(list(frequencies.values()), np.float64))
    while True:
        drawn = np.searchsorted(share, random.random(_DRAWN_AT_ONCE) * share[-1], side="right")
        for number in drawn.tolist():
            yield words[number]
