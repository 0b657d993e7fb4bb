"""/lang: the choice of a language, over real HTTP through a strict server."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.chat.language import TRADITIONAL, Catalog
from bot.chat.readers import CONVERTED, Reader
from bot.sandbox.nouns import Chat, Message
from bot.sandbox.people import Person

from .bench import Bench
from .notebook import Notebook

SIMPLIFIED, HANT, ENGLISH = "简体中文", "繁體中文", "English"


@pytest.fixture
def notebook() -> Notebook:
    """What the bot remembers."""
    return Notebook()


@pytest.fixture
async def bot(bench: Bench, notebook: Notebook) -> AsyncIterator[Bench]:
    """A bot that can be spoken to."""
    bench.around = bench.remembering(notebook)
    async with bench.serving():
        yield bench


def buttons(message: Message) -> list[str]:
    return [str(button["text"]) for button in message.buttons]


async def choose(bench: Bench, person: Person, message: Message, label: str) -> Message:
    """Press a button and return the message as it is when the press is answered and the message changed."""
    before = len(buttons(message)), buttons(message)
    press = person.press(message, text=label)
    await bench.until(lambda: person.answer_to(press))
    if message.chat_id > 0:
        await bench.until(lambda: (len(buttons(now(bench, message))), buttons(now(bench, message))) != before)
    return now(bench, message)


def now(bench: Bench, message: Message) -> Message:
    present = bench.sandbox.world.find_message(message.chat_id, message.message_id)
    assert present is not None
    return present


async def offered(person: Person, chat: Chat | None = None) -> Message:
    person.send("/lang", chat=chat)
    return (await person.until_replies(chat=chat))[-1]


async def test_a_language_is_chosen_by_a_button(bot: Bench, mei: Person, notebook: Notebook) -> None:
    """It is kept, shown as chosen, and spoken from now on."""
    message = await offered(mei)
    assert buttons(message) == [f"✓ {SIMPLIFIED}", HANT, ENGLISH]
    message = await choose(bot, mei, message, ENGLISH)
    assert buttons(message) == [SIMPLIFIED, HANT, f"✓ {ENGLISH}"]
    assert notebook.languages == {mei.user.user_id: "en"}
    mei.send("/reports")
    assert (await mei.until_replies(2))[-1].text.startswith("There are no reports")


async def test_telegrams_language_is_the_first_choice(bot: Bench, ann: Person) -> None:
    """Nobody has to choose."""
    assert bot.around.memory is not None
    assert buttons(await offered(ann)) == [SIMPLIFIED, HANT, f"✓ {ENGLISH}"]


async def test_who_reads_traditional_may_have_passages_converted(
    bot: Bench, mei: Person, notebook: Notebook
) -> None:
    """A choice of its own, off at first, to be taken back."""
    message = await choose(bot, mei, await offered(mei), HANT)
    assert notebook.languages == {mei.user.user_id: TRADITIONAL}
    *_, convert = buttons(message)
    message = await choose(bot, mei, message, convert)
    assert notebook.languages == {mei.user.user_id: CONVERTED}
    assert buttons(message)[1:] == [f"✓ {HANT}", ENGLISH, f"✓ {convert}"]
    message = await choose(bot, mei, message, f"✓ {convert}")
    assert notebook.languages == {mei.user.user_id: TRADITIONAL}


async def test_telegrams_traditional_is_offered_conversion_too(bot: Bench) -> None:
    """Whoever has Telegram in Traditional Chinese need not choose it here first."""
    fang = bot.sandbox.join("芳", language_code="zh-hant")
    assert buttons(await offered(fang)) == [SIMPLIFIED, f"✓ {HANT}", ENGLISH, "報告原文也顯示為繁體"]


async def test_in_a_group_everybody_chooses_for_themselves(
    bot: Bench, mei: Person, ann: Person, notebook: Notebook
) -> None:
    """The message stays as it is."""
    group = bot.sandbox.group("客服组", [mei, ann])
    message = await offered(mei, group)
    await choose(bot, ann, message, HANT)
    assert notebook.languages == {ann.user.user_id: TRADITIONAL}
    assert buttons(now(bot, message)) == buttons(message)


async def test_a_language_that_nobody_offers_is_not_kept(bot: Bench, mei: Person, notebook: Notebook) -> None:
    """Whatever a remembered button says."""
    button = notebook.remember({"do": "language", "language": "tlh"}, user=None)
    message = await offered(mei)
    markup = {**(message.reply_markup or {}), "inline_keyboard": [[{"text": "?", "callback_data": button}]]}
    bot.sandbox.world.revise(
        message.chat_id, message.message_id, replace(message.content, reply_markup=markup)
    )
    press = mei.press(now(bot, message), text="?")
    await bot.until(lambda: mei.answer_to(press))
    assert notebook.languages == {}


@pytest.mark.parametrize(
    ("tag", "speaks", "convert"),
    [
        ("", "zh", False),
        ("zh", "zh", False),
        ("zh-hans", "zh", False),
        ("en-GB", "en", False),
        ("EN", "en", False),
        ("zh-hant", TRADITIONAL, False),
        ("zh-TW", TRADITIONAL, False),
        (TRADITIONAL, TRADITIONAL, False),
        (CONVERTED, TRADITIONAL, True),
        ("de", "zh", False),
    ],
)
def test_how_a_person_reads(tag: str, speaks: str, *, convert: bool) -> None:
    """From what they chose or Telegram says; passages are converted only by choice."""
    reader = Reader(tag, Catalog().of(tag))
    assert (reader.speaks, reader.convert) == (speaks, convert)
