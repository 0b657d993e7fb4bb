"""How the page draws what a bot sends, in a real browser; the test is the bot."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .browsing import PHONE, Tab
from .script import Script

pytestmark = pytest.mark.browser

Visit = Callable[..., Tab]
LONG = "第一行说明事情的由来，写得长一些，好让它在窄的屏幕上也占满整整一行还有余。\n" * 8


def keyboard(*rows: list[tuple[str, str]]) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": t, "callback_data": d} for t, d in row] for row in rows]}


def answer_next_press(script: Script, **answer: object) -> str:
    """Wait for a press, answer it, and return its data."""
    while True:
        for update in script.bot("getUpdates", timeout=10):
            script.bot("getUpdates", offset=update["update_id"] + 1)
            if "callback_query" in update:
                query = update["callback_query"]
                script.bot("answerCallbackQuery", callback_query_id=query["id"], **answer)
                return str(query["data"])


def test_marked_text_is_drawn_by_its_offsets(script: Script, visit: Visit) -> None:
    """Offsets count UTF-16 units: an emoji before a mark takes two."""
    tab = visit(script.address)
    script.say("😀 <b>投诉</b>𠮷 <i>in <b>both</b></i> <u>u</u> <s>s</s> <code>c</code>")
    text = tab.replies.locator(".text")
    expect(text.locator("b").first).to_have_text("投诉")
    expect(text.locator("i b")).to_have_text("both")
    expect(text.locator("i")).to_have_text("in both")
    expect(text.locator("u")).to_have_text("u")
    expect(text.locator("s")).to_have_text("s")
    expect(text.locator("code")).to_have_text("c")


def test_markup_in_a_text_stays_text(script: Script, visit: Visit) -> None:
    """Nothing that a chat, a file or a name holds becomes part of the page."""
    tab = visit(script.address)
    hostile = "<img src=x onerror=alert(1)><script>alert(1)</script>&lt;"
    script.jia.send(hostile)
    script.bot(
        "sendMessage", chat_id=script.jia.chat.chat_id, text=hostile, reply_parameters={"message_id": 1}
    )
    expect(tab.replies.locator(".text")).to_contain_text(hostile)
    expect(tab.replies.locator(".answered")).to_contain_text("<img")
    assert tab.page.locator("#messages img, #messages script, .chat img").count() == 0


def test_a_link_never_runs_a_script(script: Script, visit: Visit) -> None:
    """An address that is none of the web's leads nowhere; one of the web is asked about first."""
    tab = visit(script.address)
    script.say('<a href="https://example.org/a?b=1">web</a>')
    tab.page.get_by_role("link", name="web").click()
    expect(tab.page.locator("#dialog")).to_contain_text("https://example.org/a?b=1")
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator("#dialog")).to_be_hidden()
    assert len(tab.context.pages) == 1


def test_a_link_to_the_bot_opens_its_chat(script: Script, visit: Visit) -> None:
    """With its payload, from wherever it stands; nothing leaves this machine."""
    tab = visit(script.address)
    script.say('<a href="https://t.me/wenbao_bot?start=p_abc">这一段</a>', chat_id=script.cast.group.chat_id)
    tab.open_chat("客服小组 Team")
    tab.page.get_by_role("link").click()
    expect(tab.page.locator("#head-title")).to_have_text("问报")
    expect(tab.messages).to_contain_text("/start p_abc")


def test_what_is_shared_goes_to_a_chat_of_one_s_choice(script: Script, visit: Visit) -> None:
    """Telegram's link for sharing asks for a chat and puts link and text into its input."""
    tab = visit(script.address)
    link = "https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fwenbao_bot%3Fstart%3Dp_1&text=%E6%8A%95%E8%AF%89"
    script.say("一", reply_markup={"inline_keyboard": [[{"text": "分享", "url": link}]]})
    tab.press("分享")
    expect(tab.options).to_have_count(2)
    tab.input.press("ArrowDown")
    tab.input.press("Enter")
    expect(tab.page.locator("#head-title")).to_have_text("客服小组 Team")
    expect(tab.input).to_have_value("https://t.me/wenbao_bot?start=p_1\n投诉")


