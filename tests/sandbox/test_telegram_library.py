"""A bot written with python-telegram-bot cannot tell the sandbox from Telegram."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyParameters,
    Update,
)
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import ApplicationBuilder, CallbackQueryHandler, ContextTypes, MessageHandler, filters

from bot.sandbox.people import Person
from bot.sandbox.run import BotApiServer, run_in_thread
from bot.sandbox.sandbox import Sandbox

MORE = InlineKeyboardMarkup([[InlineKeyboardButton("更多", callback_data="more:1")]])


@pytest.fixture(autouse=True)
def _timedeltas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the library warns of its own future whenever it is told to wait."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def server() -> Iterator[BotApiServer]:
    with run_in_thread(Sandbox()) as running:
        yield running


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    async with Bot(server.sandbox.token, base_url=server.base_url) as running:
        yield running


@pytest.fixture
def ada(server: BotApiServer) -> Person:
    person = server.sandbox.join("Ada", username="ada", language_code="en")
    person.send("/start")
    return person


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    """Answer with the text, once more after a pause if there were too many answers."""
    assert update.message
    said = update.message.text_html
    try:
        await update.message.reply_html(f"<b>{said}</b>", reply_markup=MORE, do_quote=True)
    except RetryAfter as error:
        await asyncio.sleep(_seconds(error))
        await update.message.reply_html(f"<b>{said}</b>", reply_markup=MORE, do_quote=True)


def _seconds(error: RetryAfter) -> float:
    assert isinstance(error.retry_after, timedelta)
    return error.retry_after.total_seconds()


async def more(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.callback_query
    await update.callback_query.answer("ok")
    await update.callback_query.edit_message_text("<i>more</i>", parse_mode=ParseMode.HTML)


@asynccontextmanager
async def echoing(server: BotApiServer, troubles: list[Exception]) -> AsyncIterator[None]:
    """Run a polling bot; what went wrong while polling is put into `troubles`."""
    builder = ApplicationBuilder().token(server.sandbox.token).base_url(server.base_url).job_queue(None)
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.add_handler(CallbackQueryHandler(more))
    async with application:
        await application.start()
        assert application.updater
        await application.updater.start_polling(
            allowed_updates=Update.ALL_TYPES, error_callback=troubles.append
        )
        try:
            yield
        finally:
            await application.updater.stop()
            await application.stop()


async def test_a_polling_bot_answers_and_edits(server: BotApiServer) -> None:
    sandbox, troubles = server.sandbox, list[Exception]()
    ada = sandbox.join("Ada", language_code="zh-hans")
    ada.send("before the start & <now>")
    async with echoing(server, troubles):
        [reply] = await ada.until_replies(1)
        assert reply.text == "before the start & <now>"
        assert [entity.kind for entity in reply.entities] == ["bold"]
        assert reply.reply_to == 1
        press = ada.press(reply, text="更多")
        answered = await sandbox.world.bell.until(lambda: ada.answer_to(press))
        assert answered
        assert answered.answer
        assert answered.answer.text == "ok"
        edited = await sandbox.world.bell.until(
            lambda: [one for one in ada.replies() if one.text == "more" and not one.buttons]
        )
        assert edited[0].history[0].text == reply.text
    assert troubles == []
    assert sandbox.world.waiting_count == 0


async def test_a_polling_bot_survives_trouble(server: BotApiServer) -> None:
    """Each question is answered, whatever happened in between."""
    sandbox, troubles = server.sandbox, list[Exception]()
    ada = sandbox.join("Ada")
    faults = sandbox.faults
    async with echoing(server, troubles):
        ada.send("one")
        await ada.until_replies(1)
        faults.answer("getUpdates", 409)
        faults.answer("getUpdates", 500)
        faults.answer("sendMessage", 429, retry_after=1)
        ada.send("two")  # ends the waiting poll; the next ones meet the faults
        ada.send("three")
        replies = await ada.until_replies(3, timeout_s=20)
        await sandbox.world.bell.until(lambda: len(troubles) >= 2, timeout_s=20)
    assert sorted(reply.text for reply in replies) == ["one", "three", "two"]
    assert [type(trouble) for trouble in troubles] == [Conflict, NetworkError]
    assert faults.pending == 0


async def test_two_bots_of_one_token_are_told(server: BotApiServer, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=20))
    async with Bot(server.sandbox.token, base_url=server.base_url) as other:
        while not first.done():
            await other.get_updates(timeout=0)
    with pytest.raises(Conflict, match="make sure that only one bot instance is running"):
        await first


async def test_every_method_here_works_with_the_library(bot: Bot, ada: Person) -> None:
    """What the library sends is understood, and what it gets it can read."""
    chat_id = ada.chat.chat_id
    assert (await bot.get_me()).username == "wenbao_bot"
    assert (await bot.get_webhook_info()).pending_update_count == 1
    [update] = await bot.get_updates(offset=-1, limit=1, timeout=1, allowed_updates=Update.ALL_TYPES)
    assert update.message
    assert update.message.from_user
    assert update.message.from_user.language_code == "en"
    assert update.message.parse_entities() == {MessageEntity("bot_command", 0, 6): "/start"}
    assert await bot.send_chat_action(chat_id, ChatAction.TYPING)
    sent = await bot.send_message(
        chat_id,
        "<pre><code class='language-py'>x</code></pre>😀 <a href='https://a.cn'>link</a>",
        parse_mode=ParseMode.HTML,
        reply_parameters=ReplyParameters(1, quote="/start"),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_markup=MORE,
        disable_notification=True,
        protect_content=False,
    )
    assert sent.text_html == '<pre><code class="py">x</code></pre>😀 <a href="https://a.cn/">link</a>'
    assert sent.quote
    assert sent.quote.text == "/start"
    assert sent.reply_markup == MORE
    assert await sent.edit_reply_markup(None)
    edited = await sent.edit_text("plain", entities=[MessageEntity(MessageEntity.BOLD, 0, 5)])
    assert isinstance(edited, type(sent))
    assert edited.edit_date
    assert await sent.delete()
    commands = [BotCommand("ask", "提问")]
    scope = BotCommandScopeChat(chat_id)
    assert await bot.set_my_commands(commands, scope=scope, language_code="zh")
    assert list(await bot.get_my_commands(scope=scope, language_code="zh")) == commands
    assert await bot.delete_my_commands(scope=scope, language_code="zh")
    assert await bot.set_my_description("d")
    assert (await bot.get_my_description()).description == "d"
    assert await bot.set_my_short_description("s")
    assert (await bot.get_my_short_description()).short_description == "s"
    assert await bot.set_my_name("n")
    assert (await bot.get_my_name()).name == "n"
    assert await bot.delete_webhook(drop_pending_updates=True)
    ada.block()
    [update] = await bot.get_updates()
    assert update.my_chat_member
    assert update.my_chat_member.new_chat_member.status == "kicked"


async def test_errors_arrive_as_the_library_s_own(server: BotApiServer, bot: Bot, ada: Person) -> None:
    chat_id, faults = ada.chat.chat_id, server.sandbox.faults
    with pytest.raises(BadRequest, match=r"^Chat not found$"):
        await bot.send_message(7, "x")
    with pytest.raises(BadRequest, match="Can't parse entities: unsupported start tag"):
        await bot.send_message(chat_id, "<x>", parse_mode=ParseMode.HTML)
    faults.answer("sendMessage", 429, retry_after=9)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(chat_id, "x")
    assert caught.value.retry_after == timedelta(seconds=9)
    for code in (500, 502):
        faults.answer("sendMessage", code)
        with pytest.raises(NetworkError):
            await bot.send_message(chat_id, "x")
    faults.drop("sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(chat_id, "x")
    faults.lose("sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(chat_id, "lost")
    assert [reply.text for reply in ada.replies()] == ["lost"]
    ada.block()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(chat_id, "x")
    with pytest.raises(InvalidToken):
        async with Bot("1:wrong", base_url=server.base_url):
            pass


async def test_methods_that_are_missing_do_not_pretend(bot: Bot, ada: Person) -> None:
    """A method that is not in the table is not found; the library takes that for a wrong token."""
    with pytest.raises(InvalidToken, match="Not Found"):
        await bot.send_dice(ada.chat.chat_id)


async def test_the_library_understands_files(server: BotApiServer, ada: Person) -> None:
    """Sent, sent again by id, and fetched from where getFile says."""
    async with Bot(server.sandbox.token, server.base_url, server.file_url) as bot:
        sent = await bot.send_document(
            ada.chat.chat_id, b"hello", filename="a.md", caption="<b>a</b>", parse_mode="HTML"
        )
        assert sent.document
        again = await bot.send_document(ada.chat.chat_id, sent.document.file_id)
        assert again.document == sent.document
        edited = await sent.edit_caption("b")
        assert isinstance(edited, Message)
        assert edited.caption == "b"
        theirs = ada.send_document(b"report", "b.txt").file
        assert theirs
        fetched = await bot.get_file(theirs.file_id)
        assert bytes(await fetched.download_as_bytearray()) == b"report"


async def test_the_library_understands_inline_mode(server: BotApiServer, bot: Bot, ada: Person) -> None:
    server.sandbox.set_inline(on=True, feedback=True)
    asked = ada.inline("投诉", offset="5")
    update = (await bot.get_updates())[-1]
    assert update.inline_query
    assert (update.inline_query.query, update.inline_query.offset) == ("投诉", "5")
    article = InlineQueryResultArticle(
        "p1", "标题", InputTextMessageContent("<b>a</b>", ParseMode.HTML), reply_markup=MORE, description="d"
    )
    button = InlineQueryResultsButton("帮助", start_parameter="help")
    assert await update.inline_query.answer(
        [article], cache_time=5, is_personal=True, next_offset="10", button=button
    )
    ada.choose(asked, "p1")
    chosen = (await bot.get_updates(offset=update.update_id + 1))[-1].chosen_inline_result
    assert chosen
    assert chosen.inline_message_id
    assert await bot.edit_message_text("c", inline_message_id=chosen.inline_message_id) is True


async def test_the_library_understands_chats(server: BotApiServer, bot: Bot, ada: Person) -> None:
    team = server.sandbox.group("Team", [], admins=[ada])
    assert (await bot.get_chat(team.chat_id)).title == "Team"
    assert (await bot.get_chat_member(team.chat_id, ada.user.user_id)).status == "administrator"
    assert [one.user.first_name for one in await bot.get_chat_administrators(team.chat_id)] == ["Ada"]
    message = ada.send("thanks")
    assert await bot.set_message_reaction(ada.chat.chat_id, message.message_id, "👍")
    assert await bot.leave_chat(team.chat_id)
    with pytest.raises(Forbidden, match="not a member"):
        await bot.send_message(team.chat_id, "x")


async def test_the_library_sets_webhooks(bot: Bot, ada: Person) -> None:
    """And is told what fails about them; the updates wait meanwhile."""
    address = "http://127.0.0.1:9/hook"  # the port that discards; nobody listens
    assert await bot.set_webhook(address, max_connections=3, allowed_updates=["message"], secret_token="a-b")  # noqa: S106
    ada.send("hello")
    await ada.world.bell.until(lambda: ada.world.hook and ada.world.hook.error)
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections, info.allowed_updates) == (address, 3, ("message",))
    assert (info.pending_update_count, info.last_error_message) == (2, "Connection refused")
    with pytest.raises(BadRequest, match="failed to resolve host"):
        await bot.set_webhook("https://example.org/hook")
    assert await bot.delete_webhook()
    assert [update.message.text for update in await bot.get_updates() if update.message][-1] == "hello"
