"""A watch on the corpus: what changed is taken in once it has settled."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

from bot.chat.refreshing import Refreshing
from bot.errors import InputError

SETTLE_MS = 2000
"""A change is taken in when nothing else has changed for so long: copies of many files are one change."""
_LONGEST_WAIT_MS = 60_000  # for files that change all the time
_AGAIN_S = 10.0
_MISSING = "corpus.watch needs one more library; run: pip install 'wenbao[watch]'"
_LOG = logging.getLogger(__name__)


def check() -> None:
    """Make sure that folders can be watched.

    Raises:
        InputError: The library is not installed.
    """
    try:
        import watchfiles  # noqa: F401
    except ImportError:
        raise InputError(_MISSING) from None


async def watch(folders: tuple[Path, ...], refreshing: Refreshing, *, settle_ms: int = SETTLE_MS) -> None:
    """Refresh whenever something below `folders` changed, until cancelled.

    Where the system tells of no changes (some network folders) the library polls: set
    WATCHFILES_FORCE_POLLING=true.

    Args:
        folders: Of reports and of words.
        refreshing: Asked once for each change that has settled; also for those during a build.
        settle_ms: Milliseconds without another change.
    """
    while True:
        there = [folder for folder in folders if folder.is_dir()]
        try:
            async for _ in _changes(there, settle_ms):
                await refreshing.unasked("the corpus changed")
        except (OSError, RuntimeError) as error:
            _LOG.warning("the corpus cannot be watched, trying again: %s", error)
        await asyncio.sleep(_AGAIN_S)


async def _changes(folders: list[Path], settle_ms: int) -> AsyncIterator[object]:
    """Yield at once, for what changed while nobody watched, and then after each change.

    The watch begins before the first yield, or what changes during the first refresh would be missed.
    """
    from watchfiles import awatch

    changes = awatch(*folders, debounce=_LONGEST_WAIT_MS, step=settle_ms)
    coming = asyncio.ensure_future(anext(changes, None))
    try:
        await asyncio.sleep(0)  # the library watches from the first step of its iterator on
        yield None
        while (change := await coming) is not None:
            coming = asyncio.ensure_future(anext(changes, None))
            yield change
    finally:
        coming.cancel()
        await asyncio.wait({coming})
        await changes.aclose()
