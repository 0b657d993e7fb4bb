"""How an analyzer is made, in plain values, so that another process makes the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bot.analysis.analyzer import Analyzer
from bot.analysis.normalize import Normalizer, simplifier
from bot.analysis.segment import UserWord, segmenter


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an analyzer is made of.

    Attributes:
        engine: See `segmenter`.
        words: Of the user's dictionary.
        cache: A private, existing folder.
    """

    engine: Literal["auto", "jieba", "rjieba"]
    words: tuple[UserWord, ...]
    cache: Path

    def analyzer(self) -> Analyzer:
        """Return the analyzer, which loads the segmenter's dictionary."""
        return Analyzer(Normalizer(simplifier()), segmenter(self.engine, self.words, self.cache))

    def to_json(self) -> dict[str, Any]:
        """Return it as values that `json` takes."""
        return {"engine": self.engine, "words": list(map(list, self.words)), "cache": str(self.cache)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Recipe":
        """Return the recipe that `to_json` gave."""
        return cls(value["engine"], tuple(UserWord(*word) for word in value["words"]), Path(value["cache"]))
