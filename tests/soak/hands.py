"""Commands run in processes that start warm and can be killed at any moment, and readers beside them.

`Hands` starts a process of its own that has imported everything and forks for each command, so that a kill
falls into the command's work and not into its imports. Nothing here knows how an index is built.
"""

import gc
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from bot import answer as answers
from bot.cli import main
from bot.home import Home, fill
from bot.wiring import Service, assemble
from tests import caches
from tests.commands.shell import alive_in

_CHANGES = ("open", "os.", "shutil.", "tempfile.")
_KEPT_FOR = 15
_ARCHIVE = "卷宗"
QUESTIONS = (
    "投诉怎么处理",
    "投拆处理",
    "外呼指标怎么定",
    "how to handle complaints",
    "迟到几次要写说明",
    "火星天气",
)
_FIXED = {
    "热线.md": "# 热线\n\n## 一、投诉\n\n投诉处理先听完，再登记，当天转派责任部门，三天内回访客户。\n",
    "外呼 📞.md": "# 外呼\n\n## 一、指标\n\n外呼指标按座席和忙闲时段分摊，每周抽查十条录音。\n",
}
STATES: tuple[Mapping[str, str], ...] = (
    _FIXED | {"考勤.md": "# 考勤\n\n## 规定\n\n迟到三次要写说明。\n"},
    _FIXED | {"考勤.md": "# 考勤\n\n## 规定\n\n迟到五次要写说明，投诉处理要双人查勘。\n"},
    _FIXED | {"班表 甲.md": "# 班表\n\n## 排班\n\n周五出下周的班表，迟到七次要写说明。\n"},
    {"热线.md": _FIXED["热线.md"].replace("三天", "两天"), "考勤.md": "# 考勤\n\n迟到九次要写说明。\n"},
)
"""Contents of the corpus that a home goes through."""
Answers = Mapping[str, Sequence[Any]]
"""Of each state of the corpus, by its hash in a generation, what QUESTIONS are answered."""


def home_of(root: Path, state: Mapping[str, str], *, archive_mb: int = 0) -> Path:
    """Fill a home whose corpus is in one state, beside an archive that stays; a large one takes processes."""
    fill(root, samples=False)
    caches.give(root)
    for number in range(archive_mb):
        (root / "corpus" / f"{_ARCHIVE}{number}.md").write_text(_archive(number), "utf-8")
    put(root, state)
    return root


def _archive(number: int) -> str:
    """Return a megabyte that none of QUESTIONS asks for."""
    lines = (
        f"第{n}号卷宗存放在{n % 97}柜{n % 13}层，编号{number}-{n * 7919 % 100_000}。" for n in range(18_000)
    )
    return f"# 卷宗目录{number}\n\n## 一、目录\n\n" + "\n\n".join(lines) + "\n"


def put(home: Path, state: Mapping[str, str]) -> None:
    """Bring a home's corpus into a state."""
    corpus = home / "corpus"
    for path in corpus.iterdir():
        if path.name not in state and not path.name.startswith(_ARCHIVE):
            path.unlink()
    for name, text in state.items():
        (corpus / name).write_text(text, "utf-8")


def told(service: Service, question: str) -> Any:  # noqa: ANN401
    """Return an answer as JSON has it, without its time and the generation's id."""
    row = answers.to_json(service.ask(question))
    return json.loads(json.dumps({name: row[name] for name in row if name not in {"generation", "took_ms"}}))


def answered(service: Service) -> tuple[str, list[Any]]:
    """Return the corpus of the opened generation and what QUESTIONS are answered."""
    said = [told(service, question) for question in QUESTIONS]
    return service.generation().meta.made_of["corpus"], said


def expected(folder: Path, *, archive_mb: int = 0) -> Answers:
    """Return the right answers of all states, each from an index that was built from the beginning."""
    found = {}
    home = home_of(folder / "home", STATES[0], archive_mb=archive_mb)
    service = assemble(Home(home), {}, warn=_raise)
    for state in STATES:
        put(home, state)
        service.refresh(full=True)
        corpus, said = answered(service)
        found[corpus] = said
    return found


def _raise(line: str) -> None:
    raise AssertionError(line)


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a command.

    Attributes:
        code: Its exit code, -9 when it was killed.
        said: On both its outputs.
        steps: Changes to files that it began.
        seconds: It took.
        orphans: Processes that it left behind.
    """

    code: int
    said: str
    steps: int
    seconds: float
    orphans: int


class Hands:
    """A process that runs commands of a home in forks of itself."""

    def __init__(self, home: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.hands", "run", home],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, **(settings or {})},
        )

    def __enter__(self) -> "Hands":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, *arguments: str, after_s: float | None = None, step: int | None = None) -> Ran:
        """Run a command, killed after some seconds or before its n-th change to files."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"arguments": arguments, "after_s": after_s, "step": step}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Ran(**json.loads(self._process.stdout.readline()))


