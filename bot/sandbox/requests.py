"""How a call's parameters come over HTTP: query, urlencoded form, multipart form or JSON."""

import json
from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.sandbox.refusals import bad_request, stricter
from bot.sandbox.uploads import Upload, read_form

_ATTACHED = "attach://"


async def read_given(request: Request) -> dict[str, str | Upload]:
    """Return the raw parameters of a call by name; what is nested in a value is JSON.

    A file is given by a part of a multipart form under the parameter's name, or under another name that
    the parameter's value "attach://name" tells.

    Raises:
        ApiError: the body is malformed, of another kind, not UTF-8, or names a parameter twice.
    """
    body = await request.body()
    try:
        pairs = [*_urlencoded(request.url.query), *_body(request.headers.get("content-type", ""), body)]
        for _, value in pairs:
            if isinstance(value, str):
                value.encode()
    except UnicodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    given = dict(pairs)
    if len(given) < len(pairs):
        raise stricter("a parameter is given twice")
    return _attached(given)


def _attached(given: dict[str, str | Upload]) -> dict[str, str | Upload]:
    for name, value in tuple(given.items()):
        if isinstance(value, str) and value.startswith(_ATTACHED):
            part = value.removeprefix(_ATTACHED)
            if isinstance(given.get(part), Upload):
                given[name] = given.pop(part)
    return given


def _body(content_type: str, body: bytes) -> Iterable[tuple[str, str | Upload]]:
    if not body:
        return []
    match content_type.partition(";")[0].strip().lower():
        case "application/x-www-form-urlencoded":
            return _urlencoded(body.decode())
        case "application/json":
            return _json(body)
        case "multipart/form-data":
            return read_form(content_type, body)
        case kind:
            raise stricter(f"a body of the type {kind or 'application/octet-stream'} is not understood")


def _urlencoded(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True, errors="strict")


def _json(body: bytes) -> list[tuple[str, str]]:
    try:
        values = json.loads(body)
    except UnicodeError:
        raise
    except ValueError:
        raise stricter("the body is not JSON") from None
    if not isinstance(values, dict):
        raise stricter("the body is not a JSON object")
    return [
        (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in values.items()
        if value is not None
    ]
