"""Inline mode: what is offered while somebody writes, over real HTTP through a strict server."""

import threading
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.answer import checked_question
from bot.chat import inline
from bot.chat.readers import CONVERTED
from bot.domain import Answer, Listed, Span
from bot.errors import EmptyCorpus, IndexUnavailable
from bot.sandbox.inline_nouns import InlineAnswer
from bot.sandbox.nouns import JsonObject
from bot.sandbox.people import Person
from bot.sandbox.utf16 import cut

from .bench import Bench, FakeDesk, answer, hit
from .notebook import Notebook


@pytest.fixture
def notebook() -> Notebook:
    """What the bot remembers."""
    return Notebook()


@pytest.fixture
async def bot(bench: Bench, notebook: Notebook) -> AsyncIterator[Bench]:
    """A bot with inline mode."""
    bench.sandbox.world.inline.is_on = True
    bench.around = bench.remembering(notebook)
    async with bench.serving():
        yield bench


def found(count: int, generation: str = "g1") -> Answer:
    """So many different passages."""
    hits = []
    for number in range(count):
        one = hit(f"第{number}条：接到投诉后，先安抚客户。再登记内容。", Span(6, 8))
        passage = replace(one.passage, passage_id=f"p{number}")
        hits.append(replace(one, passage=passage, rank=number + 1, excerpt=(Span(4, 16),)))
    return replace(answer(*hits), generation=generation)


async def asked(person: Person, query: str, offset: str = "") -> InlineAnswer:
    return await person.until_results(person.inline(query, offset=offset))


async def test_the_passage_that_is_chosen_is_posted(bot: Bench, mei: Person) -> None:
    """A list of sections with the sentences that answer; the message is the passage with its place."""
    bot.desk.rule = lambda _: found(2)
    query = mei.inline("怎么处理投诉")
    offered = await mei.until_results(query)
    assert [result.result_id for result in offered.results] == ["p0", "p1"]
    assert [result.title for result in offered.results] == ["(一) 流程", "(一) 流程"]
    assert offered.results[0].description == "接到投诉后，先安抚客户。\n《投诉报告》"
    assert offered.is_personal
    assert 0 < offered.cache_s <= 60
    assert offered.button is None
    message = mei.choose(query, "p1")
    assert message.text == "《投诉报告》 › 一、处理 › (一) 流程\n第1条：接到投诉后，先安抚客户。再登记内容。"
    bold = [cut(message.text, one.offset, one.end) for one in message.entities if one.kind == "bold"]
    assert bold == ["投诉"]
    assert links(message.reply_markup) == ["https://t.me/wenbao_bot?start=p_p1"]


def links(markup: JsonObject | None) -> list[str]:
    rows = (markup or {})["inline_keyboard"]
    assert isinstance(rows, list)
    return [button["url"] for row in rows for button in row]


async def test_results_come_in_pages(bot: Bench, mei: Person) -> None:
    """All pages together are the answer, no passage twice; the last one says that it is the last."""
    bot.desk.rule = lambda _: found(23)
    seen: list[str] = []
    offset = ""
    while True:
        page = await asked(mei, "投诉", offset)
        seen += [result.result_id for result in page.results]
        offset = page.next_offset
        if not offset:
            break
        assert len(page.results) == inline.RESULTS_A_PAGE
    assert seen == [f"p{number}" for number in range(23)]
    assert {hits for _, hits in bot.desk.asked} == {inline.MOST_RESULTS}


async def test_a_page_of_changed_reports_is_empty(bot: Bench, mei: Person) -> None:
    """The rest of another answer would repeat some passages and leave others out."""
    bot.desk.rule = lambda _: found(23)
    first = await asked(mei, "投诉")
    bot.desk.rule = lambda _: found(23, "g2")
    rest = await asked(mei, "投诉", first.next_offset)
    assert (rest.results, rest.next_offset, rest.button) == ((), "", None)


@pytest.mark.parametrize("offset", ["x", "-1:g1", "999999:g1", "٣:g1", ":"])
async def test_any_offset_is_answered(bot: Bench, mei: Person, offset: str) -> None:
    """Telegram only repeats ours, but nobody has to believe that."""
    bot.desk.rule = lambda _: found(3)
    assert len((await asked(mei, "投诉", offset)).results) <= 3


