"""What people write and what they get, over real HTTP through a strict server."""

import asyncio

import pytest

from bot.domain import Answer, Span
from bot.sandbox.nouns import Content, JsonObject, Message
from bot.sandbox.people import Person

from .bench import QUESTIONS, Bench, answer, hit, marked


def keyboard(message: Message) -> list[str]:
    """The questions below a message."""
    rows = (message.reply_markup or {}).get("keyboard", [])
    assert isinstance(rows, list)
    return [button["text"] for row in rows for button in row]


def buttons(message: Message) -> list[str]:
    """What is written on the buttons of a message."""
    return [str(button["text"]) for button in message.buttons]


def emit(bench: Bench, sender: Person, *, kind: str = "message", **fields: object) -> None:
    """Deliver an update that is no plain text: a message with other fields."""
    content = Content("?")
    message = bench.sandbox.world.post(sender.chat.chat_id, sender.user, content)
    payload: JsonObject = bench.sandbox.world.message_json(message)
    del payload["text"]
    bench.sandbox.world.open(sender.chat.chat_id)
    bench.sandbox.world.emit(kind, {**payload, **fields})


async def test_a_private_message_is_answered(bot: Bench, mei: Person) -> None:
    """The passage, the matched words bold, then report and section path; all pages are looked up at once."""
    mei.send("投诉 <b>&😀")
    (reply,) = await mei.until_replies()
    assert reply.text == "关于投诉 <b>&😀\n《投诉报告》 › 一、处理 › (一) 流程"
    assert marked(reply, "italic") == ["《投诉报告》 › 一、处理 › (一) 流程"]
    assert marked(reply, "bold") == ["投诉 <b>&😀"]
    assert bot.desk.asked == [("投诉 <b>&😀", 12)]
    assert reply.reply_to is None


async def test_ask_works_in_private(bot: Bench, ann: Person) -> None:
    """The command is not part of the question, its line breaks are; the frame is in the user's language."""
    ann.send("/ask  how to handle\ncomplaints ")
    (reply,) = await ann.until_replies()
    assert bot.desk.asked == [("how to handle\ncomplaints", 12)]
    assert buttons(reply)[:2] == ["Context", "Section"]


@pytest.mark.parametrize("command", ["/ask", "/ask@wenbao_bot"])
async def test_ask_works_in_groups(bot: Bench, mei: Person, command: str) -> None:
    """The answer is a reply to the question."""
    group = bot.sandbox.group("客服组", [mei])
    question = mei.send(f"{command} 投诉", chat=group)
    (reply,) = await mei.until_replies(chat=group)
    assert "关于投诉" in reply.text
    assert reply.reply_to == question.message_id
    assert reply.thread_id is None


@pytest.mark.parametrize("privacy", [True, False])
async def test_a_mention_is_answered_in_groups(bot: Bench, mei: Person, privacy: bool) -> None:
    """Wherever it stands; it is no part of the question."""
    group = bot.sandbox.group("客服组", [mei], privacy=privacy)
    mei.send("😀 @Wenbao_Bot ，投诉怎么处理", chat=group)
    mei.send("外呼指标 @wenbao_bot", chat=group)
    await mei.until_replies(2, chat=group)
    assert [question for question, _ in bot.desk.asked] == ["😀  ，投诉怎么处理", "外呼指标"]


async def test_a_reply_to_the_bot_is_answered_in_groups(bot: Bench, mei: Person) -> None:
    """Without a command; a reply to somebody else is none of its business."""
    group = bot.sandbox.group("客服组", [mei], privacy=False)
    asked = mei.send("/ask 投诉", chat=group)
    (answered,) = await mei.until_replies(chat=group)
    mei.send("好的", chat=group, reply_to=asked)
    mei.send("/ask@other_bot 回访", chat=group, reply_to=answered)
    mei.send("外呼呢", chat=group, reply_to=answered)
    await mei.until_replies(2, chat=group)
    assert [question for question, _ in bot.desk.asked] == ["投诉", "外呼呢"]


