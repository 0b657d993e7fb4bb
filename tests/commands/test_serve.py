"""`wenbao serve` as a process of its own, on a strict Bot API server: load, trouble, and the end."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain import Answer
from bot.sandbox.nouns import Message
from bot.sandbox.people import Person
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import Sandbox
from bot.wiring import Service

from .serving import CHATS, EACH, QUESTIONS, WAIT_S, Day, serving
from .shell import generation, wenbao

NO_ANSWER = "报告里没有写到"


@pytest.fixture
def sandbox() -> Sandbox:
    """A Telegram of its own."""
    return Sandbox()


@pytest.fixture
def port(sandbox: Sandbox) -> Iterator[int]:
    """Where it is served."""
    with run_in_thread(sandbox) as server:
        yield server.port


@pytest.fixture
def mei(sandbox: Sandbox) -> Person:
    """Reads Chinese."""
    return sandbox.join("梅", language_code="zh-hans")


@pytest.fixture(scope="module")
def day(busy_day: Future[Day]) -> Day:
    """200 questions from 20 chats, with trouble on the line."""
    return busy_day.result()


@pytest.fixture(scope="module")
def expected(service: Service) -> dict[str, Answer]:
    """What the service answers to each question; Telegram gets the first three passages of twelve."""
    answers = {question: service.ask(question, hits=12) for question in QUESTIONS}
    return {question: replace(answer, hits=answer.hits[:3]) for question, answer in answers.items()}


def blocks(reply: Message, answer: Answer) -> list[str]:
    """What a card says of each passage, in order."""
    if len(answer.hits) == 1:
        return [reply.text]
    assert "".join(re.findall("[①-③]", reply.text)) == "①②③"[: len(answer.hits)]
    return re.split("[①-③] ", reply.text)[1:]


def sentences(text: str) -> list[str]:
    return [part.strip() for part in re.split("(?<=[。；！？\n])", text) if part.strip()]


def test_the_questions_are_real_ones(expected: dict[str, Answer]) -> None:
    """Most are answered by the sample reports, from most of them; some are not."""
    answered = [answer for answer in expected.values() if answer.answered]
    assert len(QUESTIONS) * 0.6 < len(answered) < len(QUESTIONS)
    assert len({answer.hits[0].passage.report for answer in answered}) >= 8


def test_every_question_is_answered_once_in_its_chat(day: Day) -> None:
    """200 questions, 200 answers, whatever the line did."""
    assert [len(replies) for replies in day.replies] == [EACH] * CHATS


def test_every_answer_has_the_right_passages(day: Day, expected: dict[str, Answer]) -> None:
    """Every sentence, best passage first, each chat's answers in the order of its questions."""
    for (_, questions), replies in zip(day.asked, day.replies, strict=True):
        for question, reply in zip(questions, replies, strict=True):
            answer = expected[question]
            if not answer.answered:
                assert NO_ANSWER in reply.text
                continue
            for block, hit in zip(blocks(reply, answer), answer.hits, strict=True):
                missing = [one for one in sentences(hit.passage.text) if one not in block]
                assert missing == [], question
                answering = [hit.passage.text[span.start : span.end] for span in hit.excerpt]
                assert all(one in block.partition("\n《")[0] for one in answering), question


def test_every_answer_cites_its_reports(day: Day, expected: dict[str, Answer]) -> None:
    """Title and innermost section stand below each passage's sentences."""
    for (_, questions), replies in zip(day.asked, day.replies, strict=True):
        for question, reply in zip(questions, replies, strict=True):
            answer = expected[question]
            if answer.answered:
                for block, hit in zip(blocks(reply, answer), answer.hits, strict=True):
                    assert f"《{hit.passage.report}》" in block
                    assert hit.passage.section[-1] in block


def test_all_the_trouble_was_met(day: Day) -> None:
    """409, 429, 500 and 502 came about, and the operator was told of the way to Telegram."""
    assert day.faults_left == 0
    assert "Telegram answers again" in day.printed


