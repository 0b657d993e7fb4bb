"""What goes from an array and what comes to it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.index.packed import Places

# From one change in so many rows on they are picked out: until then they are copied in pieces.
_SELDOM = 64


@dataclass(frozen=True, slots=True)
class Edit:
    """What goes from an array and where others come.

    Attributes:
        gone: Places of what goes; rising, none twice.
        places: Before what stands there now others come, one for each of these; rising.
    """

    gone: Places
    places: Places

    def of(self, array: npt.NDArray[Any], others: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the rows of an array that stay, with the others between them."""
        parts = self.parts(array, others)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def parts(self, array: npt.NDArray[Any], others: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """Return the same in pieces one after the other, of which most are not copied."""
        changes = len(self.gone) + len(self.places)
        if changes * _SELDOM > len(array):
            places = self.places - self.gone.searchsorted(self.places)
            return [np.insert(np.delete(array, self.gone, axis=0), places, others, axis=0)]
        ends = np.concatenate((self.places, self.gone))
        order = ends.argsort(kind="stable")  # what comes stands before what goes
        ends, begins = ends[order].tolist(), np.concatenate((self.places, self.gone + 1))[order].tolist()
        parts: list[npt.NDArray[Any]] = []
        begin = 0
        for number, end, following in zip(order.tolist(), ends, begins, strict=True):
            parts.append(array[begin:end])
            if number < len(self.places):
                parts.append(others[number : number + 1])
            begin = following
        parts.append(array[begin:])
        return parts

    def moved(self, places: Places) -> Places:
        """Return where rows that stay stand afterwards."""
        return places - self.gone.searchsorted(places) + self.places.searchsorted(places, "right")

    @property
    def come(self) -> Places:
        """Return where the others stand afterwards."""
        return self.places - self.gone.searchsorted(self.places) + np.arange(len(self.places))
