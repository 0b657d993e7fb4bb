"""The real bot with its page, as `wenbao try` runs them, in a thread of the test."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Thread

from bot.settings import Secret
from bot.trying import stage
from bot.wiring import Service

TOKEN = "123456789:of-the-test"  # noqa: S105


@contextmanager
def staged(service: Service) -> Iterator[str]:
    """Give the page's address; at the end the bot and the server stop, and what went wrong is raised."""
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    ended: Future[None] = Future()

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        await stage(
            service,
            Secret(TOKEN),
            port=0,
            ready=lambda address: started.set_result((address, loop, stop)),
            stop=stop,
        )

    def work() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:
            (ended if started.done() else started).set_exception(error)
        else:
            ended.set_result(None)

    thread = Thread(target=work, name="stage")
    thread.start()
    try:
        address, loop, stop = started.result(30)
        try:
            yield address
        finally:
            loop.call_soon_threadsafe(stop.set)
            ended.result(30)
    finally:
        thread.join()