async def test_another_ones_message_can_be_asked(bot: Bench, mei: Person, ann: Person) -> None:
    """By a reply to it that only names the bot or its command."""
    group = bot.sandbox.group("客服组", [mei, ann])
    said = ann.send("投诉怎么处理", chat=group)
    mei.send("@wenbao_bot", chat=group, reply_to=said)
    mei.send("/ask", chat=group, reply_to=said)
    mei.send("@wenbao_bot", chat=group)
    replies = await mei.until_replies(3, chat=group)
    assert [question for question, _ in bot.desk.asked] == ["投诉怎么处理", "投诉怎么处理", ""]
    assert all(reply.reply_to is not None for reply in replies)


async def test_a_topic_is_kept(bot: Bench, mei: Person) -> None:
    """A question in a group's topic is answered there."""
    group = bot.sandbox.group("客服组", [mei])
    mei.send("/ask 投诉", chat=group, thread_id=42)
    (reply,) = await mei.until_replies(chat=group)
    assert reply.thread_id == 42


@pytest.mark.usefixtures("bot")
async def test_a_private_topic_is_kept(mei: Person) -> None:
    """So is one in a private chat."""
    mei.send("投诉", thread_id=7)
    (reply,) = await mei.until_replies()
    assert reply.thread_id == 7


async def test_a_deleted_question_is_answered_all_the_same(bot: Bench, mei: Person) -> None:
    """Others in the group may wait for the answer."""
    group = bot.sandbox.group("客服组", [mei])
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    question: list[Message] = []

    def slow(_: str) -> Answer:
        bot.sandbox.world.remove(group.chat_id, question[0].message_id)
        loop.call_soon_threadsafe(asked.set)
        return answer(hit("原文"))

    bot.desk.rule = slow
    with bot.sandbox.world.bell.lock:
        question.append(mei.send("/ask 投诉", chat=group))
    (reply,) = await mei.until_replies(chat=group)
    assert asked.is_set()
    assert reply.reply_to is None


async def test_other_talk_is_ignored(bot: Bench, mei: Person) -> None:
    """Talk in groups, commands for other bots, edited messages, channel posts: none is answered."""
    group = bot.sandbox.group("客服组", [mei], privacy=False)
    mei.send("投诉怎么处理", chat=group)
    mei.send("/ask@other_bot 投诉", chat=group)
    mei.send("/unknown", chat=group)
    mei.send("@other_bot 投诉", chat=group)
    question = mei.send("投诉")
    await mei.until_replies()
    emit(bot, mei, text="《投诉报告》", via_bot={"id": 1, "is_bot": True, "first_name": "问报"})
    mei.edit(question, "回访")
    channel = {"id": -1002, "type": "channel", "title": "频道"}
    emit(bot, mei, kind="edited_message", text="改", edit_date=1)
    emit(bot, mei, kind="channel_post", chat=channel, text="/ask 投诉")
    emit(
        bot,
        mei,
        pinned_message={"message_id": 1, "chat": {"id": mei.chat.chat_id, "type": "private"}, "date": 0},
    )
    mei.send("/help")
    _, last = await mei.until_replies(2)
    assert "怎么问" in last.text
    assert [question for question, _ in bot.desk.asked] == ["投诉"]
    assert mei.replies(group) == ()


@pytest.mark.parametrize("command", ["/start", "/start from_a_link", "/help"])
async def test_three_questions_can_be_tapped(bot: Bench, mei: Person, command: str) -> None:
    """In a private chat they are a keyboard, and tapping one asks it."""
    mei.send(command)
    (reply,) = await mei.until_replies()
    assert keyboard(reply) == list(QUESTIONS)
    assert reply.reply_markup is not None
    assert reply.reply_markup["one_time_keyboard"]
    assert reply.reply_markup["resize_keyboard"]
    mei.send(keyboard(reply)[2])
    await mei.until_replies(2)
    assert bot.desk.asked[0][0] == QUESTIONS[2]


@pytest.mark.usefixtures("bot")
async def test_the_bot_introduces_itself_in_the_users_language(mei: Person, ann: Person) -> None:
    """English for those who have set it."""
    mei.send("/start")
    ann.send("/start")
    assert (await mei.until_replies())[0].text.startswith("你好")
    assert (await ann.until_replies())[0].text.startswith("Hello")


