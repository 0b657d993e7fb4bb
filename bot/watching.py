"""The bot's watch on its corpus: what changed is taken in once it has settled."""

import asyncio
import logging
import threading
from pathlib import Path

from bot import following
from bot.chat.refreshing import Refreshing

_LOG = logging.getLogger(__name__)


async def watch(
    folders: tuple[Path, ...],
    refreshing: Refreshing,
    *,
    settle_s: float = following.SETTLE_S,
    look_every_s: float = following.LOOK_EVERY_S,
) -> None:
    """Refresh whenever something below `folders` changed, until cancelled.

    Args:
        folders: Of reports and of words.
        refreshing: Asked once for each change that has settled; also for those during a build.
        settle_s: Seconds without another change.
        look_every_s: Seconds between two looks where the system tells of no changes.
    """
    stop = threading.Event()
    changes = following.settled(
        folders, stop, warn=_LOG.warning, settle_s=settle_s, look_every_s=look_every_s
    )
    try:
        while True:
            await asyncio.to_thread(next, changes, None)
            await refreshing.unasked("the corpus changed")
    finally:
        stop.set()
