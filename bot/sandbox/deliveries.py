"""Delivering updates to the webhook until it takes them."""

import asyncio
from collections import deque
from dataclasses import replace

import httpx

from bot.sandbox.bell import watch
from bot.sandbox.faults import WEBHOOK, Faults, Loss
from bot.sandbox.hook import Hook
from bot.sandbox.limits import Limits
from bot.sandbox.nouns import Update
from bot.sandbox.wire import update_json
from bot.sandbox.world import World

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)
TIMEOUT_S = 60
"""Seconds that a webhook may take for one update."""

_A_LONG_TIME_S = 3600
_RESET = "Connection reset by peer"


class Deliveries:
    """Belongs to one server and is used in its event loop only.

    Updates of one chat are delivered one after the other, those of several chats beside each other. Any
    2xx confirms an update; after anything else it is delivered again, with pauses that double from
    `Limits.retry_s` to `Limits.longest_retry_s` and are at least what Retry-After asks for. What a webhook
    writes into its answer is not read.
    """

    def __init__(self, world: World, faults: Faults, limits: Limits) -> None:
        self._world = world
        self._faults = faults
        self._limits = limits
        self._running: asyncio.Task[None] | None = None

    def restart(self) -> None:
        """Deliver to the webhook that is set now, if any; what was under way is broken off."""
        if self._running:
            self._running.cancel()
            self._running = None
        hook = self._world.hook
        if hook and not hook.is_foreign:
            self._running = asyncio.create_task(self._run(hook), name="sandbox-webhook")

    async def close(self) -> None:
        """Break off what is under way."""
        if self._running:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def _run(self, hook: Hook) -> None:
        limits = httpx.Limits(max_connections=hook.max_connections)
        timeout = httpx.Timeout(TIMEOUT_S, pool=None)
        # A proxy is for the way out, and nothing here goes there.
        async with (
            httpx.AsyncClient(limits=limits, timeout=timeout, trust_env=False) as client,
            asyncio.TaskGroup() as group,
        ):
            lanes: dict[object, deque[Update]] = {}
            last_id = 0
            while True:
                for update in await self._since(last_id):
                    last_id = update.update_id
                    key = _lane_of(update)
                    if key in lanes:
                        lanes[key].append(update)
                    else:
                        lanes[key] = deque([update])
                        group.create_task(self._work(client, hook, lanes, key))

    async def _since(self, last_id: int) -> tuple[Update, ...]:
        """Wait for updates with a higher id."""
        return await watch(self._world.bell, lambda: self._world.updates_since(last_id), _A_LONG_TIME_S)

    async def _work(
        self, client: httpx.AsyncClient, hook: Hook, lanes: dict[object, deque[Update]], key: object
    ) -> None:
        lane = lanes[key]
        while lane:
            await self._deliver(client, hook, lane[0])
            lane.popleft()
        del lanes[key]

    async def _deliver(self, client: httpx.AsyncClient, hook: Hook, update: Update) -> None:
        pause_s = self._limits.retry_s
        while self._world.is_waiting(update.update_id):
            error, after_s = await self._attempt(client, hook, update)
            if error:
                self._note(error)
                await asyncio.sleep(max(pause_s, after_s))
                pause_s = min(2 * pause_s, self._limits.longest_retry_s)
            else:
                self._world.confirm_update(update.update_id)

    async def _attempt(self, client: httpx.AsyncClient, hook: Hook, update: Update) -> tuple[str, float]:
        """Return what went wrong, "" for nothing, and the seconds that the webhook asks to wait."""
        fault = self._faults.take(WEBHOOK)
        await asyncio.sleep(fault.delay_s)
        if fault.refusal or fault.loss is Loss.BEFORE:
            return fault.refusal.description if fault.refusal else _RESET, 0.0
        try:
            response = await client.post(
                hook.url,
                json=update_json(update),
                headers={SECRET_HEADER: hook.secret} if hook.secret else {},
            )
        except httpx.TimeoutException:
            return "Read timeout expired", 0.0
        except httpx.ConnectError:
            return "Connection refused", 0.0
        except (httpx.HTTPError, httpx.InvalidURL):
            return _RESET, 0.0
        if fault.loss is Loss.AFTER:
            return _RESET, 0.0
        if response.is_success:
            return "", 0.0
        reason = f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"
        return reason, _retry_after(response)

    def _note(self, error: str) -> None:
        with self._world.bell.lock:
            if self._world.hook:
                self._world.hook = replace(self._world.hook, error=error, error_at=self._world.now)
        self._world.bell.ring()


def _retry_after(response: httpx.Response) -> float:
    asked = response.headers.get("retry-after", "")
    return float(asked) if asked.isascii() and asked.isdigit() else 0.0


def _lane_of(update: Update) -> object:
    """The chat an update is of, else the user."""
    message = update.payload.get("message")
    place = message if isinstance(message, dict) else update.payload
    whose = place.get("chat") or place.get("from")
    return whose.get("id") if isinstance(whose, dict) else None
