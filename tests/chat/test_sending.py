"""What is sent arrives readable, also when its HTML is not what Telegram takes."""

import pytest

from bot.chat.sending import plain_text
from bot.sandbox.people import Person

from .bench import Bench


@pytest.mark.usefixtures("bot")
async def test_html_that_telegram_cannot_parse_is_sent_as_plain_text(
    mei: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The reader gets the words instead of an apology, the operator a line."""
    monkeypatch.setattr("bot.chat.asking.answer_card", lambda *_, **__: "<b>先听完 &amp; 登记</i> 1 < 2")
    mei.send("投诉")
    (reply,) = await mei.until_replies()
    assert reply.text == "先听完 & 登记 1 < 2"
    assert "its plain text is sent" in caplog.text


async def test_a_refusal_for_another_reason_is_not_sent_again(
    bot: Bench, mei: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too long stays too long without its tags: the answer is tried once, then comes the apology."""
    monkeypatch.setattr("bot.chat.asking.answer_card", lambda *_, **__: "字" * 4097)
    mei.send("投诉")
    await mei.until_replies()
    assert [call.status for call in bot.sandbox.calls("sendMessage")] == [400, 200]


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<b>粗</b> &lt;b&gt;", "粗 <b>"),
        ("<blockquote expandable>引文</blockquote>", "引文"),
        ("1 < 2 > 0 & 3", "1 < 2 > 0 & 3"),
        ("<nonsense>", ""),
    ],
)
def test_plain_text_is_what_a_person_reads(html: str, plain: str) -> None:
    """Tags go, characters that were escaped come back, a bare < stays."""
    assert plain_text(html) == plain
