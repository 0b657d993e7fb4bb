"""Where the bot's token comes from: the environment or a file, never the command line."""

import re
import stat
from collections.abc import Mapping
from pathlib import Path

from bot.errors import InputError
from bot.settings import Secret, TelegramSettings

VARIABLE = "TELEGRAM_BOT_TOKEN"
HOW_TO_GET_ONE = "get one from @BotFather in Telegram and set TELEGRAM_BOT_TOKEN or telegram.token_file"
_SHAPE = re.compile(r"[0-9]{1,20}:[A-Za-z0-9_-]{5,128}")


def read_token(settings: TelegramSettings, root: Path, environ: Mapping[str, str]) -> Secret | None:
    """Return the bot's token, None when none was given.

    Args:
        settings: Name the file, relative to the home.
        root: Of the home.
        environ: Goes before the file.

    Raises:
        InputError: The file cannot be read, others may read it, or it holds no token.
    """
    if token := environ.get(VARIABLE, "").strip():
        return _checked(token, VARIABLE)
    if not settings.token_file:
        return None
    path = root / settings.token_file
    try:
        mode = path.stat().st_mode
        token = path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise InputError(f"telegram.token_file {path} cannot be read: {reason}; {HOW_TO_GET_ONE}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(f"telegram.token_file {path} can be read by others; run: chmod 600 {path}")
    return _checked(token, str(path))


def _checked(token: str, where: str) -> Secret:
    if not _SHAPE.fullmatch(token):
        raise InputError(f"{where} does not hold a bot token (digits, a colon, letters); {HOW_TO_GET_ONE}")
    return Secret(token)