def test_a_long_quotation_expands_and_closes(script: Script, visit: Visit) -> None:
    """Three lines at first; the button tells its state to a screen reader."""
    tab = visit(script.address)
    script.say(f"<b>一、</b>\n<blockquote expandable>{LONG}</blockquote>\n完")
    body, button = tab.page.locator(".quote-body"), tab.page.locator(".expand")
    closed = body.bounding_box()
    expect(button).to_have_attribute("aria-expanded", "false")
    tab.press("展开")
    expect(button).to_have_attribute("aria-expanded", "true")
    opened = body.bounding_box()
    assert closed is not None
    assert opened is not None
    assert opened["height"] > 2 * closed["height"]
    tab.press("收起")
    expect(tab.page.locator(".quote.closed")).to_have_count(1)


def test_a_short_quotation_has_nothing_to_expand(script: Script, visit: Visit) -> None:
    """Neither a plain quotation nor an expandable one of a line gets a button."""
    tab = visit(script.address)
    script.say("<blockquote expandable>短</blockquote>")
    script.say(f"<blockquote>{LONG}</blockquote>")
    expect(tab.replies).to_have_count(2)
    expect(tab.page.locator(".expand:visible")).to_have_count(0)


def test_line_breaks_beside_a_quotation_are_drawn_once(script: Script, visit: Visit) -> None:
    """A quotation is a block: the break that ends the line before it is not a second one."""
    tab = visit(script.address)
    script.say("上\n<blockquote>中</blockquote>\n\n下")
    parts = tab.replies.locator(".text").evaluate(
        "node => [...node.childNodes].filter(n => n.nodeType === 3).map(n => n.data)"
    )
    assert parts == ["上", "\n下"]


def test_a_button_edits_the_message_in_place(script: Script, visit: Visit) -> None:
    """It stays where it is, says that it was edited, and the focus stays on the button."""
    tab = visit(script.address)
    sent = script.say("第 1 页", reply_markup=keyboard([("◂", "page:0"), ("▸ 更多", "page:2")]))
    script.say("后面一条")
    tab.page.get_by_role("button", name="▸ 更多").focus()
    tab.page.keyboard.press("Enter")
    assert answer_next_press(script) == "page:2"
    script.bot(
        "editMessageText",
        chat_id=script.jia.chat.chat_id,
        message_id=sent,
        text="第 2 页",
        reply_markup=keyboard([("◂", "page:1"), ("▸ 更多", "page:3")]),
    )
    expect(tab.replies.locator(".text").first).to_contain_text("第 2 页")
    expect(tab.replies.locator(".meta").first).to_contain_text("已编辑")
    expect(tab.replies).to_have_count(2)
    expect(tab.page.get_by_role("button", name="▸ 更多")).to_be_focused()


def test_arrows_move_between_buttons(script: Script, visit: Visit) -> None:
    """Within a row and between rows."""
    tab = visit(script.address)
    script.say("选", reply_markup=keyboard([("a", "a"), ("b", "b")], [("c", "c")]))
    button = tab.page.locator(".button")
    button.nth(0).focus()
    for key, at in (("ArrowRight", 1), ("ArrowDown", 2), ("ArrowUp", 0), ("ArrowLeft", 0)):
        tab.page.keyboard.press(key)
        expect(button.nth(at)).to_be_focused()


def test_what_a_press_brings_is_shown(script: Script, visit: Visit) -> None:
    """In passing, or as a dialog that waits to be closed."""
    tab = visit(script.address)
    script.say("评价", reply_markup=keyboard([("👍", "up"), ("👎", "down")]))
    tab.press("👍")
    answer_next_press(script, text="谢谢")
    expect(tab.page.locator("#toast")).to_have_text("谢谢")
    tab.press("👎")
    answer_next_press(script, text="为什么？", show_alert=True)
    expect(tab.page.get_by_role("dialog")).to_contain_text("为什么？")
    tab.page.keyboard.press("Enter")
    expect(tab.page.locator("#dialog")).to_be_hidden()


