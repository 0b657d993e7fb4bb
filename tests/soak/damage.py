"""Damage every file of an index in every way, and ask: named, built anew, and answered rightly.

python -m tests.soak.damage --cases 2000 --seed 1

A third of the cases each: a small index; one that counts as large, whose bytes are not all read when it is
opened; and a large one whose bytes changed by themselves, without a new time of change. There it is promised
that what is read for an answer is compared before, and that `verify` names what was not read.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from bot.errors import IndexUnavailable
from bot.home import Home
from bot.index.meta import FILES, read_meta, verify
from bot.wiring import Service, assemble
from tests.soak.hands import STATES, answered, home_of, put

Damage = Callable[[Path, Path, random.Random], None]
"""Takes the file, the same one of another generation, and chance."""
SMALL, LARGE, ROT = "small", "large", "rot"
NAMES = (*FILES, "meta.json", "current")


def truncated(path: Path, _other: Path, chance: random.Random) -> None:
    """Lose some of the end."""
    os.truncate(path, chance.randrange(max(1, path.stat().st_size)))


def emptied(path: Path, _other: Path, _chance: random.Random) -> None:
    """Lose everything."""
    os.truncate(path, 0)


def flipped(path: Path, _other: Path, chance: random.Random) -> None:
    """Have one bit changed."""
    content = bytearray(path.read_bytes())
    if content:
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def swapped(path: Path, other: Path, _chance: random.Random) -> None:
    """Change places with the same file of another generation."""
    one, two = path.read_bytes(), other.read_bytes()
    path.write_bytes(two)
    other.write_bytes(one)


def garbled(path: Path, _other: Path, chance: random.Random) -> None:
    """Have some bytes in a row replaced, the length staying."""
    content = bytearray(path.read_bytes())
    start = chance.randrange(max(1, len(content)))
    end = min(len(content), start + chance.randint(1, 512))
    content[start:end] = chance.randbytes(end - start)
    path.write_bytes(content)


def lengthened(path: Path, _other: Path, chance: random.Random) -> None:
    """Get some bytes more."""
    with path.open("ab") as file:
        file.write(chance.randbytes(chance.randint(1, 64)))


def removed(path: Path, _other: Path, _chance: random.Random) -> None:
    """Not be there."""
    path.unlink()


WAYS: Sequence[Damage] = (truncated, emptied, flipped, swapped, garbled, lengthened, removed)
_OF_ITSELF: Sequence[Damage] = (flipped, garbled)


@dataclass(slots=True)
class Outcome:
    """What came of all cases; `faults` is empty if it is what must come.

    Attributes:
        cases: By kind and way.
        named: Cases in which a warning named the file, or its generation.
        harmless: Cases that changed nothing.
        unread: Cases in which bytes changed by themselves that no answer needed; `verify` named them.
        faults: What must not be, in words.
        seconds: In all.
    """

    cases: Counter[str] = field(default_factory=Counter)
    named: int = 0
    harmless: int = 0
    unread: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Bench:
    """A home with indexes of the present and of an earlier corpus, brought back for each case."""

    def __init__(self, folder: Path) -> None:
        self.root = home_of(folder / "home", STATES[1])
        self._whole = folder / "whole"
        self._parts = self._service([])
        self._parts.refresh()
        put(self.root, STATES[0])
        self._parts.refresh()
        self._parts.ready(advance=lambda: lambda _done, _total: None)
        _, self.right = answered(self._parts)
        self.index = self._parts.home.index
        self.earlier, self.present = self._parts.store.names()
        shutil.copytree(self.index, self._whole)

    def bring_back(self) -> None:
        """Have the index as it was."""
        shutil.rmtree(self.index)
        shutil.copytree(self._whole, self.index)

    def damage(self, name: str, way: Damage, chance: random.Random, *, keep_time: bool) -> bool:
        """Damage a file; return whether its bytes changed."""
        path, other = self.index / self.present / name, self.index / self.earlier / name
        if name == "current":
            path = other = self.index / name
        before, times = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
        way(path, other, chance)
        if keep_time:
            os.utime(path, ns=times)
        return not path.exists() or path.read_bytes() != before

    def ask(self, warnings: list[str]) -> list[Any]:
        """Ask as a command does that has just been started."""
        service = self._service(warnings)
        service.ready(advance=lambda: lambda _done, _total: None)
        return answered(service)[1]

    def verify(self) -> None:
        """Read every byte of the present generation; IndexUnavailable if one is wrong."""
        folder = self.index / self.present
        verify(folder, read_meta(folder), deep=True)

    def _service(self, warnings: list[str]) -> Service:
        service = assemble(Home(self.root), {}, warn=warnings.append)
        if hasattr(self, "_parts"):
            for part in ("analyzer", "searcher", "cedict", "frequencies", "stemmer", "normalizer"):
                service.__dict__[part] = getattr(self._parts, part)
        return service


def damage_often(folder: Path, *, cases: int, seed: int, first: int = 0) -> Outcome:
    """Damage so many times, in a folder that is empty, beginning with the first-th case; see the module."""
    start, outcome = time.monotonic(), Outcome()
    bench = Bench(folder)
    for number in range(first, first + cases):
        chance = random.Random(f"{seed}:{number}")  # noqa: S311
        kind = (SMALL, LARGE, ROT)[number % 3]
        name = NAMES[number // 3 % len(NAMES)]
        ways = _OF_ITSELF if kind == ROT else WAYS
        way = ways[number // 3 // len(NAMES) % len(ways)]
        outcome.cases[f"{kind} {way.__name__}"] += 1
        with mock.patch("bot.index.meta.SMALL", 8 * 2**20 if kind == SMALL else 0):
            one(bench, kind, name, way, chance, outcome)
    outcome.seconds = time.monotonic() - start
    return outcome


def one(bench: Bench, kind: str, name: str, way: Damage, chance: random.Random, outcome: Outcome) -> None:
    """Damage once and see that all is well in the end; what is not becomes a fault."""
    bench.bring_back()
    if kind != SMALL:
        bench.verify()  # notes the times at which it was seen to be right
    changed = bench.damage(name, way, chance, keep_time=kind == ROT)
    case = f"{kind} {name} {way.__name__}"
    warnings: list[str] = []
    try:
        said = bench.ask(warnings)
    except Exception as error:
        outcome.faults.append(f"{case}: {error!r}")
        return
    named = any(name in line or bench.present in line or str(bench.index) in line for line in warnings)
    outcome.named += named
    outcome.harmless += not changed
    if said != bench.right:
        outcome.faults.append(f"{case}: a wrong answer")
    elif kind == ROT and changed and not named and name != "current":
        outcome.unread += 1
        _expect_named(bench, case, outcome)
    elif changed and not named and name != "current":
        outcome.faults.append(f"{case}: not named")


def _expect_named(bench: Bench, case: str, outcome: Outcome) -> None:
    try:
        bench.verify()
    except IndexUnavailable:
        return
    outcome.faults.append(f"{case}: not found by reading all")


def main() -> int:
    """Damage as often as the command line says; 0 if all was well in the end."""
    options = argparse.ArgumentParser(description="Damage every file of an index in every way.")
    options.add_argument("--cases", type=int, default=2000)
    options.add_argument("--first", type=int, default=0, help="Begin with this one, to share them out.")
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="wenbao-soak-") as folder:
        outcome = damage_often(Path(folder), cases=chosen.cases, seed=chosen.seed, first=chosen.first)
    print(dict(outcome.cases))
    print(
        f"{outcome.cases.total()} cases in {outcome.seconds:.0f} s: {outcome.named} named, "
        f"{outcome.harmless} changed no byte, {outcome.unread} changed what no answer needed, "
        f"{len(outcome.faults)} faults"
    )
    print("\n".join(outcome.faults[:20]))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