async def test_without_suggestions_the_bot_introduces_itself(bot: Bench, mei: Person) -> None:
    """A corpus that suggests nothing still has a greeting; in a group too."""
    bot.desk.questions = ()
    mei.send("/start")
    (reply,) = await mei.until_replies()
    assert keyboard(reply) == []
    assert "直接打字" in reply.text
    group = bot.sandbox.group("客服组", [mei])
    mei.send("/help", chat=group)
    (reply,) = await mei.until_replies(chat=group)
    assert reply.text.endswith("/ask …")


async def test_groups_get_the_questions_as_lines(bot: Bench, mei: Person) -> None:
    """A keyboard would open for everybody."""
    group = bot.sandbox.group("客服组", [mei])
    mei.send("/start", chat=group)
    (reply,) = await mei.until_replies(chat=group)
    assert marked(reply, "code") == [f"/ask {question}" for question in QUESTIONS]
    assert keyboard(reply) == []


async def test_not_found_says_so(bot: Bench, mei: Person, ann: Person) -> None:
    """With what to try, and in private with questions to tap."""
    bot.desk.rule = lambda _: answer()
    mei.send("你好吗")
    (reply,) = await mei.until_replies()
    assert reply.text.startswith("报告里没有写到")
    assert "换个说法" in reply.text
    assert keyboard(reply) == list(QUESTIONS)
    group = bot.sandbox.group("Team", [ann])
    ann.send("/ask weather", chat=group)
    (reply,) = await ann.until_replies(chat=group)
    assert "couldn’t find" in reply.text
    assert keyboard(reply) == []


async def test_an_unknown_command_gets_help(bot: Bench, mei: Person) -> None:
    """In private; a slash alone is a question."""
    mei.send("/weather")
    assert "/help" in (await mei.until_replies())[0].text
    mei.send("/ 投诉")
    await mei.until_replies(2)
    assert bot.desk.asked == [("/ 投诉", 12)]


async def test_pictures_are_declined(bot: Bench, mei: Person) -> None:
    """The bot says that it reads text."""
    emit(bot, mei, sticker={
        "file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
        "is_animated": False, "is_video": False,
    })  # fmt: skip
    emit(bot, mei, voice={"file_id": "v", "file_unique_id": "v", "duration": 1})
    replies = await mei.until_replies(2)
    assert all("文字" in reply.text for reply in replies)


async def test_an_album_is_declined_once(bot: Bench, mei: Person) -> None:
    """Its pictures arrive as messages of their own."""
    for album in ("a", "a", "a", "b"):
        emit(
            bot,
            mei,
            media_group_id=album,
            photo=[{"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}],
        )
    mei.send("投诉")
    replies = await mei.until_replies(3)
    assert ["文字" in reply.text for reply in replies] == [True, True, False]


@pytest.mark.parametrize(
    "text",
    ["😀" * 4096, "<b>" * 1365, "&" * 4096, "长。" * 2048, "\x00 \ud800"],
    ids=["emoji", "tags", "ampersands", "sentences", "unsendable"],
)
async def test_any_passage_can_be_sent(bot: Bench, mei: Person, text: str) -> None:
    """Whatever a report holds, the strict server takes the message."""
    bot.desk.rule = lambda _: answer(*[hit(text, Span(0, len(text)))] * 3)
    mei.send("?")
    (reply,) = await mei.until_replies()
    assert len(reply.text.encode("utf-16-le")) // 2 <= 4096
    assert len(marked(reply, "italic")) == 3


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ("你好", "你好！"),
        ("您好！😊", "你好！"),
        ("Good morning", "你好！"),
        ("谢谢～", "不客气！"),
        ("Thank you!", "不客气！"),
    ],
)
async def test_a_greeting_is_no_question(bot: Bench, mei: Person, said: str, answered: str) -> None:
    """It is returned; nothing is looked up, and nothing stands among what the reports lack."""
    mei.send(said)
    (reply,) = await mei.until_replies()
    assert reply.text.startswith(answered)
    assert not bot.desk.asked


async def test_a_question_that_greets_is_a_question(bot: Bench, mei: Person) -> None:
    """Only what says nothing else is a greeting."""
    mei.send("你好，怎么处理投诉")
    await mei.until_replies()
    assert [question for question, _ in bot.desk.asked] == ["你好，怎么处理投诉"]