def test_a_reply_keyboard_sends_its_words(script: Script, visit: Visit) -> None:
    """One for one time goes away after it was used and comes back when asked for."""
    tab = visit(script.address)
    script.say(
        "试试", reply_markup={"keyboard": [["怎么处理投诉"], ["外呼指标怎么定"]], "one_time_keyboard": True}
    )
    keys = tab.page.locator("#keyboard")
    keys.get_by_role("button", name="外呼指标怎么定").click()
    expect(tab.messages.last).to_contain_text("外呼指标怎么定")
    expect(keys).to_be_hidden()
    tab.page.get_by_role("button", name="按钮键盘").click()
    expect(keys).to_be_visible()
    script.say("好", reply_markup={"remove_keyboard": True})
    expect(keys).to_be_hidden()
    expect(tab.page.get_by_role("button", name="按钮键盘")).to_have_count(0)


def test_typing_is_shown_until_the_message_comes(script: Script, visit: Visit) -> None:
    """In the chat and below its name."""
    tab = visit(script.address)
    script.jia.send("?")
    script.bot("sendChatAction", chat_id=script.jia.chat.chat_id, action="typing")
    expect(tab.page.locator("#typing")).to_be_visible()
    expect(tab.page.locator("#head-status")).to_have_text("正在输入…")
    script.say("!")
    expect(tab.page.locator("#typing")).to_be_hidden()
    expect(tab.page.locator("#head-status")).to_have_text("机器人")


def test_commands_are_offered_and_completed(script: Script, visit: Visit) -> None:
    """By the menu and by "/"; arrows choose, Tab completes, Enter sends, Escape closes."""
    names = ("ask", "help", "reports")
    script.bot(
        "setMyCommands", commands=[{"command": name, "description": f"About {name}"} for name in names]
    )
    tab = visit(script.address)
    tab.press("命令")
    expect(tab.options).to_have_count(3)
    expect(tab.input).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(tab.options).to_have_count(0)
    tab.input.press_sequentially("/")
    tab.page.keyboard.press("ArrowDown")
    expect(tab.options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(tab.input).to_have_attribute("aria-activedescendant", "option-1")
    tab.input.press_sequentially("re")
    expect(tab.options).to_have_count(1)
    tab.page.keyboard.press("Tab")
    expect(tab.input).to_have_value("/reports ")
    tab.input.fill("/he")
    tab.page.keyboard.press("Enter")
    expect(tab.messages.last).to_contain_text("/help")
    expect(tab.input).to_have_value("")


def test_an_answer_to_a_message_shows_it(script: Script, visit: Visit) -> None:
    """One answers with the button beside a message; Escape takes it back."""
    tab = visit(script.address)
    script.say("哪一份报告？")
    tab.replies.hover()
    tab.press("回复")
    expect(tab.page.locator("#answering")).to_contain_text("哪一份报告？")
    expect(tab.input).to_be_focused()
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator("#answering")).to_be_hidden()
    tab.replies.hover()
    tab.press("回复")
    tab.say("第二份")
    expect(tab.messages.last.locator(".answered")).to_contain_text("哪一份报告？")


def test_unread_messages_are_counted(script: Script, visit: Visit) -> None:
    """Of chats that are not open, for each person by themselves."""
    tab = visit(script.address)
    script.ben.send("hello all", chat=script.cast.group)
    badge = tab.page.locator(".unread")
    expect(badge).to_have_text("1")
    tab.open_chat("客服小组 Team")
    expect(badge).to_have_count(0)
    tab.sit_as("User B")
    expect(tab.messages.last).to_have_class("message mine first last")


def test_drafts_stay_with_their_chat(script: Script, visit: Visit) -> None:
    """What one began to write is there again when one comes back."""
    tab = visit(script.address)
    tab.input.fill("没写完")
    tab.open_chat("客服小组 Team")
    expect(tab.input).to_have_value("")
    tab.open_chat("问报")
    expect(tab.input).to_have_value("没写完")


