"""How many processes can work at once."""

import os


def cores() -> int:
    """Return how many cores this process may use, > 0."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
