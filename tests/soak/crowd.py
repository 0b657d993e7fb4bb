"""Two writers at once, again and again, and a hundred readers all the while.

python -m tests.soak.crowd --writes 20 --readers 100

Both writers refresh in full whenever the corpus has changed: one waits for the other, both end well, and
every reader gets the right answers of whichever generation it opened, though old ones are removed meanwhile.
"""

import argparse
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from bot.index.generations import Store
from tests.soak.hands import STATES, Answers, Hands, Readers, Seen, expected, home_of, put

# A hundred readers on a slow machine can make the other writer's build longer than people would wait.
_PATIENT = {"WENBAO_INDEX__LOCK_TIMEOUT_S": "3600"}


@dataclass(slots=True)
class Outcome:
    """What came of it; `went_well` says whether that is as it must be.

    Attributes:
        written: Generations, by both writers.
        faults: What was not as it must be, in words.
        seen: By each reader.
        seconds: In all.
    """

    written: int = 0
    faults: list[str] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def went_well(self) -> bool:
        """Tell whether there was no fault, and no reader saw a wrong answer or an error."""
        return not self.faults and all(s.asked and not s.wrong and not s.failed for s in self.seen)


def crowd(folder: Path, *, writes: int, readers: int, right: Answers | None = None) -> Outcome:
    """Have two writers write so often in an empty folder; see the module, and `expected` for `right`."""
    start, outcome = time.monotonic(), Outcome()
    (folder / "right.json").write_text(json.dumps(right or expected(folder / "right")), "utf-8")
    home = home_of(folder / "home", STATES[0])
    index = home / ".wenbao" / "index"
    hands = Hands(home, settings=_PATIENT), Hands(home, settings=_PATIENT)
    with hands[0] as one, hands[1] as other, ThreadPoolExecutor(2) as both:
        one.run("refresh")
        beside = Readers(home, folder / "right.json", readers)
        for number in range(writes):
            put(home, STATES[number % len(STATES)])
            before = set(Store(index).names())
            ran = list(both.map(lambda hands: hands.run("refresh", "--full"), (one, other)))
            names = Store(index).names()
            outcome.written += sum(not done.code for done in ran)
            outcome.faults += [f"{done.code}: {done.said}" for done in ran if done.code]
            if len(set(names) - before) != len(ran):
                outcome.faults.append(f"{sorted(before)} became {names}")
            one.run("index", "prune", "--keep", "1")
        outcome.seen = beside.stop()
    left = {path.name for path in index.iterdir()} - {"current", "lock"} - set(Store(index).names())
    outcome.faults += [f"left over: {name}" for name in left]
    if len(outcome.seen) != readers:
        outcome.faults.append(f"{readers - len(outcome.seen)} readers told of nothing")
    outcome.seconds = time.monotonic() - start
    return outcome


def main() -> int:
    """Write and read as the command line says; 0 if all went well."""
    options = argparse.ArgumentParser(description="Two writers and many readers.")
    options.add_argument("--writes", type=int, default=20)
    options.add_argument("--readers", type=int, default=100)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="wenbao-soak-") as folder:
        outcome = crowd(Path(folder), writes=chosen.writes, readers=chosen.readers)
    asked, opened = (sum(getattr(seen, name) for seen in outcome.seen) for name in ("asked", "opened"))
    wrong = sum(seen.wrong for seen in outcome.seen)
    failed = [line for seen in outcome.seen for line in seen.failed]
    print(
        f"{outcome.written} generations by two writers, {len(outcome.seen)} readers opened {opened} times "
        f"and asked {asked} questions in {outcome.seconds:.0f} s: {wrong} wrong, {len(failed)} failures, "
        f"{len(outcome.faults)} faults"
    )
    print("\n".join((*outcome.faults[:10], *failed[:10])))
    return 0 if outcome.went_well else 1


if __name__ == "__main__":
    sys.exit(main())