def test_a_deleted_message_goes_away(script: Script, visit: Visit) -> None:
    """At once, for everybody."""
    tab = visit(script.address)
    sent = script.say("留不住")
    expect(tab.replies).to_have_count(1)
    script.sandbox.world.remove(script.jia.chat.chat_id, sent)
    expect(tab.replies).to_have_count(0)


def test_a_script_bound_for_the_bot_is_one_message(script: Script, visit: Visit) -> None:
    """Shift and Enter begin a line; Enter of an input method does not send."""
    tab = visit(script.address)
    tab.input.fill("一")
    tab.input.press("Shift+Enter")
    tab.input.press_sequentially("二")
    tab.input.evaluate(
        "node => node.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true}))"
    )
    expect(tab.messages).to_have_count(0)
    tab.input.press("Enter")
    expect(tab.messages).to_have_count(1)
    assert [message.text for message in script.jia.transcript()] == ["一\n二"]


def test_the_texts_are_complete_in_both_languages(script: Script, visit: Visit) -> None:
    """Each text that one language has, the other has too, and none is empty."""
    tab = visit(script.address)
    kinds = tab.page.evaluate(
        """async () => {
            const { TEXTS } = await import("/page/static/page.js");
            const kind = ([name, text]) => `${name}:${typeof text}:${!text}`;
            const kinds = (texts) => Object.entries(texts).map(kind);
            return [kinds(TEXTS.zh).sort(), kinds(TEXTS.en).sort()];
        }"""
    )
    assert kinds[0] == kinds[1]
    assert not [kind for kind in kinds[0] if kind.endswith(":true")]


@pytest.mark.parametrize(
    ("locale", "person", "label"), [("zh-TW", "用户甲", "输入消息"), ("de-DE", "User B", "Message")]
)
def test_the_page_speaks_the_browser_s_language(
    script: Script, visit: Visit, locale: str, person: str, label: str
) -> None:
    """Chinese for Chinese browsers, English for all others, and one is who reads it."""
    tab = visit(script.address, locale=locale)
    expect(tab.page.locator("#people label:has(input:checked)")).to_contain_text(person)
    expect(tab.page.get_by_label(label, exact=True)).to_be_visible()


def test_everything_one_can_press_has_a_name(script: Script, visit: Visit) -> None:
    """For a screen reader; and roles say what the parts are."""
    script.say("一", reply_markup=keyboard([("▸", "1")]))
    tab = visit(script.address, locale="en-US")
    tab.sit_as("用户甲")
    named = tab.page.locator("button:visible, a:visible, textarea").evaluate_all(
        "nodes => nodes.map(n => n.getAttribute('aria-label') || n.textContent.trim())"
    )
    assert len(named) >= 8
    assert all(named), named
    for role in ("main", "navigation", "log", "radiogroup", "textbox"):
        expect(tab.page.get_by_role(role).first).to_be_visible()


def test_on_a_phone_chats_and_chat_take_turns(script: Script, visit: Visit) -> None:
    """One sees the chat, goes back to the list, and nothing is wider than the screen."""
    tab = visit(script.address, **PHONE)
    script.say(
        f"<blockquote expandable>{LONG}</blockquote>" + "长" * 300,
        reply_markup=keyboard([("很长的按钮" * 6, "1"), ("b", "2")]),
    )
    expect(tab.page.locator("#side")).to_be_hidden()
    width = tab.page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    tab.page.get_by_role("button", name="返回聊天列表").tap()
    expect(tab.page.locator("#pane")).to_be_hidden()
    tab.page.locator(".chat", has_text="客服小组").tap()
    expect(tab.page.locator("#head-title")).to_have_text("客服小组 Team")


def test_the_theme_can_be_chosen_and_stays(script: Script, visit: Visit) -> None:
    """It follows the system until one chooses, and then the choice."""
    tab = visit(script.address, color_scheme="dark")
    wall = "() => getComputedStyle(document.body).backgroundColor"
    dark = tab.page.evaluate(wall)
    tab.press("换成浅色")
    light = tab.page.evaluate(wall)
    assert dark != light
    tab.page.reload()
    expect(tab.page.get_by_role("button", name="换成深色")).to_be_visible()
    assert tab.page.evaluate(wall) == light
