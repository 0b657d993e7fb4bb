"""What the bot tells the machines that watch it: `/healthz` as JSON, `/metrics` for Prometheus."""

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from bot.chat.inbox import Inbox
from bot.chat.tally import SECONDS, Durations, Tally
from bot.chat.web import MISSING
from bot.errors import InputError, WenbaoError

if TYPE_CHECKING:
    from prometheus_client.core import Metric
    from starlette.routing import BaseRoute


class Health:
    """Whether the bot can answer, and its numbers."""

    def __init__(
        self, inbox: Inbox, tally: Tally, *, generation: Callable[[], str], now: Callable[[], float]
    ) -> None:
        """Tell of these parts.

        Args:
            inbox: Must be writable.
            tally: What was counted.
            generation: Returns the name of the index that answers; blocks, raises when there is none.
            now: Unix time in seconds.
        """
        self._inbox = inbox
        self._tally = tally
        self._generation = generation
        self._now = now

    def routes(self) -> "list[BaseRoute]":
        """Return where the two pages are.

        Raises:
            InputError: The libraries are not installed.
        """
        try:
            from prometheus_client import CollectorRegistry, generate_latest
            from prometheus_client.registry import Collector
            from starlette.requests import Request
            from starlette.responses import JSONResponse, Response
            from starlette.routing import Route
        except ImportError:
            raise InputError(MISSING) from None

        class Numbers(Collector):
            def collect(_) -> "Iterable[Metric]":  # noqa: N805
                return self.metrics()

        registry = CollectorRegistry()
        registry.register(Numbers())

        async def healthz(_: Request) -> Response:
            state = await self.state()
            return JSONResponse(state, 200 if state["ok"] else 503)

        async def metrics(_: Request) -> Response:
            return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

        return [Route("/healthz", healthz), Route("/metrics", metrics)]

    async def state(self) -> dict[str, Any]:
        """Return `ok` and its reasons.

        Returns:
            ok: Both parts work. index: name of the generation, None when it cannot be opened.
            inbox: whether it can be written. last_update_s: seconds since the last update, None before the
            first. in_hand: updates that are not dealt with. errors: one line for each part that fails.
        """
        errors = []
        index = None
        writable = False
        try:
            index = await asyncio.to_thread(self._generation)
        except (WenbaoError, OSError) as error:
            errors.append(str(error))
        try:
            await self._inbox.check()
            writable = True
        except WenbaoError as error:
            errors.append(str(error))
        last = self._tally.last_update
        return {
            "ok": not errors,
            "index": index,
            "inbox": writable,
            "last_update_s": None if last is None else round(max(0.0, self._now() - last), 1),
            "in_hand": self._inbox.in_hand,
            "errors": errors,
        }

    def metrics(self) -> "Iterable[Metric]":
        """Yield every number by its Prometheus name."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        tally = self._tally
        counters = {
            "questions": ("Questions that the reports were asked", tally.questions),
            "questions_answered": ("Questions that got at least one passage", tally.answered),
            "updates_repeated": ("Updates that came again and were passed over", tally.repeated),
            "updates_unreadable": ("Updates that were set aside unread", tally.unreadable),
            "updates_stale": ("Queries that came too late to be answered", tally.stale),
            "updates_given_up": ("Updates that were set aside after the last try", tally.given_up),
        }
        for name, (words, count) in counters.items():
            yield CounterMetricFamily(f"wenbao_{name}", words, value=count)
        by_label = {
            "updates": ("Updates by kind", "kind", tally.updates),
            "errors": ("Errors of handlers by kind", "kind", tally.errors),
        }
        for name, (words, label, counts) in by_label.items():
            family = CounterMetricFamily(f"wenbao_{name}", words, labels=[label])
            for value, count in tuple(counts.items()):
                family.add_metric([value], count)
            yield family
        depth = "Updates that are not dealt with"
        yield GaugeMetricFamily("wenbao_updates_in_hand", depth, value=self._inbox.in_hand)
        if tally.last_update is not None:
            yield GaugeMetricFamily(
                "wenbao_last_update_timestamp_seconds", "When the last update came", value=tally.last_update
            )
        yield _histogram("wenbao_search_seconds", "From a question to its passages", tally.searching)
        yield _histogram("wenbao_update_seconds", "From an update's arrival to its end", tally.dealing)


def _histogram(name: str, words: str, durations: Durations) -> "Metric":
    from prometheus_client.core import HistogramMetricFamily

    edges = [*map(str, SECONDS), "+Inf"]
    total = 0
    buckets = []
    for edge, count in zip(edges, tuple(durations.counts), strict=True):
        total += count
        buckets.append((edge, float(total)))
    return HistogramMetricFamily(name, words, buckets=buckets, sum_value=durations.total_s)
