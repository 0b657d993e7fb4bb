"""What of a picture Telegram looks at before it shows it as a photo."""

from io import BytesIO

MAX_SIDES = 10_000
"""Width and height together, in pixels."""
MAX_RATIO = 20


class ImageError(ValueError):
    """A picture cannot be a photo; the message is Telegram's."""


def measure(data: bytes) -> tuple[int, int]:
    """Return width and height of a picture in pixels.

    Args:
        data: Of any common format.

    Raises:
        ImageError: it is not a picture, larger than 10,000 pixels in width and height together, or more
            than 20 times as long as wide.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data)) as image:
            width, height = image.size
            image.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise ImageError("IMAGE_PROCESS_FAILED") from None
    if width + height > MAX_SIDES or max(width, height) > MAX_RATIO * min(width, height):
        raise ImageError("PHOTO_INVALID_DIMENSIONS")
    return width, height
