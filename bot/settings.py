"""Settings: what can be set, its default and its range, in one place.

Plain dataclasses, so that a question on the command line does not pay for a validation library;
`settings_loader` reads and checks them. A test holds config/bot.toml to these defaults.
"""

import hmac
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Interval, MinLen


class Secret:
    """Text that does not show itself: `str` and `repr` give a mask, `reveal` the value."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the plain text, for the one call that needs it."""
        return self._value

    def __str__(self) -> str:
        return f"…{self._value[-3:]}" if len(self._value) > 20 else "…"

    def __repr__(self) -> str:
        return f"Secret({self})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)


Weight = Annotated[float, Interval(ge=0.0, le=10.0)]
Share = Annotated[float, Interval(ge=0.0, le=1.0)]


@dataclass(frozen=True, slots=True)
class CorpusSettings:
    """[corpus]: what is read from the corpus folder."""

    max_file_mb: Annotated[float, Interval(gt=0.0, le=1000.0)] = 20.0
    max_passage_chars: Annotated[int, Interval(ge=100, le=350)] = 350
    watch: bool = False


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """[analysis]: text → terms. "auto" takes rjieba when it is installed."""

    segmenter: Literal["auto", "jieba", "rjieba"] = "auto"


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """[search]: BM25's k1 and b, what channels and names count, and when an answer counts as found."""

    k1: Annotated[float, Interval(ge=0.0, le=10.0)] = 0.8
    b: Share = 0.5
    word_weight: Annotated[float, Interval(gt=0.0, le=10.0)] = 1.0
    char_weight: Weight = 0.5
    single_weight: Share = 0.33
    heading_weight: Weight = 0.3
    synonym_weight: Share = 0.7
    meaning_weight: Share = 0.4
    meaning_least: Share = 0.4
    translated_char_weight: Weight = 0.2
    phrase_weight: Weight = 0.5
    part_weight: Share = 0.3
    intent_weight: Share = 0.03
    sentence_weight: Weight = 0.5
    spread: Share = 0.8
    min_confidence: Share = 0.48
    hits: Annotated[int, Interval(ge=1, le=100)] = 5


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """[index]: generations kept, memory of a build, judged answers that may be lost, wait for a lock."""

    keep: Annotated[int, Interval(ge=1, le=100)] = 3
    build_memory_mb: Annotated[int, Interval(ge=64, le=65536)] = 512
    check_margin: Share = 0.02
    lock_timeout_s: Annotated[float, Interval(ge=0.0, le=3600.0)] = 60.0


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """[telegram]: the way to the Bot API. The token itself is never a setting."""

    base_url: Annotated[str, MinLen(1)] = "https://api.telegram.org"
    token_file: str = ""
    hits: Annotated[int, Interval(ge=1, le=3)] = 3
    poll_timeout_s: Annotated[int, Interval(ge=0, le=50)] = 30
    max_retry_pause_s: Annotated[float, Interval(gt=0.0, le=600.0)] = 60.0


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """[serve]: what `wenbao serve` offers beside Telegram."""

    health_port: Annotated[int, Interval(ge=0, le=65535)] = 0


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """[webhook]: where `wenbao serve --webhook` is reached. The secret itself is never a setting."""

    url: str = ""
    host: Annotated[str, MinLen(1)] = "127.0.0.1"
    port: Annotated[int, Interval(ge=1, le=65535)] = 8080
    path: Annotated[str, MinLen(1)] = "/telegram"
    secret_file: str = ""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """[log]: what the running bot writes to standard error."""

    format: Literal["console", "json"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"
    questions: bool = False


@dataclass(frozen=True, slots=True)
class AccessSettings:
    """[access]: who may ask, how often, and who looks after the bot. Ids are Telegram's."""

    allow: tuple[int, ...] = ()
    admins: tuple[int, ...] = ()
    questions_per_minute: Annotated[float, Interval(gt=0.0, le=600.0)] = 20.0
    burst: Annotated[int, Interval(ge=1, le=1000)] = 20


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """[journal]: what is kept of questions, how long, and where; "" is a SQLite file in the home."""

    keep_questions: bool = True
    keep_days: Annotated[int, Interval(ge=1, le=3650)] = 180
    url: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a home."""

    corpus: CorpusSettings = field(default_factory=CorpusSettings)
    analysis: AnalysisSettings = field(default_factory=AnalysisSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    telegram: TelegramSettings = field(default_factory=TelegramSettings)
    serve: ServeSettings = field(default_factory=ServeSettings)
    webhook: WebhookSettings = field(default_factory=WebhookSettings)
    log: LogSettings = field(default_factory=LogSettings)
    access: AccessSettings = field(default_factory=AccessSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
