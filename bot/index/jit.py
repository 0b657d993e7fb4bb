"""How loops are compiled by numba, and when what was compiled is used again.

What is compiled is kept beside the file of its entry, or in the user's cache folder if that is read-only, so
that only the first process after an installation waits for it. numba looks for it by the entry's own file and
by what the entry encloses; that a function or a number of another file has changed it does not notice. So an
entry encloses a checksum of all other files that its code is made of.
"""

from pathlib import Path
from types import ModuleType

import numpy as np
from numba import njit

from bot.index import checksums

compiled = njit(nogil=True, error_model="numpy")
inlined = njit(nogil=True, error_model="numpy", inline="always")
entry = njit(cache=True, nogil=True, error_model="numpy")


def checksum(*modules: ModuleType) -> str:
    """Return what changes with the files of some modules."""
    sums = [checksums.of_file(Path(str(module.__file__))) for module in modules]
    return checksums.digest(np.concatenate(sums))
