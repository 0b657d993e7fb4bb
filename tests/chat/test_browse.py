"""/reports: browsing with buttons, over real HTTP through a strict server, in a real index."""

import shutil
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.chat import pace
from bot.chat.readers import CONVERTED
from bot.home import Home
from bot.sandbox.limits import UNLIMITED
from bot.sandbox.nouns import Chat, Message
from bot.sandbox.people import Person
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.wire import press_json
from bot.wiring import Service

from .bench import Bench
from .library import make_home, open_service
from .notebook import Notebook


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A Telegram, and a bot, without flood control: a test turns more pages a second than a person."""
    monkeypatch.setattr(pace, "_chat_quotas", lambda _chat_id: ())
    return Sandbox(limits=UNLIMITED)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose index is built once; to be copied."""
    root = tmp_path_factory.mktemp("library") / "home"
    open_service(make_home(root)).refresh()
    return root


@pytest.fixture(scope="session")
def shared(built: Path) -> Iterator[Service]:
    """The service of that home, for those who only read."""
    service = open_service(Home(built))
    yield service
    service.journal.close()


@pytest.fixture
def service(built: Path, tmp_path: Path) -> Iterator[Service]:
    """A home of its own, to be changed."""
    shutil.copytree(built, tmp_path / "home", symlinks=True)
    service = open_service(Home(tmp_path / "home"))
    yield service
    service.journal.close()


