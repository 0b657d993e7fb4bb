"""When Python looks for garbage: not while one question is answered, nor while an index is made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collecting_nothing() -> Iterator[None]:
    """Look for no garbage in the block: one answer leaves little, and looking takes a 15th of its time."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