class Readers:
    """Processes that open what is published and ask it, again and again, until they are told to stop.

    They take what time others leave: many of them would hold up what they are beside.
    """

    def __init__(self, home: Path, right: Path, number: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.soak.hands", "read", home, right, str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "reading\n"

    def stop(self) -> "list[Seen]":
        """Stop them and return what each saw."""
        out, _ = self._process.communicate()
        return [Seen(**json.loads(line)) for line in out.splitlines()]


@dataclass(slots=True)
class Seen:
    """What a reader saw.

    Attributes:
        opened: Times that it opened what was published.
        generations: Different ones.
        asked: Questions.
        wrong: Answers that were not those of the generation's corpus.
        failed: What was raised or warned of.
    """

    opened: int
    generations: int
    asked: int
    wrong: int
    failed: list[str]


def _run_all(home: Path) -> None:
    service = assemble(Home(home), {}, warn=lambda _line: None)
    service.ready(advance=lambda: lambda _done, _total: None)
    for question in QUESTIONS:
        service.ask(question)
    gc.freeze()
    for line in sys.stdin:
        request = json.loads(line)
        ran = _run(home, request["arguments"], request["after_s"], request["step"])
        sys.stdout.write(json.dumps(asdict(ran)) + "\n")
        sys.stdout.flush()


def _run(home: Path, arguments: Sequence[str], after_s: float | None, step: int | None) -> Ran:
    start = time.monotonic()
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as steps:
        if not (child := os.fork()):
            _be_command([*arguments, "--home", str(home)], said.fileno(), steps.fileno(), step)
        while not (ended := os.waitpid(child, os.WNOHANG))[0]:
            if after_s is not None and time.monotonic() - start >= after_s:
                os.kill(child, signal.SIGKILL)
                ended = os.waitpid(child, 0)
                break
            time.sleep(0.0005)
        seconds = time.monotonic() - start
        said.seek(0)
        steps.seek(0, os.SEEK_END)
        code = os.waitstatus_to_exitcode(ended[1])
        return Ran(code, said.read().decode(), steps.tell(), seconds, _orphans(child))


def _be_command(arguments: Sequence[str], said: int, steps: int, last: int | None) -> None:
    """Become a command in a session of its own; never returns."""
    try:
        os.setsid()
        os.dup2(said, 1)
        os.dup2(said, 2)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        step = count(1)

        def kill(event: str, _: object) -> None:
            if event.startswith(_CHANGES):
                os.write(steps, b".")
                if next(step) == last:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(kill)
        sys.argv = ["wenbao", *arguments]
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    finally:
        os._exit(99)


def _orphans(session: int, patience_s: float = 5.0) -> int:
    """Return how many processes of a session outlive it for long, and end them."""
    deadline = time.monotonic() + patience_s
    while left := alive_in(session):
        if time.monotonic() > deadline:
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            return len(left)
        time.sleep(0.01)
    return 0


def _read_all(home: Path, right: Answers, number: int) -> None:
    """Become so many readers; print what each saw when standard input has ended."""
    os.set_blocking(0, False)
    warm = assemble(Home(home), {}, warn=_raise)
    answered(warm)
    gc.freeze()
    with tempfile.TemporaryDirectory() as folder:
        children = []
        for reader in range(number):
            if not (child := os.fork()):
                try:
                    seen = _read(home, right, warm, random.Random(reader))  # noqa: S311
                    Path(folder, str(reader)).write_text(json.dumps(asdict(seen)), "utf-8")
                finally:
                    os._exit(0)
            children.append(child)
        sys.stdout.write("reading\n")
        sys.stdout.flush()
        for child in children:
            os.waitpid(child, 0)
        for path in sorted(Path(folder).iterdir()):
            sys.stdout.write(path.read_text("utf-8") + "\n")


def _read(home: Path, right: Answers, warm: Service, chance: random.Random) -> Seen:
    """Open, ask and compare, once at least, until standard input has ended."""
    os.nice(19)
    seen = Seen(0, 0, 0, 0, [])
    service = assemble(Home(home), {}, warn=seen.failed.append)
    for part in ("searcher", "cedict", "frequencies"):
        service.__dict__[part] = getattr(warm, part)
    kept, names = service, set()
    while not seen.opened or not _ended(0):
        try:
            service.reopen()
            if kept is service or chance.random() < 1 / _KEPT_FOR:
                kept = service.answering_from(service.generation().folder)
                kept._opened = service._opened  # what is held stays whole, though its files go
            for one in (service, kept):
                _compare(one, right, seen)
            names.add(service.generation().generation)
        except Exception as error:
            seen.failed.append(repr(error))
        seen.opened += 1
        seen.generations = len(names)
    return seen


def _ended(descriptor: int) -> bool:
    try:
        return os.read(descriptor, 1) == b""
    except BlockingIOError:
        return False


def _compare(service: Service, right: Answers, seen: Seen) -> None:
    """Ask, and compare with what is right for the very generation that answered."""
    for place, question in enumerate(QUESTIONS):
        said = told(service, question)
        opened = service._opened
        assert opened is not None
        seen.asked += 1
        seen.wrong += said != right[opened.generation.meta.made_of["corpus"]][place]


if __name__ == "__main__":
    if sys.argv[1] == "run":
        _run_all(Path(sys.argv[2]))
    else:
        ours = json.loads(Path(sys.argv[3]).read_text("utf-8"))
        _read_all(Path(sys.argv[2]), ours, int(sys.argv[4]))