@pytest.fixture
async def bot(bench: Bench, request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """A bot with reports: the test's own if it asks for them."""
    own = "service" in request.fixturenames
    service: Service = request.getfixturevalue("service" if own else "shared")
    bench.at_the_desk = service
    bench.around = bench.remembering(service.journal)
    async with bench.serving():
        yield bench


def rows(message: Message) -> list[list[str]]:
    """What is written on the buttons below a message."""
    keyboard = (message.reply_markup or {}).get("inline_keyboard", [])
    assert isinstance(keyboard, list)
    return [[button["text"] for button in row] for row in keyboard]


async def tap(bench: Bench, person: Person, message: Message, text: str) -> Message:
    """Press a button, wait for its answer, and return the message as it is then."""
    press = person.press(message, text=text)
    await bench.until(lambda: person.answer_to(press))
    return now(bench, message)


async def notice(bench: Bench, person: Person, message: Message, text: str) -> str:
    """Press a button and return the notice that answers it."""
    press = person.press(message, text=text)
    await bench.until(lambda: person.answer_to(press))
    answered = person.answer_to(press)
    assert answered is not None
    assert answered.answer is not None
    return answered.answer.text


def now(bench: Bench, message: Message) -> Message:
    present = bench.sandbox.world.find_message(message.chat_id, message.message_id)
    assert present is not None
    return present


async def opened(bench: Bench, person: Person, *taps: str, chat: Chat | None = None) -> Message:
    """Send /reports and press buttons one after the other."""
    before = len(person.replies(chat))
    person.send("/reports", chat=chat)
    message = (await person.until_replies(before + 1, chat=chat))[-1]
    for text in taps:
        message = await tap(bench, person, message, text)
    return message


async def test_from_the_reports_to_what_stands_there(bot: Bench, mei: Person) -> None:
    """Reports, a report's outline, a section word for word; all in one message."""
    message = await opened(bot, mei)
    assert message.text == "报告目录（3 份）"
    assert rows(message) == [["投诉处理报告"], ["外呼指标报告"], ["热线记录报告"]]
    message = await tap(bot, mei, message, "投诉处理报告")
    assert message.text == (
        "《投诉处理报告》\n3 节，点数字打开：\n\n"
        "一、受理\n\u30001. （一）登记\n\u30002. （二）分级\n3. 二、回访\n\n只查这份：/search 01 加问题"
    )
    assert rows(message) == [["1", "2", "3"], ["在本报告里查", "整份文件"], ["全部报告"]]
    message = await tap(bot, mei, message, "2")
    assert message.text == (
        "《投诉处理报告》 › 一、受理 › （二）分级\n"
        "投诉分为一般、重要、紧急三级，紧急投诉须在十分钟内上报值班经理。"
    )
    assert rows(message) == [["‹ 返回"]]
    message = await tap(bot, mei, message, "‹ 返回")
    assert message.text.startswith("《投诉处理报告》\n3 节")
    message = await tap(bot, mei, message, "全部报告")
    assert message.text == "报告目录（3 份）"
    assert len(mei.replies()) == 1


async def test_an_outline_has_pages(bot: Bench, mei: Person) -> None:
    """The way back from a section leads to the page that it is on."""
    message = await opened(bot, mei, "外呼指标报告")
    assert rows(message)[:3] == [["1", "2", "3", "4", "5"], ["6", "7", "8", "9", "10"], ["下一页 ›"]]
    assert "\n第 1/2 页" in message.text
    message = await tap(bot, mei, message, "下一页 ›")
    assert rows(message)[:2] == [["11", "12", "13"], ["‹ 上一页"]]
    assert "第12节 指标12" in message.text
    message = await tap(bot, mei, message, "12")
    assert "第12个工作日" in message.text
    message = await tap(bot, mei, message, "‹ 返回")
    assert "\n第 2/2 页" in message.text


async def test_a_long_section_has_pages(bot: Bench, mei: Person, service: Service) -> None:
    """All its passages, in order, in messages that a phone shows well."""
    message = await opened(bot, mei, "热线记录报告", "1")
    assert rows(message) == [["下一页 ›"], ["‹ 返回"]]
    seen = message.text
    while any("下一页 ›" in row for row in rows(message)):
        message = await tap(bot, mei, message, "下一页 ›")
        seen += message.text
    assert rows(message)[0] == ["‹ 上一页"]
    places = [seen.find(passage.text) for passage in service.passages("07-热线")]
    assert -1 not in places
    assert places == sorted(places)


async def test_many_reports_have_pages(bot: Bench, mei: Person, service: Service) -> None:
    """Eight a page."""
    for number in range(10, 20):
        (service.home.corpus / f"{number}.md").write_text(
            f"# 第{number}份\n\n## 一\n\n客服{number}。\n", "utf-8"
        )
    service.refresh()
    message = await opened(bot, mei)
    assert len(rows(message)) == 9
    message = await tap(bot, mei, message, "下一页 ›")
    assert rows(message)[-1] == ["‹ 上一页"]
    assert message.text == "报告目录（13 份）\n第 2/2 页"
    message = await tap(bot, mei, message, "第17份")
    message = await tap(bot, mei, message, "全部报告")
    assert message.text.endswith("第 2/2 页")


async def test_buttons_work_after_a_restart(bench: Bench, mei: Person, service: Service) -> None:
    """What they mean is remembered."""
    bench.at_the_desk = service
    bench.around = bench.remembering(service.journal)
    async with bench.serving():
        message = await opened(bench, mei, "投诉处理报告")
    bench.stop.clear()
    again = open_service(service.home)
    bench.at_the_desk = again
    bench.around = bench.remembering(again.journal)
    async with bench.serving():
        message = await tap(bench, mei, message, "3")
    again.journal.close()
    assert "三天内回访" in message.text


async def test_a_button_from_before_a_refresh_opens_the_same_or_nothing(
    bot: Bench, mei: Person, service: Service
) -> None:
    """A section that moved is found by its words; one that was changed is gone, with a way to start again."""
    message = await opened(bot, mei, "投诉处理报告")
    file = service.home.corpus / "01-投诉.md"
    text = file.read_text("utf-8").replace("十分钟", "五分钟")
    file.write_text(text.replace("## 一、受理", "## 零、新的一节\n\n新的内容。\n\n## 一、受理"), "utf-8")
    service.refresh()
    moved = await tap(bot, mei, message, "3")
    assert "三天内回访" in moved.text
    message = await opened(bot, mei, "投诉处理报告")
    assert "新的一节" in message.text
    file.write_text(text.replace("五分钟", "一分钟"), "utf-8")
    service.refresh()
    message = await tap(bot, mei, message, "3")
    assert message.text.startswith("资料已更新")
    assert rows(message) == [["全部报告"]]
    message = await tap(bot, mei, message, "全部报告")
    assert message.text == "报告目录（3 份）"


async def test_a_message_that_is_too_old_to_change_says_so(bot: Bench, mei: Person) -> None:
    """Telegram then tells only where it stood."""
    message = await opened(bot, mei, "投诉处理报告")
    world = bot.sandbox.world
    for button in message.buttons:
        press = world.presses.add(mei.user, message, str(button["callback_data"]))
        place = {"message_id": message.message_id, "chat": {"id": message.chat_id, "type": "private"}}
        world.emit("callback_query", press_json(press, {**place, "date": 0}))
        await bot.until(partial(mei.answer_to, press))
        answered = mei.answer_to(press)
        assert answered is not None
        assert answered.answer is not None
        assert "失效" in answered.answer.text
    assert now(bot, message).text == message.text
    assert len(mei.replies()) == 1


async def test_an_id_that_passed_to_another_report_is_not_followed(
    bot: Bench, mei: Person, service: Service
) -> None:
    """The same words stand in two reports; the first is withdrawn, and the second gets its id."""
    words = "# {}\n\n## 一、处理\n\n投诉须当天处理完毕。\n"
    for name, title in (("03.md", "旧办法"), ("04.md", "新办法")):
        (service.home.corpus / name).write_text(words.format(title), "utf-8")
    service.refresh()
    message = await opened(bot, mei, "旧办法")
    (service.home.corpus / "03.md").unlink()
    service.refresh()
    message = await tap(bot, mei, message, "1")
    assert message.text.startswith("资料已更新")


async def test_a_report_that_was_renamed_is_found_by_its_title(
    bot: Bench, mei: Person, service: Service
) -> None:
    """And a file that holds another report by now is not taken for it."""
    message = await opened(bot, mei)
    corpus = service.home.corpus
    (corpus / "01-投诉.md").rename(corpus / "09-投诉.md")
    (corpus / "02-外呼.md").write_text("# 别的报告\n\n## 一\n\n别的内容。\n", "utf-8")
    service.refresh()
    first = await tap(bot, mei, message, "投诉处理报告")
    assert "3. 二、回访" in first.text
    message = await opened(bot, mei)
    assert rows(message)[0] == ["别的报告"]
    (corpus / "02-外呼.md").write_text("# 又一份\n\n## 一\n\n又一些内容。\n", "utf-8")
    service.refresh()
    message = await tap(bot, mei, message, "别的报告")
    assert message.text.startswith("资料已更新")


async def test_questions_can_be_asked_within_a_report(bot: Bench, mei: Person) -> None:
    """From the button on until one leaves; others are not concerned, nor is a question that says where."""
    outline = await opened(bot, mei, "热线记录报告")
    await tap(bot, mei, outline, "在本报告里查")
    said = mei.replies()[-1]
    assert said.text == "已限定在《热线记录报告》里查，直接提问即可。"
    mei.send("怎么处理投诉")
    reply = (await mei.until_replies(3))[-1]
    assert "《投诉处理报告》" not in reply.text
    mei.send("in:01 怎么处理投诉")
    reply = (await mei.until_replies(4))[-1]
    assert "《投诉处理报告》" in reply.text
    assert "《外呼指标报告》" not in reply.text
    assert (await tap(bot, mei, said, "查全部报告")).text == "好，以后查全部报告。"
    mei.send("怎么处理投诉")
    reply = (await mei.until_replies(5))[-1]
    assert "《投诉处理报告》" in reply.text


@pytest.mark.usefixtures("bot")
async def test_a_report_that_nobody_has_is_named(mei: Person) -> None:
    """Instead of asking all of them."""
    mei.send("in:99 怎么处理投诉")
    (reply,) = await mei.until_replies()
    assert reply.text == "没有“99”这份报告。发 /reports 可以看到全部报告。"


@pytest.mark.parametrize("command", ["/search 01 怎么处理投诉", "/search in:01 怎么处理投诉"])
@pytest.mark.usefixtures("bot")
async def test_a_search_looks_in_the_report_that_it_names(mei: Person, command: str) -> None:
    """For this question; the next one is asked of all again."""
    mei.send(command)
    (reply,) = await mei.until_replies()
    assert reply.text.startswith("只查了《投诉处理报告》")
    mei.send("怎么处理投诉")
    assert "只查了" not in (await mei.until_replies(2))[-1].text


@pytest.mark.usefixtures("bot")
async def test_a_search_with_a_number_only_keeps_to_the_report(mei: Person) -> None:
    """As its button does."""
    mei.send("/search 07")
    mei.send("怎么处理投诉")
    said, reply = await mei.until_replies(2)
    assert said.text == "已限定在《热线记录报告》里查，直接提问即可。"
    assert "《投诉处理报告》" not in reply.text


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("/search", "只查一份报告：发 /search 加编号和问题"),
        ("/search 99", "没有“99”这份报告"),
        ("/search 99 投诉", "没有“99”这份报告"),
        ("/search 3天内怎么处理投诉", "投诉处理完成后三天内"),
    ],
)
@pytest.mark.usefixtures("bot")
async def test_a_search_without_a_report(mei: Person, command: str, said: str) -> None:
    """Shows what there is, says what there is not, or is a question; figures within one are no report."""
    mei.send(command)
    (reply,) = await mei.until_replies()
    assert said in reply.text
    if command == "/search":
        assert "热线记录报告" in [button["text"] for button in reply.buttons]


