"""The Bot API over HTTP: an ASGI application around a sandbox."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.context import Context, Told
from bot.sandbox.deliveries import Deliveries
from bot.sandbox.faults import DOWNLOAD, Fault, Loss
from bot.sandbox.methods import METHODS, Method
from bot.sandbox.polls import Polls
from bot.sandbox.refusals import ApiError, not_found, unauthorized
from bot.sandbox.requests import read_given
from bot.sandbox.sandbox import Call, Sandbox
from bot.sandbox.storage import MAX_DOWNLOAD
from bot.sandbox.uploads import Upload

HANG_UP = "bot.sandbox.hang_up"
"""ASGI extension: a function that breaks the connection at once, without an answer."""

_TOKEN = re.compile(r"\d{1,19}:[A-Za-z0-9_-]+")


class BotApi:
    """Serves a sandbox in one event loop.

    Args:
        sandbox: What is served.
        routes: What is served beside it.

    Attributes:
        app: The ASGI application; the server it runs in must offer the extension `HANG_UP`.
    """

    def __init__(self, sandbox: Sandbox, routes: Sequence[BaseRoute] = ()) -> None:
        self._sandbox = sandbox
        self._polls = Polls()
        self._deliveries = Deliveries(sandbox.world, sandbox.faults, sandbox.flood.limits)
        self._context = Context(sandbox.world, sandbox.profile, sandbox.flood, self._polls, self._deliveries)
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._endpoint, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._download, methods=["GET"]),
                *routes,
            ],
            exception_handlers={HTTPException: _http_error},
        )
        self.app.router.redirect_slashes = False

    def open(self) -> None:
        """Deliver to the webhook that is set already, if any; to be called in the loop that serves."""
        self._deliveries.restart()

    async def close(self) -> None:
        """Let every waiting call end now, and deliver no more; to be called in the loop that serves."""
        self._polls.close()
        await self._deliveries.close()

    async def _endpoint(self, request: Request) -> Response:
        try:
            method = self._method(request.path_params["token"], request.path_params["method"])
        except ApiError as error:
            return _refused(error)
        fault = self._sandbox.faults.take(method.name)
        given: Mapping[str, str | Upload] = {}
        try:
            given = await read_given(request)
            answer = await self._answer(method, given, fault)
        except ApiError as error:
            answer = _refused(error)
        noted = {name: value.name if isinstance(value, Upload) else value for name, value in given.items()}
        self._sandbox.note(Call(method.name, noted, answer.status_code if answer else 0))
        return answer or await _hang_up(request)

    async def _download(self, request: Request) -> Response:
        """Return the bytes of a file that getFile told of."""
        try:
            self._check(request.path_params["token"])
            answer = await self._disturbed(
                self._sandbox.faults.take(DOWNLOAD), lambda: self._file(request.path_params["path"])
            )
        except ApiError as error:
            return _refused(error)
        return answer or await _hang_up(request)

    async def _file(self, path: str) -> Response:
        files = self._sandbox.world.files
        file = files.at(path)
        if file is None or file.size > MAX_DOWNLOAD:
            raise not_found()
        return Response(files.data(file), media_type="application/octet-stream")

    def _check(self, token: str) -> None:
        if not _TOKEN.fullmatch(token):
            raise not_found()
        if token != self._sandbox.token:
            raise unauthorized()

    def _method(self, token: str, name: str) -> Method:
        self._check(token)
        method = METHODS.get(name.lower())
        if method is None:
            raise not_found()
        return method

    async def _answer(
        self, method: Method, given: Mapping[str, str | Upload], fault: Fault
    ) -> Response | None:
        async def act() -> Response:
            return _succeeded(await method.call(self._context, given))

        return await self._disturbed(fault, act)

    async def _disturbed(self, fault: Fault, act: Callable[[], Awaitable[Response]]) -> Response | None:
        """Act as the fault lets it; None stands for a broken connection."""
        if fault.delay_s:
            await self._polls.pause(fault.delay_s)
        if fault.refusal:
            raise fault.refusal
        if fault.loss is Loss.BEFORE:
            return None
        answer = await act()
        return None if fault.loss is Loss.AFTER else answer


def _succeeded(result: object) -> Response:
    if isinstance(result, Told):
        return JSONResponse({"ok": True, "result": result.result, "description": result.description})
    return JSONResponse({"ok": True, "result": result})


def _refused(error: ApiError) -> Response:
    body: dict[str, object] = {"ok": False, "error_code": error.code, "description": error.description}
    if error.retry_after is None:
        return JSONResponse(body, error.code)
    body["parameters"] = {"retry_after": error.retry_after}
    return JSONResponse(body, error.code, headers={"Retry-After": str(error.retry_after)})


def _http_error(_: Request, error: Exception) -> Response:
    code = error.status_code if isinstance(error, HTTPException) else 500
    detail = error.detail if isinstance(error, HTTPException) else "Internal Server Error"
    return _refused(ApiError(code, detail))


async def _hang_up(request: Request) -> Response:
    request.scope["extensions"][HANG_UP]()
    while (await request.receive())["type"] != "http.disconnect":
        continue
    return Response()  # goes nowhere
