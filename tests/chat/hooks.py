"""Telegram's side of a webhook: setWebhook, and deliveries in order until each is confirmed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest

from bot.sandbox import server
from bot.sandbox.context import Context
from bot.sandbox.methods import METHODS, _method
from bot.sandbox.parameters import Flag, Integer, Text, UpdateKinds
from bot.sandbox.refusals import bad_request
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.wire import update_json

_AGAIN_S = 0.1
_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class SetWebhook:
    """Of setWebhook."""

    url: Text = ""
    secret_token: Text = ""
    allowed_updates: UpdateKinds = None
    max_connections: Integer = 40
    drop_pending_updates: Flag = False


def set_webhook(context: Context, given: SetWebhook) -> bool:
    """Note the address; polling is refused from now on."""
    if not given.url.startswith("https://"):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if given.allowed_updates is not None:
        context.world.select_updates(given.allowed_updates)
    context.world.webhook_url = given.url
    return True


@contextlib.contextmanager
def with_webhooks() -> Iterator[None]:
    """Give every sandbox of the process the method while the block runs."""
    with pytest.MonkeyPatch.context() as patch:
        method = _method("setWebhook", SetWebhook, set_webhook)
        patch.setattr(server, "METHODS", {**METHODS, "setwebhook": method})
        yield


@contextlib.asynccontextmanager
async def delivering(sandbox: Sandbox, address: str, secret: str) -> AsyncIterator[None]:
    """Deliver what waits to `address` while the block runs, one after the other, each until it is taken."""
    task = asyncio.create_task(_deliver(sandbox, address, secret))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _deliver(sandbox: Sandbox, address: str, secret: str) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    async with httpx.AsyncClient(trust_env=False, timeout=_TIMEOUT_S) as client:
        while True:
            for update in sandbox.world.waiting_updates(100):
                payload = update_json(update)
                while not await _taken(client, address, payload, headers):  # noqa: ASYNC110
                    await asyncio.sleep(_AGAIN_S)
                sandbox.world.confirm_updates(update.update_id + 1)
            await asyncio.sleep(0.002)


async def _taken(
    client: httpx.AsyncClient, address: str, payload: dict[str, object], headers: dict[str, str]
) -> bool:
    try:
        return (await client.post(address, json=payload, headers=headers)).is_success
    except httpx.TransportError:
        return False
