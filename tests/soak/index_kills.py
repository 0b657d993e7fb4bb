"""Kill whoever changes an index at random moments, while readers ask it all the time.

    python -m tests.soak.index_kills --kills 300 --readers 2 --seed 1
    python -m tests.soak.index_kills --kills 60 --archive-mb 6    # builds in several processes

Half of the kills come after a random time, half before a random change to a file, in refreshes of a changed
corpus, full ones, rollbacks and prunes. After each, the next refresh must end well without a hand, leave
nothing behind but whole generations, and answer rightly; the readers must never have seen anything else.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import IndexUnavailable
from bot.home import Home
from bot.index.generations import Store
from bot.index.meta import read_meta, verify
from bot.wiring import Service, assemble
from tests.soak.hands import STATES, Answers, Hands, Ran, Readers, Seen, answered, expected, home_of, put

_COMMANDS = {
    ("refresh",): 6,
    ("refresh", "--full"): 2,
    ("index", "rollback"): 3,
    ("index", "prune", "--keep", "1"): 2,
    ("index", "prune", "--keep", "2"): 1,
}
_KEEP = 3


@dataclass(slots=True)
class Outcome:
    """What came of all kills; `went_well` says whether that is as it must be.

    Attributes:
        kills: Commands that were killed.
        killed: How many of each command.
        left: How often what lay there after a kill.
        faults: What was not as it must be, in words.
        seen: By each reader.
        seconds: In all.
    """

    kills: int = 0
    killed: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def went_well(self) -> bool:
        """Tell whether there was no fault, and no reader saw a wrong answer or an error."""
        return not self.faults and all(
            seen.asked and not seen.wrong and not seen.failed for seen in self.seen
        )


def kill_often(
    folder: Path,
    *,
    kills: int,
    readers: int,
    seed: int,
    archive_mb: int = 0,
    right: Answers | None = None,
    tell: Callable[[str], object] = lambda _line: None,
) -> Outcome:
    """Kill so many commands on a home in an empty folder; see the module, and `expected` for `right`."""
    start = time.monotonic()
    chance = random.Random(seed)  # noqa: S311
    right = right or expected(folder / "right", archive_mb=archive_mb)
    (folder / "right.json").write_text(json.dumps(right), "utf-8")
    home = home_of(folder / "家 with spaces 🏠", STATES[0], archive_mb=archive_mb)
    outcome = Outcome()
    with Hands(home) as hands:
        usual = {command: hands.run(*command) for command in (("refresh",), *_COMMANDS)}
        beside = Readers(home, folder / "right.json", readers)
        service = assemble(Home(home), {}, warn=outcome.faults.append)
        while outcome.kills < kills:
            put(home, chance.choice(STATES))
            # Only whole builds of an archive take processes.
            weights = _COMMANDS | ({("refresh", "--full"): 14} if archive_mb else {})
            command = chance.choices(list(weights), list(weights.values()))[0]
            if _killed(hands, command, usual, chance):
                outcome.kills += 1
                outcome.killed[" ".join(command)] += 1
                outcome.left[_left(home)] += 1
                tell(f"{outcome.kills}: {' '.join(command)}")
            _expect_whole(Store(home / ".wenbao" / "index"), outcome)
            _expect_mended(hands.run("refresh"), service, right, outcome)
        outcome.seen = beside.stop()
    outcome.seconds = time.monotonic() - start
    return outcome


def _killed(
    hands: Hands, command: tuple[str, ...], usual: dict[tuple[str, ...], Ran], chance: random.Random
) -> bool:
    """Run a command and kill it; return whether it was not done before."""
    if chance.random() < 0.5:
        ran = hands.run(*command, after_s=chance.uniform(0, 1.1 * usual[command].seconds))
    else:
        ran = hands.run(*command, step=chance.randint(1, max(1, usual[command].steps)))
    if ran.steps > usual[command].steps:
        usual[command] = ran  # the first one had nothing to prune, for example
    return ran.code == -9


def _left(home: Path) -> str:
    """Name what a kill left beside whole generations."""
    names = [path.name for path in (home / ".wenbao" / "index").iterdir()]
    kinds = ("building-", "removing-", "current.", "lock.owner")
    return " ".join(kind for kind in kinds if any(name.startswith(kind) for name in names)) or "nothing"


def _expect_whole(store: Store, outcome: Outcome) -> None:
    """Every generation that is there is whole, the published one among them."""
    try:
        published = store.current()
        for name in store.names():
            verify(store.folder / name, read_meta(store.folder / name), deep=True)
        if published not in store.names():
            outcome.faults.append(f"{published} is published and is not there")
    except IndexUnavailable as error:
        outcome.faults.append(f"after a kill: {error}")


def _expect_mended(ran: Ran, service: Service, right: Answers, outcome: Outcome) -> None:
    """The next refresh ends well, leaves nothing but generations, and answers rightly."""
    if ran.code or "aside" in ran.said:
        outcome.faults.append(f"the next refresh ended with {ran.code}: {ran.said}")
    if ran.orphans:
        outcome.faults.append(f"{ran.orphans} processes outlived their command")
    index = service.home.index
    names = {path.name for path in index.iterdir()}
    strange = names - {"current", "lock"} - set(Store(index).names())
    if strange or len(Store(index).names()) > _KEEP:
        outcome.faults.append(f"left over: {sorted(strange)}, {len(Store(index).names())} generations")
    service.reopen()
    corpus, said = answered(service)
    if service.state().reasons or said != right[corpus]:
        outcome.faults.append(f"wrong after a refresh: {service.state().reasons}")


def main() -> int:
    """Kill as often as the command line says; 0 if all went well."""
    options = argparse.ArgumentParser(description="Kill whoever changes an index.")
    options.add_argument("--kills", type=int, default=300)
    options.add_argument("--readers", type=int, default=2)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--archive-mb", type=int, default=0)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="wenbao-soak-") as folder:
        outcome = kill_often(
            Path(folder),
            kills=chosen.kills,
            readers=chosen.readers,
            seed=chosen.seed,
            archive_mb=chosen.archive_mb,
            tell=lambda line: sys.stderr.write(line + "\n"),
        )
    print(f"\nkilled: {dict(outcome.killed)}")
    print(f"left behind: {dict(outcome.left)}")
    for seen in outcome.seen:
        print(
            f"a reader opened {seen.opened} times, {seen.generations} generations; {seen.asked} answers, "
            f"{seen.wrong} wrong, {len(seen.failed)} failures {seen.failed[:3]}"
        )
    print(f"{outcome.kills} kills in {outcome.seconds:.0f} s, {len(outcome.faults)} faults")
    print("\n".join(outcome.faults[:10]))
    return 0 if outcome.went_well else 1


if __name__ == "__main__":
    sys.exit(main())
