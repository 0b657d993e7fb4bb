"""setWebhook, deleteWebhook, getWebhookInfo."""

import re
from dataclasses import dataclass, replace

from bot.sandbox.context import Context, Told
from bot.sandbox.hook import Hook, check_address
from bot.sandbox.nouns import JsonObject
from bot.sandbox.parameters import Flag, Integer, Text, UpdateKinds
from bot.sandbox.refusals import bad_request

MAX_SECRET = 256
MAX_CONNECTIONS = 100


@dataclass(frozen=True, slots=True)
class SetWebhook:
    """Out of range, `max_connections` becomes the nearest allowed value, as in Telegram."""

    url: Text = ""
    secret_token: Text = ""
    max_connections: Integer = 40
    allowed_updates: UpdateKinds = None
    drop_pending_updates: Flag = False


@dataclass(frozen=True, slots=True)
class DeleteWebhook:
    """Of deleteWebhook."""

    drop_pending_updates: Flag = False


def set_webhook(context: Context, given: SetWebhook) -> Told:
    """Have updates delivered to an address of this machine; without one the webhook goes.

    Raises:
        ApiError: an address or a secret that is not taken; see `check_address`.
    """
    if not given.url:
        return delete_webhook(context, DeleteWebhook(given.drop_pending_updates))
    world = context.world
    hook = Hook(
        check_address(given.url),
        _secret(given.secret_token),
        min(max(given.max_connections, 1), MAX_CONNECTIONS),
    )
    with world.bell.lock:
        old = replace(world.hook, error="", error_at=0) if world.hook else None
        world.hook = hook
        if given.allowed_updates is not None:
            world.select_updates(given.allowed_updates)
        if given.drop_pending_updates:
            world.drop_updates()
    context.polls.interrupt("setWebhook request")
    context.deliveries.restart()
    return Told(True, "Webhook is already set" if hook == old else "Webhook was set")


def delete_webhook(context: Context, given: DeleteWebhook) -> Told:
    """Forget the webhook, and the waiting updates if asked to."""
    world = context.world
    with world.bell.lock:
        was_set, world.hook = world.hook is not None, None
        if given.drop_pending_updates:
            world.drop_updates()
    context.deliveries.restart()
    return Told(True, "Webhook was deleted" if was_set else "Webhook is already deleted")


def get_webhook_info(context: Context, _: object) -> JsonObject:
    """Return the webhook's address, "" without one, how many updates wait, and what failed last."""
    world = context.world
    with world.bell.lock:
        hook, waiting, wanted = world.hook, world.waiting_count, sorted(world.wanted_updates)
    info: JsonObject = {
        "url": hook.url if hook else "",
        "has_custom_certificate": False,
        "pending_update_count": waiting,
    }
    if hook:
        info["max_connections"] = hook.max_connections
    if hook and hook.error:
        info |= {"last_error_date": hook.error_at, "last_error_message": hook.error}
    return info | ({"allowed_updates": wanted} if wanted else {})


def _secret(secret: str) -> str:
    if len(secret.encode()) > MAX_SECRET:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    return secret
