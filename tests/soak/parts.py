"""What the long tests share: a home of the sample reports, groups that ask, and a bot as a process."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.home import fill
from bot.sandbox.nouns import Chat, Message
from bot.sandbox.sandbox import Sandbox
from tests import caches

SCRIPT = Path(sys.executable).parent / "wenbao"
QUESTIONS = (
    "怎么处理投诉",
    "业主投诉的处理步骤是什么",
    "外呼指标怎么定",
    "怎么提高咨询量",
    "议价有什么技巧",
    "售后退换货按什么顺序处理",
    "双人查勘",
    "物业费怎么催缴",
    "新手怎么追上老同事",
    "火星上的天气怎么样",
)


class Group:
    """A group in which one person asks, so that each answer says to which question it is."""

    def __init__(self, sandbox: Sandbox, number: int) -> None:
        self._person = sandbox.join(f"客户{number}", language_code="zh-hans")
        self.chat: Chat = sandbox.group(f"组{number}", [self._person])
        self.asked: dict[int, float] = {}

    def ask(self, question: str) -> None:
        """Ask now; `asked` has the time by the question's message."""
        message = self._person.send(f"/ask {question}", chat=self.chat)
        self.asked[message.message_id] = time.monotonic()

    def replies(self) -> tuple[Message, ...]:
        """Return the bot's messages."""
        return self._person.replies(self.chat)

    def answers(self) -> Counter[int]:
        """Return how often each question was answered."""
        return Counter(reply.reply_to for reply in self.replies() if reply.reply_to is not None)


def home_in(folder: Path) -> Path:
    """Make a home of the sample reports with its index."""
    root = folder / "home"
    fill(root, samples=True)
    caches.give(root)
    subprocess.run([SCRIPT, "refresh", "--home", root], check=True, capture_output=True)
    return root


@contextmanager
def bot_process(
    home: Path, sandbox: Sandbox, port: int, log: Path, *options: str, settings: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `wenbao serve` on a local server; kill it at the end if it still runs. Its log is appended."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WENBAO_")},
        "TELEGRAM_BOT_TOKEN": sandbox.token,
        "WENBAO_TELEGRAM__BASE_URL": f"http://127.0.0.1:{port}",
        "WENBAO_TELEGRAM__POLL_TIMEOUT_S": "5",
        "WENBAO_TELEGRAM__MAX_RETRY_PAUSE_S": "0.5",
        **settings,
    }
    with log.open("ab") as file:
        process = subprocess.Popen(
            [SCRIPT, "serve", "--home", home, *options], stdout=file, stderr=subprocess.STDOUT, env=env
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(so: Callable[[], object], timeout_s: float, what: str) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: It was not so in time.
    """
    deadline = time.monotonic() + timeout_s
    while not so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not in {timeout_s:.0f} s: {what}")
        time.sleep(0.02)


def memory_kb(pid: int) -> int:
    """Return the resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def open_files(pid: int) -> int:
    """Return how many files, pipes and sockets a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
