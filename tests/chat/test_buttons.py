"""What the buttons of cards do, over real HTTP through a strict server, in a real index."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat import pace
from bot.chat.readers import CONVERTED
from bot.domain import Answer, Repair, Span
from bot.home import Home
from bot.sandbox.limits import UNLIMITED
from bot.sandbox.nouns import JsonObject, Message
from bot.sandbox.people import Person
from bot.sandbox.sandbox import Sandbox
from bot.settings import Settings
from bot.wiring import Service

from .bench import Bench, answer, hit, marked
from .library import COMPLAINTS, make_home, open_service
from .notebook import Notebook

QUESTION = "外呼指标怎么设定"


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A Telegram, and a bot, without flood control: a test presses more buttons a second than a person."""
    monkeypatch.setattr(pace, "_chat_quotas", lambda _chat_id: ())
    return Sandbox(limits=UNLIMITED)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose index is built once; to be copied."""
    root = tmp_path_factory.mktemp("library") / "home"
    open_service(make_home(root)).refresh()
    return root


@pytest.fixture
def service(built: Path, tmp_path: Path) -> Service:
    """A home of its own, with what a first question loads: tests wait five seconds for an answer."""
    shutil.copytree(built, tmp_path / "home", symlinks=True)
    service = open_service(Home(tmp_path / "home"))
    service.ask(QUESTION)
    return service


@pytest.fixture
def notebook(bench: Bench) -> Notebook:
    """What the bot remembers."""
    notebook = Notebook()
    bench.around = bench.remembering(notebook)
    return notebook


@pytest.fixture
async def bot(bench: Bench, service: Service, notebook: Notebook) -> AsyncIterator[Bench]:
    """A bot with reports."""
    assert bench.around.memory is notebook
    bench.at_the_desk = service
    async with bench.serving():
        yield bench


def labels(message: Message) -> list[str]:
    """What is written on the buttons below a message."""
    return [str(button["text"]) for button in message.buttons]


def link(message: Message, text: str) -> str:
    """Where a button leads."""
    return next(str(button["url"]) for button in message.buttons if button["text"] == text)


async def pressed(bench: Bench, person: Person, message: Message, text: str) -> tuple[Message, str]:
    """Press a button; return the message as it is then, and the notice."""
    press = person.press(message, text=text)
    await bench.until(lambda: person.answer_to(press))
    answered = person.answer_to(press)
    assert answered is not None
    assert answered.answer is not None
    present = bench.sandbox.world.find_message(message.chat_id, message.message_id)
    assert present is not None
    return present, answered.answer.text


async def tap(bench: Bench, person: Person, message: Message, text: str) -> Message:
    return (await pressed(bench, person, message, text))[0]


async def card(person: Person, question: str = QUESTION) -> Message:
    person.send(question)
    return (await person.until_replies())[-1]


async def aside(*_: object) -> None:
    """Stand in for a thread where none is wanted."""
    pytest.fail("it was answered in a thread")


@pytest.fixture
def serviced(bench: Bench, built: Path, tmp_path: Path) -> Iterator[Service]:
    """A service that the bot answers from."""
    shutil.copytree(built, tmp_path / "home", symlinks=True)
    service = Service(Home(tmp_path / "home"), Settings(), warn=pytest.fail, many=True)
    bench.at_the_desk = service
    bench.around = bench.remembering(service.journal)
    yield service
    service.journal.close()


async def test_what_was_asked_lately_is_answered_without_a_thread(
    bench: Bench, serviced: Service, mei: Person, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same card, written down as the first was, whose buttons work."""
    monkeypatch.setattr("bot.wiring._FEW_PASSAGES", 0)
    async with bench.serving():
        first = await card(mei)
        with monkeypatch.context() as no_threads:
            no_threads.setattr("bot.chat.asking.asyncio.to_thread", aside)
            mei.send(QUESTION)
            second = (await mei.until_replies(2))[-1]
        assert (second.text, labels(second)) == (first.text, labels(first))
        assert second.message_id != first.message_id
        await tap(bench, mei, second, "更多 ▸")
        assert (await card(ann)).text != first.text  # she reads English
    assert sum(day.questions for day in serviced.journal.stats(days=1).days) == 3


