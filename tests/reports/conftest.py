"""Short ways from text to reports and passages."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain import Omission, Report
from bot.reports.outline import outline
from bot.reports.readers import parse

Outlined = Callable[..., tuple[tuple[Report, ...], tuple[Omission, ...]]]
Tree = Callable[..., list[str]]


@pytest.fixture(scope="session")
def outlined() -> Outlined:
    """Return a function from a text to its reports and omissions."""

    def of(text: str, name: str = "file.txt") -> tuple[tuple[Report, ...], tuple[Omission, ...]]:
        return outline(parse(text.encode(), Path(name)), source=f"corpus/{name}", report_id=Path(name).stem)

    return of


@pytest.fixture(scope="session")
def tree(outlined: Outlined) -> Tree:
    """Return a function from a text to its outline: titles, indented paths with the text's first words."""

    def of(text: str, name: str = "file.txt") -> list[str]:
        rows = []
        for report in outlined(text, name)[0]:
            rows.append(report.title)
            for section in report.sections:
                words = report.text[section.span.start : section.span.end]
                rows.append(f"  {' > '.join(section.path)} | {words[:8].split(chr(10))[0]}")
        return rows

    return of


@pytest.fixture(scope="session")
def reference_file() -> Path:
    """Return the compilation that the project was ordered with; it is not part of the project."""
    path = Path(__file__).parents[3] / "shared" / "reports" / "客服年终总结报告.txt"
    if not path.exists():
        pytest.skip("../shared with the reference report is not here")
    return path
