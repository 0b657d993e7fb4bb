"""getMe and getUpdates."""

from dataclasses import dataclass

from bot.sandbox.context import Context
from bot.sandbox.nouns import JsonObject
from bot.sandbox.parameters import Integer, UpdateKinds
from bot.sandbox.profile import About
from bot.sandbox.refusals import conflict
from bot.sandbox.wire import update_json, user_json

MAX_BATCH = 100
MAX_WAIT_S = 50


@dataclass(frozen=True, slots=True)
class Nothing:
    """Of methods without parameters."""


@dataclass(frozen=True, slots=True)
class GetUpdates:
    """Out of range, `limit` and `timeout` (seconds) become the nearest allowed value, as in Telegram."""

    offset: Integer = 0
    limit: Integer = MAX_BATCH
    timeout: Integer = 0
    allowed_updates: UpdateKinds = None


def get_me(context: Context, _: Nothing) -> JsonObject:
    """Return the bot's account."""
    with context.world.bell.lock:
        name = context.profile.text(About.NAME, "")
    return (
        user_json(context.world.bot)
        | ({"first_name": name} if name else {})
        | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": context.world.inline.is_on,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }
    )


async def get_updates(context: Context, given: GetUpdates) -> list[JsonObject]:
    """Return waiting updates, at once or when the first one comes within the timeout.

    Raises:
        ApiError: 409 when a webhook is set, or another getUpdates comes while this one waits.
    """
    world = context.world
    if world.webhook_url:
        raise conflict(
            "can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
    context.polls.interrupt()
    if given.allowed_updates is not None:
        world.select_updates(given.allowed_updates)
    world.confirm_updates(given.offset)
    limit = min(max(given.limit, 1), MAX_BATCH)
    timeout_s = min(max(given.timeout, 0), MAX_WAIT_S)
    updates = await context.polls.wait(world.bell, lambda: world.waiting_updates(limit), timeout_s)
    return [update_json(update) for update in updates]
