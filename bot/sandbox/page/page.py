"""The page's routes: its three files, what happens as events, and what people do as posts."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from html import escape
from pathlib import Path
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route

from bot.sandbox.nouns import FileKind, JsonObject
from bot.sandbox.page.acts import Acts
from bot.sandbox.page.cast import Cast
from bot.sandbox.page.given import read_bytes, read_object, refusing
from bot.sandbox.page.guard import Guard
from bot.sandbox.page.view import View
from bot.sandbox.page.waits import Waits
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.storage import MAX_UPLOAD

STATIC = Path(__file__).parent / "static"
HEARTBEAT_S = 15.0
"""Seconds without news after which a page is told that the server is still there."""

_FILES = {"page.css": "text/css", "page.js": "text/javascript"}
_TOKEN_PLACE = "{{token}}"  # noqa: S105 - where it goes


class Page:
    """The chat page of one sandbox. Served in one event loop.

    Args:
        sandbox: Whose chats are shown.
        cast: Who can be played.
        token: Random, of this run; the page shows it whenever it changes something.
    """

    def __init__(self, sandbox: Sandbox, cast: Cast, token: str) -> None:
        self._sandbox = sandbox
        self._cast = cast
        self._token = token
        self._waits = Waits(sandbox.world.bell)
        self._acts = Acts(sandbox, cast, self._waits)

    def routes(self) -> list[BaseRoute]:
        """Return the routes, each behind the guard."""
        guard = [Middleware(Guard, token=self._token)]
        routes = [
            Route("/events", self._events),
            Route("/static/{name}", _static),
            Route("/files/{file_id}", self._file),
            Route("/upload", self._upload, methods=["POST"]),
            *(Route(f"/{name}", _post(act), methods=["POST"]) for name, act in self._acts.by_name().items()),
        ]
        return [Route("/", self._page, middleware=guard), Mount("/page", routes=routes, middleware=guard)]

    def close(self) -> None:
        """Let the streams of events end now; to be called in the loop that serves."""
        self._waits.close()

    async def _page(self, _: Request) -> Response:
        html = (STATIC / "page.html").read_text("utf-8")
        return HTMLResponse(html.replace(_TOKEN_PLACE, escape(self._token)))

    async def _events(self, _: Request) -> Response:
        return StreamingResponse(self._news(), media_type="text/event-stream")

    async def _file(self, request: Request) -> Response:
        """Return a photo to be shown, or a document to be saved: never as something a browser would run."""
        files = self._sandbox.world.files
        file = files.find(request.path_params["file_id"])
        if file is None:
            raise HTTPException(404)
        if file.kind is FileKind.PHOTO:
            return Response(files.data(file), media_type="image/jpeg")
        kept = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"}
        return Response(files.data(file), media_type="application/octet-stream", headers=kept)

    async def _upload(self, request: Request) -> Response:
        """Take a file as the body; who sends what where stands in the address."""
        data = await read_bytes(request, MAX_UPLOAD)
        with refusing():
            person, chat = (int(request.query_params[name]) for name in ("person", "chat"))
            given = {**request.query_params, "person": person, "chat": chat}
            return JSONResponse(self._acts.upload(given, data))

    async def _news(self) -> AsyncIterator[str]:
        """Yield server-sent events: first the token, by which a page knows its run, then `View.news`."""
        view = View(self._sandbox, self._cast)
        yield _event({"token": self._token})
        while not self._waits.is_closed:
            news = await self._waits.wait(view.news, HEARTBEAT_S)
            yield _event(news) if news else ": still here\n\n"


def _event(value: JsonObject) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        raise HTTPException(404)
    return FileResponse(STATIC / name, media_type=_FILES[name])


def _post(act: Callable[[JsonObject], Awaitable[JsonObject]]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        given = await read_object(request)
        with refusing():
            return JSONResponse(await act(given))

    return endpoint
