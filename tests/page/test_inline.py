"""Inline mode on the page: the bot's name in the input brings cards; the test is the bot."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from .browsing import Tab
from .script import Script

pytestmark = pytest.mark.browser

Visit = Callable[..., Tab]


def cards(numbers: range) -> list[dict[str, object]]:
    return [
        {
            "type": "article",
            "id": f"r{number}",
            "title": f"投诉 {number}",
            "description": f"第 {number} 段的开头",
            "input_message_content": {"message_text": f"<b>投诉</b> {number}", "parse_mode": "HTML"},
        }
        for number in numbers
    ]


def answer(script: Script, query: str, numbers: range, **given: object) -> dict[str, Any]:
    """Wait for this inline query and answer it."""
    while True:
        for update in script.bot("getUpdates", timeout=10):
            script.bot("getUpdates", offset=update["update_id"] + 1)
            asked: dict[str, Any] | None = update.get("inline_query")
            if asked is not None and asked["query"] == query:
                script.bot(
                    "answerInlineQuery",
                    inline_query_id=asked["id"],
                    results=cards(numbers),
                    cache_time=0,
                    **given,
                )
                return asked


@pytest.fixture
def tab(script: Script, visit: Visit) -> Tab:
    script.sandbox.set_inline(on=True)
    return visit(script.address)


def test_choosing_a_card_posts_it(script: Script, tab: Tab) -> None:
    """With the arrows and Enter, in a group, as a message via the bot."""
    tab.open_chat("客服小组 Team")
    tab.input.fill("@wenbao_bot 投诉")
    asked = answer(script, "投诉", range(3))
    assert (asked["chat_type"], asked["offset"]) == ("supergroup", "")
    expect(tab.options).to_have_count(3)
    expect(tab.options.first).to_contain_text("第 0 段的开头")
    tab.input.press("ArrowDown")
    tab.input.press("ArrowDown")
    tab.input.press("Enter")
    expect(tab.messages).to_have_count(1)
    expect(tab.messages.locator(".text b")).to_have_text("投诉")
    expect(tab.messages).to_contain_text("投诉 1")
    expect(tab.messages.locator(".via")).to_have_text("通过 @wenbao_bot")
    expect(tab.input).to_have_value("")


def test_more_cards_come_when_one_reaches_the_last(script: Script, tab: Tab) -> None:
    """The bot is asked with its own offset, and the choice stays where it was."""
    tab.input.fill("@wenbao_bot 投诉")
    answer(script, "投诉", range(2), next_offset="2")
    expect(tab.options).to_have_count(2)
    tab.input.press("ArrowUp")
    assert answer(script, "投诉", range(2, 4))["offset"] == "2"
    expect(tab.options).to_have_count(4)
    expect(tab.options.nth(1)).to_have_attribute("aria-selected", "true")


def test_without_results_the_bot_s_button_leads_to_it(script: Script, tab: Tab) -> None:
    """It opens the private chat with the payload behind /start."""
    tab.open_chat("客服小组 Team")
    tab.input.fill("@wenbao_bot 量子")
    answer(script, "量子", range(0), button={"text": "怎么问？", "start_parameter": "help"})
    tab.press("怎么问？")
    expect(tab.page.locator("#head-title")).to_have_text("问报")
    expect(tab.messages).to_contain_text("/start help")


def test_nothing_found_is_said(script: Script, tab: Tab) -> None:
    """Without a button, a line says so; Escape closes it and keeps what was written."""
    tab.input.fill("@wenbao_bot 量子")
    answer(script, "量子", range(0))
    expect(tab.page.locator("#popup")).to_have_text("没有结果")
    tab.input.press("Escape")
    expect(tab.page.locator("#popup")).to_be_hidden()
    expect(tab.input).to_have_value("@wenbao_bot 量子")


def test_a_share_button_asks_for_a_chat(script: Script, tab: Tab) -> None:
    """And puts the query into the input there."""
    script.say("一", reply_markup={"inline_keyboard": [[{"text": "分享", "switch_inline_query": "投诉"}]]})
    tab.press("分享")
    tab.options.nth(1).click()
    expect(tab.page.locator("#head-title")).to_have_text("客服小组 Team")
    expect(tab.input).to_have_value("@wenbao_bot 投诉")
    answer(script, "投诉", range(1))
    expect(tab.options).to_have_count(1)


def test_a_query_without_an_answer_is_written_as_it_is(script: Script, tab: Tab) -> None:
    """Enter sends the text when no card was chosen: in a group that is a mention."""
    tab.open_chat("客服小组 Team")
    tab.input.fill("@wenbao_bot 怎么处理投诉")
    tab.input.press("Enter")
    expect(tab.messages).to_contain_text("@wenbao_bot 怎么处理投诉")
    assert any("message" in update for update in script.bot("getUpdates"))
