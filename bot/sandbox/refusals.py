"""How the Bot API says no: a code and one line in Telegram's own words.

Where this server is stricter than Telegram (an unknown parameter, a malformed number), there are no
words of Telegram's to use; those lines begin with "sandbox:" so that nobody looks for them elsewhere.
"""


class ApiError(Exception):
    """A method did not succeed; the client is told so.

    Attributes:
        code: HTTP status and `error_code` alike.
        description: As Telegram writes it, prefix included.
        retry_after: Whole seconds the client must wait, ≥ 1, or None.
    """

    def __init__(self, code: int, description: str, *, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad_request(text: str) -> ApiError:
    """Return a 400; the first letter is lowered as the Bot API server does it.

    It leaves words such as BUTTON_DATA_INVALID alone: those whose second character is a capital or "_".
    """
    if len(text) > 1 and (text[1] == "_" or text[1].isupper()):
        return ApiError(400, f"Bad Request: {text}")
    return ApiError(400, f"Bad Request: {text[:1].lower()}{text[1:]}")


def stricter(text: str) -> ApiError:
    """Return a 400 for what Telegram would let pass or say otherwise; `text` is this server's own."""
    return ApiError(400, f"Bad Request: sandbox: {text}")


def forbidden(text: str) -> ApiError:
    """Return a 403: the chat exists, but the bot may not write there."""
    return ApiError(403, f"Forbidden: {text}")


def conflict(text: str) -> ApiError:
    """Return a 409: another instance, or a webhook, takes the updates."""
    return ApiError(409, f"Conflict: {text}")


def too_many_requests(retry_after: int) -> ApiError:
    """Return a 429 that asks for a pause of `retry_after` whole seconds, ≥ 1."""
    return ApiError(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def not_found() -> ApiError:
    """Return the 404 for an unknown method and a malformed token alike."""
    return ApiError(404, "Not Found")


def unauthorized() -> ApiError:
    """Return the 401 for a well-formed token that belongs to no bot."""
    return ApiError(401, "Unauthorized")
