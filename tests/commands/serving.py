"""`wenbao serve` as a process of its own, and a whole day of it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.nouns import Message
from bot.sandbox.people import Person
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import Sandbox

from .shell import SCRIPT

WAIT_S = 30.0
QUESTIONS = (
    "怎么处理投诉",
    "业主投诉的处理步骤是什么",
    "業主投訴怎麼處理",
    "接到投诉电话怎么办",
    "外呼指标怎么定",
    "怎么提高咨询量",
    "电话量下降怎么办",
    "议价有什么技巧",
    "自动回复怎么设",
    "怎么知道顾客在看哪款包包",
    "售后退换货按什么顺序处理",
    "双人查勘",
    "怎么防止骗赔",
    "理赔资料不齐怎么办",
    "客户要离网怎么挽留",
    "大客户怎么维系",
    "新手怎么追上老同事",
    "心态怎么调整",
    "沟通技巧有哪些",
    "怎样往值班长的方向努力",
    "取样步骤",
    "油样和水样怎么取",
    "现场问题怎么反馈给研发",
    "物业费怎么催缴",
    "停车投诉找谁处理",
    "商户报修流程",
    "回访怎么做",
    "客户满意度怎么提高",
    "夏季防汛检查什么",
    "客服的日常工作有哪些",
    "顾客催发货怎么答复",
    "缺货怎么办",
    "怎样避免投诉",
    "工单要写清楚什么",
    "95598",
    "團隊協作",
    "新员工培训怎么安排",
    "量子纠缠的贝尔不等式",
    "火星上的天气怎么样",
    "值班表怎么排",
)
CHATS, EACH = 20, 10


@dataclass
class Bot:
    """A running `wenbao serve` and what it has printed so far."""

    process: subprocess.Popen[bytes]
    printed: Path
    sandbox: Sandbox

    @property
    def text(self) -> str:
        """Standard output and error in one."""
        return self.printed.read_text("utf-8")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def until(self, so: Callable[[], object]) -> None:
        """Wait until something is so, as long as the process lives."""
        deadline = time.monotonic() + WAIT_S
        while not so():
            assert self.process.poll() is None, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.02)

    def until_line(self, part: str) -> None:
        self.until(lambda: part in self.text)

    def stop(self) -> int:
        """Send SIGTERM and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT_S)


@contextmanager
def serving(
    home: Path,
    sandbox: Sandbox,
    port: int,
    folder: Path,
    *options: str,
    token: str = "",
    base: Mapping[str, str] | None = None,
) -> Iterator[Bot]:
    """Run `wenbao serve` on a server of this machine; kill it at the end if it still runs."""
    printed = folder / f"serve-{port}-{len(list(folder.glob('serve-*')))}"
    env = {
        **(os.environ if base is None else base),
        "TELEGRAM_BOT_TOKEN": token or sandbox.token,
        "WENBAO_TELEGRAM__BASE_URL": f"http://127.0.0.1:{port}",
        "WENBAO_TELEGRAM__POLL_TIMEOUT_S": "5",
        "WENBAO_TELEGRAM__MAX_RETRY_PAUSE_S": "0.2",
    }
    with printed.open("wb") as file:
        process = subprocess.Popen(
            [SCRIPT, "serve", "--home", home, *options], stdout=file, stderr=subprocess.STDOUT, env=env
        )
    try:
        yield Bot(process, printed, sandbox)
    finally:
        process.kill()
        process.wait()


@dataclass(frozen=True, slots=True)
class Day:
    """What is left of a day at work: 200 questions from 20 chats, with trouble on the line.

    Attributes:
        asked: Each person with their questions.
        replies: What each person got, in the same order.
        faults_left: How much trouble did not come about.
        exit_code: After SIGTERM.
        printed: Standard output and error.
        token: That the bot was given.
    """

    asked: tuple[tuple[Person, tuple[str, ...]], ...]
    replies: tuple[tuple[Message, ...], ...]
    faults_left: int
    exit_code: int
    printed: str
    token: str


def a_day(home: Path, folder: Path, environ: Mapping[str, str]) -> Day:
    """Serve a copy of a home with --debug, ask it 200 questions, disturb it, and stop it."""
    home = shutil.copytree(home, folder / "home")  # a home has one bot and one Telegram
    sandbox = Sandbox()
    asked = tuple(
        (
            sandbox.join(f"客户{chat}", language_code="zh-hans"),
            tuple(QUESTIONS[(chat * 7 + number) % len(QUESTIONS)] for number in range(EACH)),
        )
        for chat in range(CHATS)
    )
    for code in (500, 429, 409):
        sandbox.faults.answer("getUpdates", code)
    with (
        run_in_thread(sandbox) as server,
        serving(home, sandbox, server.port, folder, "--debug", base=environ) as bot,
    ):
        for number in range(EACH):
            for person, questions in asked:
                person.send(questions[number])
        bot.until(lambda: len(sandbox.calls("sendMessage")) >= 20)
        for code in (429, 500, 502):
            sandbox.faults.answer("sendMessage", code, times=2)
        sandbox.faults.answer("getUpdates", 409)
        sandbox.faults.answer("getUpdates", 500)
        bot.until(lambda: all(len(person.replies()) >= EACH for person, _ in asked))
        bot.until(lambda: not sandbox.faults.pending)
        exit_code = bot.stop()
        return Day(
            asked,
            tuple(person.replies() for person, _ in asked),
            sandbox.faults.pending,
            exit_code,
            bot.text,
            sandbox.token,
        )
