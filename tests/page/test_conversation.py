"""The real bot on the page, as somebody meets it who has just typed `wenbao try`."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .browsing import PHONE, Tab

pytestmark = pytest.mark.browser

Visit = Callable[..., Tab]
ANSWER_MS = 15_000
BUILD_MS = 60_000


def wait_for_reply(tab: Tab, number: int) -> None:
    expect(tab.replies).to_have_count(number, timeout=ANSWER_MS)


def test_a_first_visit(address: str, visit: Visit) -> None:
    """START brings questions to tap; tapping one brings passages with their report, matched words bold."""
    tab = visit(address)
    tab.press("开始")
    wait_for_reply(tab, 1)
    tab.page.locator("#keyboard button").first.click()
    wait_for_reply(tab, 2)
    answer = tab.replies.last
    expect(answer).to_contain_text("《")
    expect(answer.locator(".text b").first).to_be_visible()


def test_an_answer_is_read_from_its_beginning(address: str, visit: Visit) -> None:
    """An answer longer than the window is not scrolled past."""
    tab = visit(address, viewport={"width": 900, "height": 420})
    tab.say("怎么处理投诉")
    wait_for_reply(tab, 1)
    expect(tab.replies.first).to_be_in_viewport(ratio=0.05)
    top = tab.page.evaluate("() => document.querySelector('.theirs').getBoundingClientRect().top")
    assert top >= 0


def test_a_second_user_reads_another_language(address: str, visit: Visit) -> None:
    """They have a chat of their own, and the bot greets them in theirs."""
    tab = visit(address)
    tab.press("开始")
    wait_for_reply(tab, 1)
    tab.sit_as("User B")
    expect(tab.messages).to_have_count(0)
    tab.press("开始")
    wait_for_reply(tab, 1)
    expect(tab.replies).to_contain_text("Hello")


def test_in_a_group_the_bot_answers_commands_only(address: str, visit: Visit) -> None:
    """To the one who asked, and never to talk."""
    tab = visit(address)
    tab.open_chat("客服小组 Team")
    tab.say("今天谁值班")
    tab.say("/ask 怎么处理投诉")
    wait_for_reply(tab, 1)
    expect(tab.replies.locator(".answered")).to_contain_text("/ask 怎么处理投诉")
    expect(tab.replies.locator(".sender")).to_have_text("问报")


def test_the_bot_s_commands_are_in_the_menu(address: str, visit: Visit) -> None:
    """In the language of the one who looks."""
    tab = visit(address)
    expect(tab.page.get_by_role("button", name="命令")).to_be_visible(timeout=ANSWER_MS)
    tab.press("命令")
    expect(tab.options.filter(has_text="/ask")).to_have_text("/ask向报告提问")
    tab.page.keyboard.press("Escape")
    tab.sit_as("User B")
    tab.press("命令")
    expect(tab.options.filter(has_text="/ask")).to_have_text("/askAsk the reports")


def test_the_first_of_the_two_looks_after_the_bot(address: str, visit: Visit) -> None:
    """They see an admin's commands, and the bot tells them how it is; the other one does not."""
    tab = visit(address)
    stats = tab.options.filter(has_text="/status")
    for name, count in (("用户甲", 1), ("User B", 0)):
        tab.sit_as(name)
        tab.input.fill("/")
        expect(tab.options.filter(has_text="/ask")).to_have_count(1, timeout=ANSWER_MS)
        expect(stats).to_have_count(count)
        tab.input.fill("")
    tab.sit_as("用户甲")
    tab.say("/status")
    wait_for_reply(tab, 1)
    expect(tab.replies).to_contain_text("10 份报告")
    tab.say("/refresh")
    wait_for_reply(tab, 2)
    expect(tab.replies.last).to_contain_text("没有变化", timeout=BUILD_MS)


