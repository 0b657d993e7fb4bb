"""The figures as a picture: questions per day, the sections that answer most, and why 👎.

matplotlib (extra `eval`) draws; without it there is no picture. Chinese labels need a Chinese font of the
system; without one sections go by their numbers in the text that comes with the picture.
"""

import io
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from bot.chat.language import Phrases
from bot.journal.nouns import SectionCount, Stats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

Bars: TypeAlias = Sequence[tuple[str, int]]

_CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",  # by its first face, as which the collection of all is listed
    "Source Han Sans SC",
    "Noto Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
)
_ANSWERED, _UNANSWERED, _QUIET, _INK = "#2f7ed8", "#f2a65a", "#d8dee6", "#2b3440"
_DPI = 160
_WIDTH_IN, _DAYS_IN, _TITLE_IN, _ROW_IN, _PAD_IN = 8.0, 3.4, 0.7, 0.52, 0.12
_FEWEST_DAYS = 7
_MOST_BARS = 6
_LABEL_CHARS = 18
_LOG = logging.getLogger(__name__)


def draw(stats: Stats, phrases: Phrases) -> bytes | None:
    """Return the figures as a PNG, None without matplotlib; takes about a second the first time."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        _LOG.info("no picture of the figures: install wenbao[eval]")
        return None
    font = _chinese_font()
    words = phrases if font else Phrases("en")
    sections = [(_label(one) if font else str(n), one.answers) for n, one in enumerate(stats.sections, 1)]
    rows = min(max(len(sections), len(stats.reasons), 2), _MOST_BARS)
    heights = (_DAYS_IN, _TITLE_IN + rows * _ROW_IN)
    figure = Figure(figsize=(_WIDTH_IN, sum(heights)), dpi=_DPI, facecolor="white", layout="constrained")
    # Figures of their own: the days' axis does not move to the right with the sections' long names.
    above, below = figure.subfigures(2, 1, height_ratios=heights, squeeze=False).ravel()
    for part in (above, below):
        part.get_layout_engine().set(w_pad=_PAD_IN, h_pad=_PAD_IN)
    _days(above.subplots(), stats, words, font)
    columns = below.add_gridspec(1, 2, width_ratios=(3, 2)) if stats.reasons else below.add_gridspec(1, 1)
    _bars(below.add_subplot(columns[0, 0]), words("stats-sections"), sections, rows, font)
    if stats.reasons:
        reasons = [(words("stats-reason", reason=_cut(reason)), count) for reason, count in stats.reasons]
        _bars(below.add_subplot(columns[0, 1]), words("stats-reasons"), reasons, rows, font)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _days(axes: "Axes", stats: Stats, phrases: Phrases, font: "FontProperties | None") -> None:
    """Draw a bar a day: what was answered, and on top of it what was not."""
    from matplotlib.ticker import MaxNLocator

    places = range(len(stats.days))
    answered = [day.answered for day in stats.days]
    unanswered = [day.questions - day.answered for day in stats.days]
    axes.bar(places, answered, color=_ANSWERED, label=phrases("stats-answered"))
    axes.bar(places, unanswered, bottom=answered, color=_UNANSWERED, label=phrases("stats-unanswered"))
    step = max(1, round(len(stats.days) / 8))
    shown = list(places)[::-1][::step]  # counted back from today, which is always named
    axes.set_xticks(shown, [f"{stats.days[place].day:%m-%d}" for place in shown])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.set_xlim(len(stats.days) - 0.5 - max(len(stats.days), _FEWEST_DAYS), len(stats.days) - 0.5)
    axes.legend(prop=font, frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0)
    _plain(axes, phrases("stats-per-day"), font)
    axes.grid(axis="y", color=_QUIET, linewidth=0.8)


def _bars(axes: "Axes", title: str, bars: Bars, rows: int, font: "FontProperties | None") -> None:
    """Draw lying bars in so many rows, the longest on top, each with its number at its end."""
    shown = bars[:rows]
    drawn = axes.barh(range(len(shown)), [count for _, count in shown], color=_ANSWERED, height=0.6)
    axes.bar_label(drawn, padding=4, color=_INK)
    axes.set_yticks(range(len(shown)), [label for label, _ in shown], fontproperties=font, linespacing=1.35)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_xticks([])
    axes.margins(x=0.15)
    _plain(axes, title, font)
    axes.spines["bottom"].set_visible(False)


def _plain(axes: "Axes", title: str, font: "FontProperties | None") -> None:
    """Give the axes their title and take away what is no data."""
    axes.set_title(title.rstrip(":： "), loc="left", fontproperties=font, fontsize=12, color=_INK)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_QUIET)
    axes.tick_params(length=0, colors=_INK)
    axes.set_axisbelow(True)


def _label(one: SectionCount) -> str:
    """Return a section in two lines: its own heading, and its report."""
    own = one.section[-1] if one.section else one.report
    return f"{_cut(own)}\n《{_cut(one.report)}》" if own != one.report else f"《{_cut(own)}》"


def _cut(label: str) -> str:
    return label if len(label) <= _LABEL_CHARS else label[: _LABEL_CHARS - 1] + "…"


def _chinese_font() -> "FontProperties | None":
    """Return a font of the system that has Chinese characters, None when there is none."""
    from matplotlib.font_manager import FontProperties, fontManager

    files = {entry.name: entry.fname for entry in fontManager.ttflist if entry.weight in {400, "normal"}}
    name = next((name for name in _CHINESE_FONTS if name in files), None)
    return FontProperties(fname=files[name]) if name else None
