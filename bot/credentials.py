"""Where the bot's secrets come from: the environment or a file, never the command line."""

import re
import stat
from collections.abc import Mapping
from pathlib import Path

from bot.errors import InputError
from bot.settings import Secret, TelegramSettings, WebhookSettings

VARIABLE = "TELEGRAM_BOT_TOKEN"
WEBHOOK_VARIABLE = "WENBAO_WEBHOOK_SECRET"
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
    return _checked(_private_text(path, "telegram.token_file", f"; {HOW_TO_GET_ONE}"), str(path))


def read_webhook_secret(settings: WebhookSettings, root: Path, environ: Mapping[str, str]) -> Secret | None:
    """Return what Telegram shall send along with each update, None when none was given.

    Args:
        settings: Name the file, relative to the home.
        root: Of the home.
        environ: Goes before the file.

    Raises:
        InputError: The file cannot be read, or others may read it.
    """
    if secret := environ.get(WEBHOOK_VARIABLE, "").strip():
        return Secret(secret)
    if not settings.secret_file:
        return None
    return Secret(_private_text(root / settings.secret_file, "webhook.secret_file"))


def _private_text(path: Path, setting: str, advice: str = "") -> str:
    """Return what stands in a file that only its owner can read."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise InputError(f"{setting} {path} cannot be read: {reason}{advice}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(f"{setting} {path} can be read by others; run: chmod 600 {path}")
    return text


def _checked(token: str, where: str) -> Secret:
    if not _SHAPE.fullmatch(token):
        raise InputError(f"{where} does not hold a bot token (digits, a colon, letters); {HOW_TO_GET_ONE}")
    return Secret(token)