def test_after_a_day_it_ends_with_0(day: Day) -> None:
    """When it is told to."""
    assert day.exit_code == 0


def test_the_token_is_nowhere(day: Day) -> None:
    """Not in a single line, although --debug shows what the libraries have to say."""
    secret = day.token.partition(":")[2]
    assert "DEBUG" in day.printed
    assert secret not in day.printed
    assert secret[:12] not in day.printed


def test_the_token_is_nowhere_without_debug(
    home: Path, sandbox: Sandbox, port: int, mei: Person, tmp_path: Path
) -> None:
    """One line says who answers; and there is no traceback, whatever happened."""
    sandbox.faults.answer("sendMessage", 500)
    sandbox.faults.drop("sendMessage")
    with serving(home, sandbox, port, tmp_path) as bot:
        mei.send("投诉怎么处理")
        mei.wait_for_replies(timeout_s=WAIT_S)
        assert bot.stop() == 0
        assert bot.lines[0] == "@wenbao_bot is answering"
        assert sandbox.token.partition(":")[2] not in bot.text
        assert "Traceback" not in bot.text


@pytest.mark.parametrize("options", [(), ("--debug",)])
def test_a_rejected_token_ends_it_with_4(
    home: Path, sandbox: Sandbox, port: int, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """One line, which says what to check and does not show the token."""
    token = "123456789:AAF-kept-from-everybodys-eyes_0123"  # noqa: S105
    with serving(home, sandbox, port, tmp_path, *options, token=token) as bot:
        assert bot.process.wait(WAIT_S) == 4
        assert "kept-from-everybodys-eyes" not in bot.text
        if not options:
            (line,) = bot.lines
            assert "rejects the bot's token; check TELEGRAM_BOT_TOKEN" in line


def test_it_waits_for_a_network(home: Path, sandbox: Sandbox, mei: Person, tmp_path: Path) -> None:
    """Nobody listens at first: one line, more tries, then the answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    with serving(home, sandbox, port, tmp_path) as bot:
        bot.until_line("cannot be reached")
        mei.send("投诉怎么处理")
        with run_in_thread(sandbox, port=port):
            mei.wait_for_replies(timeout_s=WAIT_S)
            assert bot.stop() == 0
        assert bot.text.count("cannot be reached") == 1
        assert bot.lines[1:3] == ["Telegram answers again", "@wenbao_bot is answering"]


def test_without_a_network_it_can_be_stopped(home: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    """SIGTERM ends the tries at once: exit code 0."""
    with serving(home, sandbox, 1, tmp_path) as bot:
        bot.until_line("cannot be reached")
        assert bot.stop() == 0
        assert len(bot.lines) == 1


def test_a_second_poller_is_named_and_outlived(
    home: Path, sandbox: Sandbox, port: int, mei: Person, tmp_path: Path
) -> None:
    """409 Conflict: one line however often, and questions are answered all the same."""
    sandbox.faults.answer("getUpdates", 409, times=4)
    with serving(home, sandbox, port, tmp_path) as bot:
        mei.send("投诉怎么处理")
        mei.wait_for_replies(timeout_s=WAIT_S)
        assert bot.stop() == 0
        assert bot.text.count("another program takes this bot's updates") == 1


def test_what_is_in_hand_is_answered_before_the_end(
    home: Path, sandbox: Sandbox, port: int, mei: Person, tmp_path: Path
) -> None:
    """SIGTERM while three questions wait: all are answered and confirmed, exit code 0."""
    for _ in range(3):
        mei.send("投诉怎么处理")
    sandbox.faults.delay("sendMessage", 0.8)
    with serving(home, sandbox, port, tmp_path) as bot:
        bot.until(lambda: not sandbox.world.waiting_count)
        assert bot.stop() == 0
        assert "stopping; questions in hand: 3" in bot.lines
    assert len(mei.replies()) == 3
    assert sandbox.world.waiting_count == 0


def test_what_was_answered_does_not_come_again(
    home: Path, sandbox: Sandbox, port: int, mei: Person, tmp_path: Path
) -> None:
    """After a stop and a start only the new question is answered."""
    for count in (1, 2):
        with serving(home, sandbox, port, tmp_path) as bot:
            mei.send("投诉怎么处理")
            mei.wait_for_replies(count, timeout_s=WAIT_S)
            assert bot.stop() == 0
    assert len(mei.replies()) == 2


def test_an_empty_corpus_can_be_served(
    empty: Path, sandbox: Sandbox, port: int, mei: Person, tmp_path: Path
) -> None:
    """Whoever asks learns that there are no reports yet."""
    with serving(empty, sandbox, port, tmp_path) as bot:
        mei.send("/start")
        mei.send("投诉怎么处理")
        first, second = mei.wait_for_replies(2, timeout_s=WAIT_S)
        assert bot.stop() == 0
    assert "问报" in first.text
    assert "还没有报告" in second.text


def test_a_missing_index_is_built_first(
    unbuilt: Path, sandbox: Sandbox, port: int, mei: Person, tmp_path: Path
) -> None:
    """The operator is told, and the first question is answered."""
    with serving(unbuilt, sandbox, port, tmp_path) as bot:
        mei.send("投诉怎么处理")
        (reply,) = mei.wait_for_replies(timeout_s=WAIT_S)
        assert bot.stop() == 0
        assert "building the index" in bot.lines[0]
    assert "接到投诉先听完" in reply.text


def test_a_running_bot_answers_from_a_new_index(
    home: Path, sandbox: Sandbox, port: int, mei: Person, tmp_path: Path
) -> None:
    """After `wenbao refresh` by another process, without a restart."""
    with serving(home, sandbox, port, tmp_path) as bot:
        mei.send("迟到三次")
        (before,) = mei.wait_for_replies(timeout_s=WAIT_S)
        report = home / "corpus" / "新.md"
        report.write_text("# 考勤\n\n## 规定\n\n迟到三次要写说明。\n", "utf-8")
        old = generation(home)
        assert wenbao("refresh", "--home", home).code == 0
        assert generation(home) != old
        mei.send("迟到三次")
        (_, after) = mei.wait_for_replies(2, timeout_s=WAIT_S)
        assert bot.stop() == 0
    assert NO_ANSWER in before.text
    assert "迟到三次要写说明。" in after.text
    assert "《考勤》" in after.text


def test_suggested_questions_are_offered_and_answered(
    sample: Path, sandbox: Sandbox, port: int, mei: Person, tmp_path: Path
) -> None:
    """/start brings buttons; tapping one, which sends its words, brings passages."""
    with serving(sample, sandbox, port, tmp_path) as bot:
        mei.send("/start")
        (greeting,) = mei.wait_for_replies(timeout_s=WAIT_S)
        rows = (greeting.reply_markup or {})["keyboard"]
        assert isinstance(rows, list)
        words = [button["text"] if isinstance(button, dict) else button for row in rows for button in row]
        assert len(words) == 3
        mei.send(words[0])
        (_, reply) = mei.wait_for_replies(2, timeout_s=WAIT_S)
        assert bot.stop() == 0
    assert "\n《" in reply.text
    assert reply.buttons[-1]["text"] == "👎"


def test_what_was_taken_before_a_kill_is_answered_after_it(
    home: Path, sandbox: Sandbox, port: int, mei: Person, tmp_path: Path
) -> None:
    """Telegram was told that the bot has the questions; the process dies before it answers them."""
    for question in ("投诉怎么处理", "外呼指标怎么定", "抽取工单回访"):
        mei.send(question)
    sandbox.faults.delay("sendMessage", 30.0, times=1)
    with serving(home, sandbox, port, tmp_path) as bot:
        bot.until(lambda: not sandbox.world.waiting_count)
        bot.process.kill()
        bot.process.wait()
    assert mei.replies() == ()
    inbox = home / ".wenbao" / "inbox.sqlite3"
    assert inbox.stat().st_mode & 0o077 == 0
    with serving(home, sandbox, port, tmp_path) as bot:
        replies = mei.wait_for_replies(3, timeout_s=WAIT_S)
        assert bot.stop() == 0
        assert "updates left by the last run: 3" in bot.text
    assert "接到投诉先听完" in replies[0].text
    assert "外呼指标按座席" in replies[1].text
    assert "每月抽取两成工单" in replies[2].text


def test_a_second_bot_on_the_same_home_is_refused(
    home: Path, sandbox: Sandbox, port: int, tmp_path: Path
) -> None:
    """With exit code 3 and one line; the first goes on."""
    with serving(home, sandbox, port, tmp_path) as bot:
        bot.until_line("is answering")
        with serving(home, sandbox, port, tmp_path) as other:
            assert other.process.wait(WAIT_S) == 3
            (line,) = other.lines
            assert "another wenbao serve runs here" in line
        assert bot.stop() == 0


def test_a_hangup_signal_takes_changes_in(
    home: Path, sandbox: Sandbox, port: int, mei: Person, tmp_path: Path
) -> None:
    """SIGHUP refreshes and reads the stop words again; a failure is a line and changes nothing."""
    with serving(home, sandbox, port, tmp_path) as bot:
        bot.until_line("is answering")
        (home / "corpus" / "新.md").write_text("# 考勤\n\n## 规定\n\n迟到三次要写说明。\n", "utf-8")
        old = generation(home)
        bot.process.send_signal(signal.SIGHUP)
        bot.until(lambda: generation(home) != old)
        bot.until_line("refresh (SIGHUP): ")
        mei.send("迟到三次")
        (reply,) = mei.wait_for_replies(timeout_s=WAIT_S)
        assert "迟到三次要写说明。" in reply.text
        (home / "config" / "synonyms.toml").write_text("[[", "utf-8")
        bot.process.send_signal(signal.SIGHUP)
        bot.until_line("refresh (SIGHUP) failed, the old index answers on")
        mei.send("迟到三次")
        mei.wait_for_replies(2, timeout_s=WAIT_S)
        assert bot.stop() == 0


def test_a_watched_corpus_is_taken_in(
    home: Path, sandbox: Sandbox, port: int, mei: Person, tmp_path: Path
) -> None:
    """Two files that come together are one change."""
    watching = {**os.environ, "WENBAO_CORPUS__WATCH": "true"}
    with serving(home, sandbox, port, tmp_path, base=watching) as bot:
        bot.until_line("refresh (the corpus changed): ")  # what changed before it watched
        old = generation(home)
        for name in ("新", "另"):
            (home / "corpus" / f"{name}.md").write_text(
                f"# {name}考勤\n\n## 规定\n\n迟到三次要写说明。\n", "utf-8"
            )
        bot.until(lambda: generation(home) != old)
        bot.until(lambda: bot.text.count("refresh (the corpus changed): ") == 2)
        mei.send("迟到三次")
        (reply,) = mei.wait_for_replies(timeout_s=WAIT_S)
        assert bot.stop() == 0
        assert "迟到三次要写说明。" in reply.text
        assert bot.text.count("refresh (the corpus changed): ") == 2


@pytest.mark.parametrize(
    ("settings", "words"),
    [({}, "webhook.url is not set"), ({"WENBAO_WEBHOOK__URL": "bot.example.org"}, "is no address")],
)
def test_a_webhook_needs_an_address(
    home: Path, sandbox: Sandbox, port: int, tmp_path: Path, settings: dict[str, str], words: str
) -> None:
    """Exit code 2 and one line that says how to write it."""
    with serving(home, sandbox, port, tmp_path, "--webhook", base={**os.environ, **settings}) as bot:
        assert bot.process.wait(WAIT_S) == 2
        (line,) = bot.lines
        assert words in line
