"""Buttons: what is behind them, and that every press is answered."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from telegram import User
from telegram.error import BadRequest

from bot.chat import verbs
from bot.chat.language import Catalog
from bot.chat.readers import Readers
from bot.chat.verbs import Button, Press, Verbs, keyboard
from bot.errors import WenbaoError
from bot.sandbox.nouns import CallbackAnswer, Content, JsonObject, Message
from bot.sandbox.people import Person

from .bench import Bench
from .notebook import Notebook


@pytest.fixture
def notebook(bench: Bench) -> Notebook:
    """What the bot remembers."""
    notebook = Notebook()
    bench.around = bench.remembering(notebook)
    return notebook


@pytest.fixture
async def bot(bench: Bench, notebook: Notebook) -> AsyncIterator[Bench]:
    """A bot with buttons."""
    assert bench.around.memory is notebook
    async with bench.serving():
        yield bench


def below(bench: Bench, person: Person, data: str) -> Message:
    """A message of the bot with one button."""
    markup: JsonObject = {"inline_keyboard": [[{"text": "按", "callback_data": data}]]}
    bench.sandbox.world.open(person.chat.chat_id)
    return bench.sandbox.world.post(
        person.chat.chat_id, bench.sandbox.world.bot, Content("?", reply_markup=markup)
    )


async def answer_of(bench: Bench, person: Person, data: str) -> CallbackAnswer:
    press = person.press(below(bench, person, data))
    await bench.until(lambda: person.answer_to(press))
    answered = person.answer_to(press)
    assert answered is not None
    assert answered.answer is not None
    return answered.answer


@pytest.mark.parametrize("data", ["never given", "x" * 64, "%", "{}"])
async def test_an_unknown_button_says_so(bot: Bench, mei: Person, ann: Person, data: str) -> None:
    """Forged, forgotten or foreign: a polite line in the language of the one who pressed."""
    answer = await answer_of(bot, mei, data)
    assert "失效" in answer.text
    assert answer.show_alert
    assert "no longer works" in (await answer_of(bot, ann, data)).text


async def test_an_unknown_verb_says_so(bot: Bench, mei: Person, notebook: Notebook) -> None:
    """A button of a version that could do more, or whose payload has none."""
    for payload in ({"do": "fly"}, {"do": None}, {}):
        assert "失效" in (await answer_of(bot, mei, notebook.remember(payload, user=None))).text


class Doing:
    """A press and what was answered, without Telegram."""

    def __init__(self, notebook: Notebook) -> None:
        self.answers: list[tuple[str | None, bool]] = []
        self.answered = asyncio.Event()
        self.data = notebook.remember({"do": "it"}, user=None)
        self.from_user = User(1, "梅", is_bot=False)
        self.message = None

    async def answer(self, text: str | None, *, show_alert: bool) -> None:
        self.answers.append((text, show_alert))
        self.answered.set()


class Pressed:
    """An update with nothing but a press."""

    def __init__(self, query: Doing) -> None:
        self.callback_query = query


async def done(verb: verbs.Verb, notebook: Notebook | None = None) -> Doing:
    notebook = notebook or Notebook()
    all_verbs = Verbs(notebook, Readers(Catalog(), notebook))
    all_verbs.add({"it": verb})
    doing = Doing(notebook)
    try:
        await all_verbs.pressed(Pressed(doing), None)  # type: ignore[arg-type]
    except (RuntimeError, WenbaoError) as error:
        doing.answers.append((str(error), False))
    return doing


async def test_a_verb_need_not_answer() -> None:
    """Its press is answered after it, silently."""

    async def nothing(press: Press) -> None:
        assert press.message is None

    assert (await done(nothing)).answers == [(None, False)]


async def test_the_first_answer_counts() -> None:
    """Telegram takes one, of at most 200 characters."""

    async def twice(press: Press) -> None:
        await press.answer("好" * 300, alert=True)
        await press.answer("又")

    assert (await done(twice)).answers == [("好" * 200, True)]


async def test_a_verb_that_fails_is_answered_too() -> None:
    """The waiting sign ends, and the error goes on to where errors are told."""

    async def fail(_: Press) -> None:
        raise RuntimeError("no")

    assert (await done(fail)).answers == [(None, False), ("no", False)]


async def test_an_answer_that_comes_too_late_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the button asked for was done; that its waiting sign stayed is logged, no more."""

    async def late(*_: object, **__: object) -> None:
        raise BadRequest("query is too old and response timeout expired or query ID is invalid")

    async def nothing(press: Press) -> None:
        await press.answer("好")

    monkeypatch.setattr(Doing, "answer", late)
    assert (await done(nothing)).answers == []


class Shut(Notebook):
    """A memory that cannot be reached."""

    def recall(self, button: str) -> Mapping[str, Any] | None:
        raise WenbaoError(f"no {button}")

    def language(self, user: int) -> str | None:
        raise WenbaoError(f"no language of {user}")


async def test_a_press_is_answered_without_a_memory() -> None:
    """The waiting sign ends, and the error goes on."""

    async def nothing(_: Press) -> None: ...

    doing = await done(nothing, Shut())
    assert doing.answers == [(None, False), (f"no {doing.data}", False)]


async def test_a_verb_that_takes_long_is_answered_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is through."""
    monkeypatch.setattr(verbs, "ANSWER_WITHIN_S", 0.01)
    seen: list[int] = []

    async def slow(press: Press) -> None:
        await doing_of(press).answered.wait()
        seen.append(len(doing_of(press).answers))

    assert (await done(slow)).answers == [(None, False)]
    assert seen == [1]


def doing_of(press: Press) -> Doing:
    query: object = press.query
    assert isinstance(query, Doing)
    return query


def test_a_verb_is_added_once() -> None:
    """Two modules that claim the same name are noticed at the start."""

    async def nothing(_: Press) -> None: ...

    notebook = Notebook()
    all_verbs = Verbs(notebook, Readers(Catalog(), notebook))
    all_verbs.add({"a": nothing})
    with pytest.raises(ValueError, match="a"):
        all_verbs.add({"a": nothing, "b": nothing})


async def test_a_keyboard_remembers_what_its_buttons_mean() -> None:
    """Each button by a short id; a row without buttons is none."""
    notebook = Notebook()
    first: Button = ("一", {"do": "it", "with": "投诉" * 100})
    markup = await keyboard(notebook, [[first, ("二", {"do": "it"})], [], [("三", {"do": "other"})]])
    rows = [[(one.text, str(one.callback_data)) for one in row] for row in markup.inline_keyboard]
    assert [[text for text, _ in row] for row in rows] == [["一", "二"], ["三"]]
    assert notebook.recall(rows[0][0][1]) == first[1]
    assert all(len(data.encode()) <= 64 for row in rows for _, data in row)
