"""How a call's parameters come over HTTP: query, urlencoded form, multipart form or JSON, as strings."""

import json
from collections.abc import Iterable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from starlette.requests import Request

from bot.sandbox.refusals import bad_request, stricter


async def read_given(request: Request) -> dict[str, str]:
    """Return the raw parameters of a call by name; what is nested in a value is JSON.

    Raises:
        ApiError: the body is malformed, of another kind, not UTF-8, or names a parameter twice.
    """
    body = await request.body()
    try:
        pairs = [*_urlencoded(request.url.query), *_body(request.headers.get("content-type", ""), body)]
        for _, value in pairs:
            value.encode()
    except UnicodeError:
        raise bad_request("strings must be encoded in UTF-8") from None
    given = dict(pairs)
    if len(given) < len(pairs):
        raise stricter("a parameter is given twice")
    return given


def _body(content_type: str, body: bytes) -> Iterable[tuple[str, str]]:
    if not body:
        return []
    kind = EmailMessage()
    kind["content-type"] = content_type or "application/octet-stream"
    match kind.get_content_type():
        case "application/x-www-form-urlencoded":
            return _urlencoded(body.decode())
        case "application/json":
            return _json(body)
        case "multipart/form-data":
            return _multipart(content_type, body)
    raise stricter(f"a body of the type {kind.get_content_type()} is not understood")


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


def _multipart(content_type: str, body: bytes) -> Iterable[tuple[str, str]]:
    head = f"content-type: {content_type}\r\n\r\n".encode()
    form = BytesParser(policy=HTTP).parsebytes(head + body)
    if form.defects or not form.is_multipart():
        raise stricter("the multipart body is malformed")
    for part in form.iter_parts():
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise stricter("a part of the multipart body has no name")
        if part.get_filename() is not None:
            raise stricter(f'a file is given for "{name}", but no method here takes one')
        content = part.get_payload(decode=True)
        yield name, content.decode() if isinstance(content, bytes) else ""