async def test_groups_browse_too(bot: Bench, mei: Person, ann: Person) -> None:
    """Anybody may turn the pages, in the language of whoever does; a scope is one's own."""
    group = bot.sandbox.group("客服组", [mei, ann])
    message = await opened(bot, mei, "热线记录报告", chat=group)
    assert "Sections: 1" in (await tap(bot, ann, await tap(bot, ann, message, "1"), "‹ Back")).text
    await tap(bot, ann, message, "Ask within this report")
    assert "/ask" in ann.replies(group)[-1].text
    mei.send("/ask 怎么处理投诉", chat=group)
    reply = (await mei.until_replies(3, chat=group))[-1]
    assert "《投诉处理报告》" in reply.text
    ann.send("/ask 怎么处理投诉", chat=group)
    reply = (await ann.until_replies(4, chat=group))[-1]
    assert "《投诉处理报告》" not in reply.text


async def test_the_file_of_a_report_is_sent(bot: Bench, mei: Person, service: Service) -> None:
    """As it lies in the corpus."""
    message = await opened(bot, mei, "投诉处理报告")
    await tap(bot, mei, message, "整份文件")
    sent = (await mei.until_replies(2))[-1]
    assert mei.download(sent) == (service.home.corpus / "01-投诉.md").read_bytes()
    assert sent.text == "《投诉处理报告》在这份文件里。"
    assert sent.file is not None
    assert sent.file.name == "01-投诉.md"


