"""The Bot API over HTTP: an ASGI application around a sandbox."""

import re
from collections.abc import Mapping, Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.sandbox.context import Context, Told
from bot.sandbox.faults import Fault, Loss
from bot.sandbox.methods import METHODS, Method
from bot.sandbox.polls import Polls
from bot.sandbox.refusals import ApiError, not_found, unauthorized
from bot.sandbox.requests import read_given
from bot.sandbox.sandbox import Call, Sandbox

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
        self._context = Context(sandbox.world, sandbox.profile, sandbox.flood, self._polls)
        self.app = Starlette(
            routes=[Route("/bot{token}/{method}", self._endpoint, methods=["GET", "POST"]), *routes],
            exception_handlers={HTTPException: _http_error},
        )
        self.app.router.redirect_slashes = False

    def close(self) -> None:
        """Let every waiting call end now; to be called in the loop that serves."""
        self._polls.close()

    async def _endpoint(self, request: Request) -> Response:
        try:
            method = self._method(request.path_params["token"], request.path_params["method"])
        except ApiError as error:
            return _refused(error)
        fault = self._sandbox.faults.take(method.name)
        given: Mapping[str, str] = {}
        try:
            given = await read_given(request)
            answer = await self._answer(method, given, fault)
        except ApiError as error:
            answer = _refused(error)
        self._sandbox.note(Call(method.name, given, answer.status_code if answer else 0))
        return answer or await _hang_up(request)

    def _method(self, token: str, name: str) -> Method:
        if not _TOKEN.fullmatch(token):
            raise not_found()
        if token != self._sandbox.token:
            raise unauthorized()
        method = METHODS.get(name.lower())
        if method is None:
            raise not_found()
        return method

    async def _answer(self, method: Method, given: Mapping[str, str], fault: Fault) -> Response | None:
        """Act as the fault lets it; None stands for a broken connection."""
        if fault.delay_s:
            await self._polls.pause(fault.delay_s)
        if fault.refusal:
            raise fault.refusal
        if fault.loss is Loss.BEFORE:
            return None
        result = await method.call(self._context, given)
        return None if fault.loss is Loss.AFTER else _succeeded(result)


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