async def test_of_few_passages_a_first_question_is_answered_without_a_thread(
    bench: Bench, serviced: Service, mei: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes less than the way there and back; its buttons work."""
    serviced.ready(advance=lambda: pytest.fail("nothing had to be built"))
    async with bench.serving():
        with monkeypatch.context() as no_threads:
            no_threads.setattr("bot.chat.asking.asyncio.to_thread", aside)
            first = await card(mei)
        await tap(bench, mei, first, "更多 ▸")
    assert sum(day.questions for day in serviced.journal.stats(days=1).days) == 1


async def test_more_turns_the_page_in_place(bot: Bench, mei: Person) -> None:
    """Forth and back; no message is added."""
    first = await card(mei)
    assert labels(first) == ["① 展开", "② 展开", "③ 展开", "命中的词", "更多 ▸", "👍", "👎"]
    second = await tap(bot, mei, first, "更多 ▸")
    assert [one for one in "①②③④⑤⑥" if one in second.text] == ["④", "⑤", "⑥"]
    assert labels(second)[3:6] == ["◂ 前面", "命中的词", "更多 ▸"]
    again = await tap(bot, mei, second, "◂ 前面")
    assert (again.text, labels(again)) == (first.text, labels(first))
    assert len(mei.replies()) == 1


async def test_a_passage_is_opened_and_left(bot: Bench, mei: Person) -> None:
    """With what can be done with it."""
    first = await card(mei)
    opened = await tap(bot, mei, first, "② 展开")
    assert opened.text.startswith("《外呼指标报告》 › ")
    assert labels(opened) == ["上下文", "整节", "分享", "整份文件", "👍", "👎", "‹ 返回"]
    back = await tap(bot, mei, opened, "‹ 返回")
    assert (back.text, labels(back)) == (first.text, labels(first))


async def test_what_matched_stays_marked(bot: Bench, mei: Person) -> None:
    """Also in a passage that is opened, and in it between its neighbours, which can be put away again."""
    shown = await card(mei, "第3个工作日外呼指标3")
    opened = await tap(bot, mei, shown, "① 展开")
    assert "外呼指标3" in "".join(marked(opened, "bold"))
    between = await tap(bot, mei, opened, "上下文")
    assert marked(between, "bold") == marked(opened, "bold")
    assert labels(between)[0] == "收起上下文"
    assert (await tap(bot, mei, between, "收起上下文")).text == opened.text


@pytest.mark.usefixtures("bot")
async def test_a_card_says_where_a_passage_stands(service: Service, mei: Person) -> None:
    """The report, the path of headings, and which of the report's passages it is."""
    shown = await card(mei, "第3个工作日外呼指标3")
    ids = [passage.passage_id for passage in service.passages("02")]
    hits = service.ask("第3个工作日外呼指标3", hits=12).hits[:3]
    assert marked(shown, "italic") == [
        f"《外呼指标报告》 › {hit.passage.section[-1]} · 第 {ids.index(hit.passage.passage_id) + 1}/13 段"
        for hit in hits
    ]


async def test_a_shared_link_opens_the_passage(bot: Bench, mei: Person, ann: Person) -> None:
    """The share button carries a link to the bot, and its parameter opens the same passage for others."""
    opened = await tap(bot, mei, await card(mei), "① 展开")
    address = link(opened, "分享")
    assert address.startswith("https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fwenbao_bot%3Fstart%3Dp_")
    parameter = address.partition("start%3D")[2].partition("&")[0]
    ann.open(parameter)
    (seen,) = await ann.until_replies()
    assert seen.text == opened.text.replace("第 1/13 段", "passage 1 of 13")
    assert labels(seen) == ["Context", "Section", "Share", "The whole file"]


@pytest.mark.usefixtures("bot")
async def test_a_link_to_what_is_gone_says_so(mei: Person) -> None:
    """Nothing else is shown instead."""
    mei.open("p_000000000000")
    (reply,) = await mei.until_replies()
    assert reply.text.startswith("资料已更新")


async def test_the_context_is_what_stands_around(bot: Bench, service: Service, mei: Person) -> None:
    """The passage as a quotation between its neighbours."""
    shown = await tap(bot, mei, await card(mei, "第3个工作日外呼指标3"), "① 展开")
    shown = await tap(bot, mei, shown, "上下文")
    texts = [passage.text for passage in service.passages("02")]
    places = [shown.text.find(text) for text in texts]
    found = [at for at in places if at >= 0]
    assert len(found) in {2, 3}
    assert found == sorted(found)
    assert "上文" in shown.text or "下文" in shown.text


async def test_a_whole_section_is_sent(bot: Bench, service: Service, mei: Person) -> None:
    """Below its heading, word for word."""
    shown = await tap(bot, mei, await card(mei, "热线通话记录第5条"), "① 展开")
    await tap(bot, mei, shown, "整节")
    await bot.until(lambda: "第14条" in mei.replies()[-1].text)
    messages = [reply.text for reply in mei.replies()[1:]]
    passages = service.passages("07")
    written = "".join("".join(passage.text.split()) for passage in passages)
    sent = "".join("".join(text.split()) for text in messages)
    assert len(messages) == 1
    assert sent == "《热线记录报告》›一、通话记录" + written


async def test_a_report_is_sent_as_its_file(bot: Bench, mei: Person) -> None:
    """As the corpus has it."""
    shown = await tap(bot, mei, await card(mei, "紧急投诉十分钟上报值班经理"), "① 展开")
    await tap(bot, mei, shown, "整份文件")
    document = (await mei.until_replies(2))[-1]
    assert mei.download(document) == COMPLAINTS.encode()


async def test_matched_words_are_told_over_the_chat(bot: Bench, mei: Person) -> None:
    """The message stays as it is."""
    first = await card(mei)
    same, notice = await pressed(bot, mei, first, "命中的词")
    assert notice.startswith("命中的词：\n① ")
    assert "指标" in notice
    assert same.text == first.text


async def test_thumbs_are_noted_for_each_user(
    bot: Bench, notebook: Notebook, mei: Person, ann: Person
) -> None:
    """In a group everybody has one, and can say what is wrong."""
    group = bot.sandbox.group("客服组", [mei, ann])
    mei.send(f"/ask {QUESTION}", chat=group)
    (shown,) = await mei.until_replies(chat=group)
    _, notice = await pressed(bot, mei, shown, "👍")
    assert notice == "谢谢！"
    _, notice = await pressed(bot, ann, shown, "👎")
    assert notice == "What is wrong?"
    reasons = ["Wrong passage", "Outdated", "Incomplete", "Other"]
    await bot.until(lambda: labels(ann.replies(group)[0])[-4:] == reasons)  # the notice comes before them
    await tap(bot, ann, ann.replies(group)[0], "Outdated")
    await bot.until(lambda: labels(ann.replies(group)[0]) == labels(shown))
    passage = next(passage for _, _, passage in notebook.judgements)
    assert notebook.judgements == {
        (1, mei.user.user_id, passage): (True, ""),
        (1, ann.user.user_id, passage): (False, "outdated"),
    }


async def test_questions_are_written_down(bot: Bench, notebook: Notebook, mei: Person) -> None:
    """Answered or not, with who asked, where and in which language."""
    group = bot.sandbox.group("客服组", [mei])
    await card(mei)
    mei.send("/ask 量子纠缠", chat=group)
    await mei.until_replies(chat=group)
    user = mei.user.user_id
    assert notebook.questions == [
        (QUESTION, user, user, "zh", "private"),
        ("量子纠缠", user, group.chat_id, "zh", "group"),
    ]


async def test_buttons_outlive_a_restart(
    bench: Bench, service: Service, notebook: Notebook, mei: Person
) -> None:
    """The bot that comes after knows what they mean."""
    bench.at_the_desk = service
    async with bench.serving():
        first = await card(mei)
    bench.stop.clear()
    assert notebook.buttons
    async with bench.serving():
        assert "④" in (await tap(bench, mei, first, "更多 ▸")).text


async def test_buttons_find_their_passages_after_a_refresh(bot: Bench, service: Service, mei: Person) -> None:
    """By what they say, wherever they stand now; a page that would be another one is not shown."""
    first = await card(mei)
    text = first.text
    (service.home.corpus / "02-外呼.md").rename(service.home.corpus / "09-外呼.md")
    service.refresh()
    opened = await tap(bot, mei, first, "① 展开")
    assert opened.text.startswith("《外呼指标报告》")
    again = await tap(bot, mei, opened, "‹ 返回")
    assert again.text == text
    (service.home.corpus / "09-外呼.md").write_text(
        "# 外呼指标报告\n\n## 新规\n\n外呼指标由组长每月设定。\n", "utf-8"
    )
    service.refresh()
    gone = await tap(bot, mei, again, "② 展开")
    assert gone.text == "资料已更新，这里的内容变了。"
    assert labels(gone) == ["重新提问"]
    anew = await tap(bot, mei, gone, "重新提问")
    assert "外呼指标由组长每月设定。" in anew.text


async def test_a_page_of_other_passages_is_not_shown(bot: Bench, service: Service, mei: Person) -> None:
    """Turning the page after a refresh says that the reports have changed."""
    first = await card(mei)
    (service.home.corpus / "02-外呼.md").unlink()
    service.refresh()
    assert (await tap(bot, mei, first, "更多 ▸")).text == "资料已更新，这里的内容变了。"


async def test_an_old_button_after_all_reports_are_gone(bot: Bench, service: Service, mei: Person) -> None:
    """Is answered all the same."""
    first = await card(mei)
    for path in service.home.corpus.iterdir():
        path.unlink()
    service.refresh()
    gone = await tap(bot, mei, first, "更多 ▸")
    assert labels(gone) == ["重新提问"]
    _, notice = await pressed(bot, mei, gone, "重新提问")
    assert notice.startswith("现在还没有报告")


@pytest.mark.parametrize("data", ["open", "open.999", "bad.x", "steal.0", "open.0.0", "page.0~1", "重"])
async def test_what_a_button_adds_is_not_trusted(
    bot: Bench, notebook: Notebook, mei: Person, data: str
) -> None:
    """What no button of ours adds is declined or says that it is gone; a wrong passage is never shown."""
    first = await card(mei)
    remembered = next(iter(notebook.buttons))
    keyboard: JsonObject = {"inline_keyboard": [[{"text": "按", "callback_data": f"{remembered}~{data}"}]]}
    world = bot.sandbox.world
    forged = world.revise(first.chat_id, first.message_id, replace(first.content, reply_markup=keyboard))
    present, notice = await pressed(bot, mei, forged, "按")
    known = (first.text, "资料已更新，这里的内容变了。")
    assert present.text in known or present.text.startswith("《外呼指标报告》")
    assert notice or present.text != first.text


def mistyped(question: str, *, literal: bool) -> Answer:
    """An answer to a mistyped question, or to what was written."""
    found = answer(hit("按原样" if literal else "投诉要登记"))
    return replace(found, question=question, repairs=() if literal else (Repair(Span(0, 2), "投拆", "投诉"),))


async def test_a_typo_is_named_and_can_be_looked_up_as_written(bench: Bench, mei: Person) -> None:
    """In place, by a button."""
    bench.desk.rule = lambda question: mistyped(question, literal=bench.desk.literal[-1])
    async with bench.serving():
        mei.send("投拆处理")
        (reply,) = await mei.until_replies()
        assert reply.text.startswith("按“投诉处理”查找\n\n投诉要登记\n")
        shown = await tap(bench, mei, reply, "不改字，按原样查")
        assert shown.text.startswith("按原样\n")
        assert "不改字，按原样查" not in labels(shown)
        assert bench.desk.literal == [False, True]


async def test_the_nearest_sections_of_a_refused_question_can_be_opened(
    bench: Bench, service: Service, mei: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the words that no report has; and the way back."""
    near = service.passages("01")[1]
    refused = replace(answer(), missing=("量子",), nearest=(near,))
    monkeypatch.setattr(service, "ask", lambda question, **_: replace(refused, question=question))
    bench.at_the_desk = service
    async with bench.serving():
        mei.send("量子投诉")
        (reply,) = await mei.until_replies()
        assert reply.text == (
            "报告里没有写到能回答这个问题的内容。\n报告里没有这些词：“量子”\n\n最接近的是这几节，点开看看："
        )
        assert labels(reply) == ["（二）分级 · 《投诉处理报告》"]
        section = await tap(bench, mei, reply, labels(reply)[0])
        assert near.text in section.text
        assert (await tap(bench, mei, section, "‹ 返回")).text == reply.text


async def test_traditional_readers_get_converted_headings(
    bench: Bench, service: Service, mei: Person, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the buttons to the nearest sections as well, and in their own quotation marks."""
    notebook.set_language(mei.user.user_id, CONVERTED)
    refused = replace(answer(), missing=("量子",), nearest=(service.passages("01")[1],))
    monkeypatch.setattr(service, "ask", lambda question, **_: replace(refused, question=question))
    bench.at_the_desk = service
    async with bench.serving():
        mei.send("in:01 量子")
        (reply,) = await mei.until_replies()
    assert labels(reply) == ["（二）分級 · 《投訴處理報告》", "查全部報告"]
    assert reply.text.startswith("只查了《投訴處理報告》\n報告裡沒有寫到")
    assert "「量子」" in reply.text


async def test_traditional_readers_get_converted_passages(
    bot: Bench, notebook: Notebook, mei: Person
) -> None:
    """Marked as such, with the original one tap away."""
    notebook.set_language(mei.user.user_id, CONVERTED)
    shown = await card(mei)
    assert shown.text.startswith("已轉換為繁體，原文為簡體\n\n")
    assert "外呼指標" in shown.text
    opened = await tap(bot, mei, shown, "① 展開")
    assert "外呼指標" in opened.text
    original = await tap(bot, mei, opened, "看簡體原文")
    assert "外呼指标" in original.text
    assert "外呼指標" in (await tap(bot, mei, original, "看繁體")).text
    assert (await tap(bot, mei, original, "上下文")).text.startswith("已轉換為繁體")
    await tap(bot, mei, original, "整節")
    section = (await mei.until_replies(2))[-1]
    assert section.text.startswith("已轉換為繁體，原文為簡體\n《外呼指標報告》")


async def test_questions_within_one_report_say_so(bot: Bench, mei: Person) -> None:
    """And can be asked of all reports by a button."""
    shown = await card(mei, "in:01 投诉登记")
    assert shown.text.startswith("只查了《投诉处理报告》\n\n")
    everywhere = await tap(bot, mei, shown, "查全部报告")
    assert "只查了" not in everywhere.text
    assert "查全部报告" not in labels(everywhere)
