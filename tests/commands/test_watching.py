"""The watch on the corpus: no change is missed."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, cast

from bot.watching import watch

if TYPE_CHECKING:
    from bot.chat.refreshing import Refreshing


class Rewriting:
    """A refresh during whose first run a report changes."""

    def __init__(self, report: Path) -> None:
        self.report = report
        self.asked = 0
        self.again = asyncio.Event()

    async def unasked(self, _: str) -> None:
        """Count, and change the report while the first one runs."""
        self.asked += 1
        if self.asked == 1:
            self.report.write_text("# 考勤\n\n迟到三次要写说明。\n", "utf-8")
        else:
            self.again.set()


async def test_what_changes_during_the_first_refresh_is_taken_in(tmp_path: Path) -> None:
    """The watch is on before anything is read."""
    refreshing = Rewriting(tmp_path / "新.md")
    watching = asyncio.create_task(watch((tmp_path,), cast("Refreshing", refreshing), settle_s=0.05))
    await asyncio.wait_for(refreshing.again.wait(), 20)
    watching.cancel()
    await asyncio.wait({watching})
    assert watching.cancelled()
    assert refreshing.asked == 2