def test_an_answer_is_paged_in_place(address: str, visit: Visit) -> None:
    """The next passages take the place of the first ones, and back."""
    tab = visit(address)
    tab.say("怎么处理投诉")
    wait_for_reply(tab, 1)
    text = tab.replies.locator(".text")
    first = text.inner_text()
    tab.press("更多 ▸")
    expect(text).to_contain_text("已编辑", timeout=ANSWER_MS)
    expect(text).to_contain_text("④")
    assert first[:20] not in text.inner_text()
    tab.press("◂ 前面")
    expect(text).to_contain_text(first[:20], timeout=ANSWER_MS)
    expect(tab.replies).to_have_count(1)


def test_an_answer_is_judged(address: str, visit: Visit) -> None:
    """A thumb up is thanked for; a thumb down asks why."""
    tab = visit(address)
    tab.say("怎么处理投诉")
    wait_for_reply(tab, 1)
    tab.press("👍")
    expect(tab.page.locator("#toast")).to_contain_text("谢谢", timeout=ANSWER_MS)
    buttons = tab.replies.locator(".button")
    before = buttons.all_inner_texts()
    tab.press("👎")
    expect(buttons).not_to_have_text(before, timeout=ANSWER_MS)


def test_the_rest_of_a_passage_expands(address: str, visit: Visit) -> None:
    """Below the sentences that answer, on a phone."""
    tab = visit(address, **PHONE)
    tab.say("外呼指标怎么定")
    wait_for_reply(tab, 1)
    button = tab.replies.locator(".expand:visible").first
    button.tap()
    expect(button).to_have_attribute("aria-expanded", "true")


def test_reports_are_browsed_in_one_message(address: str, visit: Visit) -> None:
    """From the list to a report to the next page of the list: the message changes, none is added."""
    tab = visit(address)
    tab.say("/reports")
    wait_for_reply(tab, 1)
    buttons = tab.replies.locator(".button")
    title = buttons.first.inner_text()
    buttons.first.click()
    expect(tab.replies.locator(".text")).to_contain_text(title, timeout=ANSWER_MS)
    expect(tab.replies).to_have_count(1)


def test_inline_cards_come_from_the_reports(address: str, visit: Visit) -> None:
    """In the group, by the bot's name; the chosen one is posted with its report."""
    tab = visit(address)
    tab.open_chat("客服小组 Team")
    tab.input.fill("@wenbao_bot 投诉怎么处理")
    expect(tab.options.first).to_contain_text("投诉", timeout=ANSWER_MS)
    tab.input.press("ArrowDown")
    tab.input.press("Enter")
    expect(tab.messages).to_have_count(1)
    expect(tab.messages).to_contain_text("《")
    expect(tab.messages.locator(".via")).to_have_text("通过 @wenbao_bot")


def test_with_the_keyboard_alone(address: str, visit: Visit) -> None:
    """One asks, changes the chat and the person, and comes back, without a mouse."""
    tab = visit(address)
    keys = tab.page.keyboard
    expect(tab.input).to_be_focused()
    keys.type("外呼指标怎么定")
    keys.press("Enter")
    wait_for_reply(tab, 1)
    while not tab.page.locator("#chats :focus").count():
        keys.press("Shift+Tab")
    keys.press("ArrowUp")
    keys.press("Enter")
    expect(tab.page.locator("#head-title")).to_have_text("客服小组 Team")
    keys.press("Escape")
    expect(tab.input).to_be_focused()
    while not tab.page.locator("#people :focus").count():
        keys.press("Shift+Tab")
    keys.press("ArrowRight")
    expect(tab.page.locator("#people label:has(input:checked)")).to_contain_text("User B")
    keys.press("/")
    expect(tab.input).to_be_focused()
    expect(tab.input).to_have_value("/")


def test_the_focus_goes_as_one_reads(address: str, visit: Visit) -> None:
    """From the side to the chat to the input; a list is one stop, and what is hidden is none."""
    tab = visit(address)
    expect(tab.page.locator("#menu")).to_be_visible(timeout=ANSWER_MS)
    tab.page.locator("#theme").focus()
    order = []
    for _ in range(8):
        order.append(tab.page.evaluate("() => document.activeElement.id || document.activeElement.className"))
        tab.page.keyboard.press("Tab")
    assert order == ["theme", "sr", "chat", "scroller", "start", "menu", "attach", "input"]
