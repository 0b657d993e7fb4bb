"""A picture of an evaluation: success per kind of question, and what each threshold would refuse."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.errors import InputError
from bot.evaluation.figures import by_kind, refused_below
from bot.evaluation.history import Run
from bot.evaluation.judged import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = (".png", ".svg", ".pdf")
# Blue, orange, green and red that colour-blind people can tell apart (Okabe and Ito), and a grey.
_FIRST, _THIRD, _REFUSED, _WRONG, _GREY = "#0072B2", "#56B4E9", "#009E73", "#D55E00", "#555555"
# For kinds of question with Chinese names, where one of these is installed.
_CHINESE = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
)
_BINS = 5


def check_ready(path: Path) -> None:
    """Make sure, before anything is measured, that a picture can be drawn to a file.

    Raises:
        InputError: matplotlib is not installed, the folder does not exist, or the suffix is not in SUFFIXES.
    """
    try:
        import matplotlib  # noqa: F401, ICN001
    except ImportError as error:
        raise InputError("--plot needs matplotlib; install it with: pip install 'wenbao[eval]'") from error
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"--plot {path}: the name must end with {', '.join(SUFFIXES)}")
    if not path.parent.is_dir():
        raise InputError(f"--plot {path}: there is no folder {path.parent}")


def draw(path: Path, run: Run, before: Run | None, *, threshold: float) -> None:
    """Draw a run to a file, with the run before it as thin marks.

    Args:
        path: See `check_ready`.
        run: To be drawn.
        before: The run to compare with.
        threshold: The confidence below which questions are refused, 0..1.

    Raises:
        InputError: The file cannot be written.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    kinds = by_kind(run.measured.outcomes)
    earlier = by_kind(before.measured.outcomes) if before else {}
    with rc_context({"font.family": _fonts(), "svg.fonttype": "none"}):
        height = max(4.8, 1.2 + 0.55 * len(kinds))
        figure = Figure(figsize=(14.5, height), layout="constrained")
        success, refused, reliable = figure.subplots(1, 3, width_ratios=(1.25, 1, 0.85))
        _draw_success(success, kinds, earlier)
        _draw_refused(refused, run.measured.outcomes, threshold)
        _draw_reliability(reliable, run.measured.outcomes)
        figure.suptitle(_title(run, before), fontsize=10, color=_GREY)
        try:
            with warnings.catch_warnings():
                # A kind's name may have characters that no installed font has: the picture has boxes there.
                warnings.filterwarnings("ignore", "Glyph", UserWarning)
                figure.savefig(path, dpi=130)
        except OSError as error:
            raise InputError(f"--plot {path} cannot be written: {error.strerror}") from error


def _fonts() -> list[str]:
    from matplotlib import font_manager

    installed = set(font_manager.get_font_names())
    return ["DejaVu Sans", *(name for name in _CHINESE if name in installed)]


def _title(run: Run, before: Run | None) -> str:
    title = (
        f"{run.time:%Y-%m-%d %H:%M} UTC · {len(run.measured.outcomes)} questions · {run.measured.generation}"
    )
    return (
        f"{title} · the run before: {before.time:%Y-%m-%d %H:%M}, {before.measured.generation}"
        if before
        else title
    )


def _draw_success(axes: "Axes", kinds: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Draw two bars for kinds with answers, success@1 and @3, and one for those without: what was refused."""
    names = list(kinds)
    for row, name in enumerate(names):
        bars = _bars(kinds[name])
        earlier = _bars(before[name]) if name in before else {}
        for place, (label, (share, color)) in enumerate(bars.items()):
            y = row + (place - (len(bars) - 1) / 2) * 0.36
            axes.barh(y, share, height=0.34, color=color)
            axes.text(1.02, y, f"{share:.2f}", va="center", fontsize=8, color=_GREY)
            if label in earlier:
                axes.vlines(earlier[label][0], y - 0.19, y + 0.19, color="black", linewidth=1.3)
    axes.set_yticks(range(len(names)), [f"{name} ({kinds[name]['questions']})" for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(0, 1.11)
    axes.set_xlabel("share of the questions")
    colors = {"success@1": _FIRST, "success@3": _THIRD, "refused rightly": _REFUSED}
    _legend(axes, colors | ({"the run before": "black"} if before else {}))
    _tidy(axes, "Success per kind (questions)", grid="x")


def _bars(figures: Mapping[str, Any]) -> dict[str, tuple[float, str]]:
    if "hit@1" not in figures:
        return {"refused": (figures["refused"] / figures["questions"], _REFUSED)}
    return {"1": (figures["hit@1"], _FIRST), "3": (figures["hit@3"], _THIRD)}


def _draw_refused(axes: "Axes", outcomes: Sequence[Outcome], threshold: float) -> None:
    """Draw the shares of questions with and without an answer that each threshold would refuse."""
    thresholds = [i / 200 for i in range(201)]
    silent = [outcome for outcome in outcomes if not outcome.judged.relevant]
    answerable = [outcome for outcome in outcomes if outcome.judged.relevant]
    for some, name, color in ((silent, "unanswerable", _REFUSED), (answerable, "answerable", _WRONG)):
        if some:
            shares = refused_below(some, thresholds)
            (now,) = refused_below(some, [threshold])
            axes.plot(thresholds, shares, color=color, linewidth=2, label=f"{name} ({len(some)}): {now:.0%}")
            axes.plot([threshold], [now], "o", color=color, markersize=6)
    axes.axvline(threshold, color="black", linewidth=1, linestyle="--")
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel("threshold of confidence")
    axes.set_ylabel("share refused")
    axes.legend(title=f"refused at {threshold:g}", fontsize=8, title_fontsize=8, loc="upper left")
    _tidy(axes, "What a threshold refuses", grid="both")


def _draw_reliability(axes: "Axes", outcomes: Sequence[Outcome]) -> None:
    """Draw, per fifth of the scale, how many of the questions with that confidence have an answer."""
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle=":")
    points = []
    for i in range(_BINS):
        inside = [o for o in outcomes if min(int(o.confidence * _BINS), _BINS - 1) == i]
        if inside:
            confidence = sum(outcome.confidence for outcome in inside) / len(inside)
            points.append(
                (confidence, sum(bool(o.judged.relevant) for o in inside) / len(inside), len(inside))
            )
    axes.plot([x for x, _, _ in points], [y for _, y, _ in points], "o-", color=_FIRST, linewidth=1.5)
    for x, y, count in points:
        below = y > 0.5
        axes.annotate(
            f"{count}", (x, y), (0, -12 if below else 7), textcoords="offset points", ha="center", fontsize=8
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.02, 1.08)
    axes.set_xlabel("confidence")
    axes.set_ylabel("share that has an answer")
    _tidy(axes, "How far confidence holds (questions)", grid="both")


def _legend(axes: "Axes", colors: Mapping[str, str]) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(color=color, label=name) for name, color in colors.items()]
    axes.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=4, fontsize=8, frameon=False
    )


def _tidy(axes: "Axes", title: str, *, grid: str) -> None:
    axes.set_title(title, fontsize=11, loc="left")
    axes.grid(axis=grid, color="#dddddd", linewidth=0.7)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9)