@pytest.mark.parametrize(
    ("query", "parameter", "text"),
    [
        ("", "inline", "输入问题"),
        ("  ", "inline", "输入问题"),
        ("你好吗", "help", "没有找到"),
        ("in:99 投诉", "help", "没有找到"),
    ],
)
async def test_without_results_there_is_a_way_to_the_bot(
    bot: Bench, mei: Person, query: str, parameter: str, text: str
) -> None:
    """A button above the list opens the chat, where /start takes it from there."""
    bot.desk.rule = refuse
    offered = await asked(mei, query)
    assert offered.results == ()
    assert offered.button is not None
    assert offered.button.start_parameter == parameter
    assert text in offered.button.text
    mei.open(parameter)
    said = "怎么问" if parameter == "help" else "你好"
    assert (await mei.until_replies())[0].text.startswith(said)


def refuse(question: str) -> Answer:
    """Do what a service does."""
    checked_question(question)
    return answer()


@pytest.mark.parametrize("error", [IndexUnavailable("no index"), EmptyCorpus("no reports")])
async def test_trouble_is_told_above_the_list(bot: Bench, ann: Person, error: Exception) -> None:
    """Nothing is written into a chat that the bot is not in."""

    def fail(_: str) -> Answer:
        raise error

    bot.desk.rule = fail
    offered = await asked(ann, "complaints")
    assert offered.button is not None
    assert offered.button.text
    assert ann.replies() == ()


async def test_a_report_can_be_named(bench: Bench, notebook: Notebook, mei: Person) -> None:
    """As in a chat."""

    class OneReport(FakeDesk):
        def report(self, report_id: str) -> Listed | None:
            return Listed("07-热线", "热线", "corpus/07-热线.md", range(3)) if report_id == "07" else None

    bench.desk = OneReport()
    bench.sandbox.world.inline.is_on = True
    bench.around = bench.remembering(notebook)
    async with bench.serving():
        assert len((await asked(mei, "in:07 投诉")).results) == 1
    assert (bench.desk.asked, bench.desk.within) == ([("投诉", inline.MOST_RESULTS)], ["07"])


async def test_passages_are_converted_by_choice(bot: Bench, mei: Person, notebook: Notebook) -> None:
    """And marked as converted, where they are posted too."""
    notebook.set_language(mei.user.user_id, CONVERTED)
    bot.desk.rule = lambda _: found(1)
    query = mei.inline("投诉")
    offered = await mei.until_results(query)
    assert "接到投訴後" in offered.results[0].description
    message = mei.choose(query, "p0")
    assert "《投訴報告》 › 一、處理" in message.text
    assert message.text.endswith("\n已轉換為繁體，原文為簡體")


async def test_a_query_that_was_given_up_is_let_go(bot: Bench, mei: Person) -> None:
    """Who typed on does not wait for it; nobody is told."""
    typed_on = threading.Event()

    def slow(_: str) -> Answer:
        typed_on.wait(5)
        return found(1)

    bot.desk.rule = slow
    query = mei.inline("投")
    await bot.until(lambda: bot.desk.asked)
    bot.sandbox.world.inline.answer(query.query_id, InlineAnswer(), 10)  # as if its time were over
    typed_on.set()
    assert len((await asked(mei, "投诉")).results) == 1
    assert mei.replies() == ()


@pytest.mark.parametrize(
    "text",
    ["<b>" * 100, "&" * 350, "😀" * 350, "\x00 \ud800"],
    ids=["tags", "ampersands", "emoji", "unsendable"],
)
async def test_any_passage_can_be_offered(bot: Bench, mei: Person, text: str) -> None:
    """Whatever a report holds, the strict server takes the results."""
    bot.desk.rule = lambda _: answer(hit(text, Span(0, len(text))))
    query = mei.inline("?")
    (result,) = (await mei.until_results(query)).results
    assert len(mei.choose(query, result.result_id).text) <= 4096