async def test_a_file_that_is_not_there_is_not_sent(
    bot: Bench, mei: Person, service: Service, tmp_path: Path
) -> None:
    """Gone since the last refresh, or a link that leads out of the home."""
    message = await opened(bot, mei, "投诉处理报告")
    file = service.home.corpus / "01-投诉.md"
    secret = tmp_path / "secret.md"
    secret.write_text("secret", "utf-8")
    file.unlink()
    assert "取不到" in await notice(bot, mei, message, "整份文件")
    file.symlink_to(secret)
    assert "取不到" in await notice(bot, mei, message, "整份文件")
    assert len(mei.replies()) == 1


async def test_a_file_beyond_telegrams_limit_is_not_sent(bot: Bench, mei: Person, service: Service) -> None:
    """The one who asked is told why."""
    message = await opened(bot, mei, "投诉处理报告")
    with (service.home.corpus / "01-投诉.md").open("r+b") as file:
        file.truncate(50_000_001)
    assert "太大" in await notice(bot, mei, message, "整份文件")


async def test_passages_are_converted_by_choice(bot: Bench, mei: Person, service: Service) -> None:
    """Marked as such; the text as it is written is one tap away, and back."""
    service.journal.set_language(mei.user.user_id, CONVERTED)
    message = await opened(bot, mei, "投訴處理報告", "3")
    assert message.text == (
        "《投訴處理報告》 › 二、回訪\n"
        "投訴處理完成後三天內回訪客戶，確認客戶是否滿意。\n已轉換為繁體，原文為簡體"
    )
    original = rows(message)[-1][-1]
    message = await tap(bot, mei, message, original)
    assert message.text == "《投诉处理报告》 › 二、回访\n投诉处理完成后三天内回访客户，确认客户是否满意。"
    message = await tap(bot, mei, message, rows(message)[-1][-1])
    assert "已轉換為繁體" in message.text


async def test_without_reports_there_is_nothing_to_browse(bench: Bench, mei: Person) -> None:
    """And that is said."""
    bench.around = bench.remembering(Notebook())
    async with bench.serving():
        mei.send("/reports")
        (reply,) = await mei.until_replies()
    assert reply.text.startswith("现在还没有报告")
    assert reply.reply_markup is None


async def test_files_are_declined(bot: Bench, mei: Person) -> None:
    """Reports are added by the one who runs the bot."""
    assert bot.around.memory is not None
    mei.send_document(b"# x", "report.md")
    (reply,) = await mei.until_replies()
    assert reply.text.startswith("我不收文件")
