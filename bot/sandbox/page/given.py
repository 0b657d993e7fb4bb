"""What the page's script sends, read and checked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.exceptions import HTTPException
from starlette.requests import Request

from bot.sandbox.nouns import JsonObject

MAX_JSON_BYTES = 65_536


async def read_object(request: Request) -> JsonObject:
    """Return the JSON object in a request's body.

    Raises:
        HTTPException: 413, it is too long, or 400, it is none.
    """
    try:
        value = json.loads(await read_bytes(request, MAX_JSON_BYTES))
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "expected a JSON object") from error
    if not isinstance(value, dict):
        raise HTTPException(400, "expected a JSON object")
    return value


async def read_bytes(request: Request, most: int) -> bytes:
    """Return a request's body of at most `most` bytes.

    Raises:
        HTTPException: 413, it is longer.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise HTTPException(413, f"more than {most} bytes")
    return bytes(body)


def text_of(given: JsonObject, name: str, most: int = 4096) -> str:
    """Return a text; "" when it is left out.

    Raises:
        HTTPException: 400, it is no text, or longer than `most` characters.
    """
    value = given.get(name, "")
    if not isinstance(value, str):
        raise HTTPException(400, f"{name} must be a text")
    if len(value) > most:
        raise HTTPException(400, f"{name} has more than {most} characters")
    return value


@contextmanager
def refusing() -> Iterator[None]:
    """Let what cannot be done be told to the page.

    Raises:
        HTTPException: 400, with the words of the KeyError or ValueError.
    """
    try:
        yield
    except KeyError as error:
        raise HTTPException(400, f"{error.args[0]} is missing") from error
    except ValueError as error:
        raise HTTPException(400, str(error)) from error
