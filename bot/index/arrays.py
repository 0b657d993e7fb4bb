"""Arrays of numbers on disk, mapped when they are opened; a pickle is never among them."""

import tokenize
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def mapped(path: Path) -> npt.NDArray[Any]:
    """Map an array and return it as a plain view, which slices faster than a memmap.

    Raises:
        ValueError: It is not an array that can be mapped.
        OSError: It cannot be read.
    """
    try:
        return np.asarray(np.lib.format.open_memmap(path, mode="r")).view()
    except (SyntaxError, tokenize.TokenError, TypeError, OverflowError, Warning) as error:
        raise ValueError(f"{path.name} has no readable header: {error}") from error
