"""A whole report, sent as its file."""

import asyncio
from pathlib import Path

from telegram.constants import FileSizeLimit

from bot.chat.desk import Shelf
from bot.chat.sending import send_document
from bot.chat.verbs import Press


async def give_document(press: Press, shelf: Shelf, report_id: str, title: str) -> None:
    """Answer a press with the file in which a report stands, or say why it cannot be sent.

    Args:
        press: Of a button below a message that can be answered.
        shelf: Where the report stands.
        report_id: Of the report.
        title: As whoever pressed reads it, one line.
    """
    path = await asyncio.to_thread(shelf.document, report_id)
    data = await asyncio.to_thread(_read, path) if path else None
    if press.message is None or path is None or data is None:
        name = "document-large" if path else "document-missing"
        await press.answer(press.phrases(name), alert=True)
        return
    await press.answer()
    await send_document(press.message, data, path.name, press.phrases("document", report=title))


def _read(path: Path) -> bytes | None:
    """Return a file's bytes, None when Telegram would not take so many."""
    return path.read_bytes() if path.stat().st_size <= FileSizeLimit.FILESIZE_UPLOAD else None
