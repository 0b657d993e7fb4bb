"""Inline mode: asking by the bot's name in any chat, answering, choosing.

| rule | test |
| --- | --- |
| what results and buttons may be | test_what_an_answer_must_be |
| at most 50 results | test_fifty_results_and_no_more |
| once, and within ten seconds | test_an_answer_comes_once, test_an_answer_must_come_soon |
| an answer is kept for cache_time | test_an_answer_is_kept |
| a query has at most 256 characters | test_a_query_is_short |
"""

import json

import pytest

from bot.sandbox.inline_nouns import InlineButton, InlineQuery
from bot.sandbox.limits import Limits
from bot.sandbox.people import Person

from .client import Answer, Api, StillClock

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
KEYBOARD = {"inline_keyboard": [[{"text": "more", "callback_data": "more:1"}]]}


def article(**changed: object) -> dict[str, object]:
    """A result that Telegram takes, with changes; None takes a field away."""
    content = {"message_text": "<b>先听完</b>再答复", "parse_mode": "HTML"}
    whole = {"type": "article", "id": "p1", "title": "投诉处理", "input_message_content": content} | changed
    return {name: value for name, value in whole.items() if value is not None}


def answer(api: Api, asked: InlineQuery, results: object = (), **given: object) -> Answer:
    raw = results if isinstance(results, str) else json.dumps(results)
    return api.call("answerInlineQuery", inline_query_id=asked.query_id, results=raw, **given)


def newest(api: Api) -> dict[str, object]:
    update = api.call("getUpdates", offset=-1).result[0]
    return {kind: value for kind, value in update.items() if kind != "update_id"}


@pytest.fixture
def ada(fresh: Api) -> Person:
    fresh.sandbox.set_inline(on=True)
    return fresh.sandbox.join("Ada", username="ada", language_code="en")


def test_a_query_reaches_the_bot_and_its_results_the_person(fresh: Api, ada: Person) -> None:
    asked = ada.inline("投诉", offset="10")
    assert newest(fresh) == {
        "inline_query": {
            "id": asked.query_id,
            "from": {
                "id": 1001,
                "is_bot": False,
                "first_name": "Ada",
                "username": "ada",
                "language_code": "en",
            },
            "chat_type": "sender",
            "query": "投诉",
            "offset": "10",
        }
    }
    assert ada.results_of(asked) is None
    button = {"text": "怎么提问", "start_parameter": "help"}
    results = [article(description="第三章", thumbnail_url="https://a.cn/i.png"), article(id="投" * 21)]
    given = {"cache_time": 5, "is_personal": True, "next_offset": "20", "button": button}
    assert answer(fresh, asked, results, **given).result is True
    shown = ada.wait_for_results(asked)
    assert (shown.next_offset, shown.cache_s, shown.is_personal) == ("20", 5, True)
    assert shown.button == InlineButton("怎么提问", "help")
    assert [one.result_id for one in shown.results] == ["p1", "投" * 21]
    first = shown.results[0]
    assert (first.title, first.description, first.content.text) == ("投诉处理", "第三章", "先听完再答复")


def test_inline_mode_is_off_until_it_is_switched_on(fresh: Api) -> None:
    """As with BotFather: nobody can ask, and getMe says so."""
    ada = fresh.sandbox.join("Ada")
    with pytest.raises(ValueError, match="inline mode of @wenbao_bot is off"):
        ada.inline("投诉")
    assert fresh.call("getMe").result["supports_inline_queries"] is False
    fresh.sandbox.set_inline(on=True)
    assert fresh.call("getMe").result["supports_inline_queries"] is True
    assert ada.inline("投诉").query == "投诉"


def test_a_query_is_short(ada: Person) -> None:
    assert ada.inline("投" * 256).answer is None
    with pytest.raises(ValueError, match="at most 256 characters"):
        ada.inline("x" * 257)


def test_a_query_says_in_what_kind_of_chat_it_is_asked(fresh: Api, ada: Person) -> None:
    group = fresh.sandbox.group("team", [ada])
    ada.inline("x", chat=group)
    assert newest(fresh)["inline_query"]["chat_type"] == "supergroup"  # type: ignore[index]
    with pytest.raises(ValueError, match="Bo is not in team"):
        fresh.sandbox.join("Bo").inline("x", chat=group)


def test_a_chosen_result_is_posted_via_the_bot(fresh: Api, ada: Person) -> None:
    """The bot sees it in its own chat; with privacy mode it sees its own results in a group as well."""
    asked = ada.inline("投诉")
    answer(fresh, asked, [article()])
    message = ada.choose(asked, "p1")
    seen = newest(fresh)["message"]
    assert isinstance(seen, dict)
    assert seen["via_bot"]["username"] == "wenbao_bot"
    assert (seen["from"]["first_name"], seen["text"]) == ("Ada", "先听完再答复")
    assert seen["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert (message.sender, message.inline_id) == (ada.user, "")
    group = fresh.sandbox.group("team", [ada])
    ada.choose(asked, "p1", chat=group)
    assert newest(fresh)["message"]["chat"]["title"] == "team"  # type: ignore[index]


def test_only_offered_results_can_be_chosen(fresh: Api, ada: Person) -> None:
    asked = ada.inline("投诉")
    with pytest.raises(ValueError, match="no result 'p1' was offered for '投诉'"):
        ada.choose(asked, "p1")
    answer(fresh, asked, [article()])
    with pytest.raises(ValueError, match="no result 'p2'"):
        ada.choose(asked, "p2")


@pytest.mark.parametrize("keyboard", [None, KEYBOARD])
def test_the_bot_learns_of_a_choice_only_with_feedback(
    fresh: Api, ada: Person, keyboard: dict[str, object] | None
) -> None:
    """Only a message with a keyboard comes with the id that it can be edited by."""
    asked = ada.inline("投诉")
    answer(fresh, asked, [article(reply_markup=keyboard)])
    ada.choose(asked, "p1")
    assert "message" in newest(fresh)
    fresh.sandbox.set_inline(on=True, feedback=True)
    message = ada.choose(asked, "p1")
    chosen = newest(fresh)["chosen_inline_result"]
    assert isinstance(chosen, dict)
    assert (chosen["result_id"], chosen["query"], chosen["from"]["id"]) == ("p1", "投诉", 1001)
    assert chosen.get("inline_message_id", "") == message.inline_id
    assert bool(message.inline_id) is bool(keyboard)


def test_a_press_below_a_chosen_result_names_it_by_its_inline_id(fresh: Api, ada: Person) -> None:
    asked = ada.inline("投诉")
    answer(fresh, asked, [article(reply_markup=KEYBOARD)])
    message = ada.choose(asked, "p1")
    press = ada.press(message, text="more")
    query = newest(fresh)["callback_query"]
    assert isinstance(query, dict)
    assert (query["inline_message_id"], query["data"]) == (message.inline_id, "more:1")
    assert "message" not in query
    assert fresh.call("answerCallbackQuery", callback_query_id=press.press_id).result is True


def test_a_chosen_result_is_edited_by_its_inline_id(fresh: Api, ada: Person) -> None:
    """By nothing else: it is not a message of the bot."""
    asked = ada.inline("投诉")
    answer(fresh, asked, [article(reply_markup=KEYBOARD)])
    message = ada.choose(asked, "p1")
    given = {"inline_message_id": message.inline_id, "reply_markup": KEYBOARD}
    assert fresh.call("editMessageText", **given, text="新").result is True
    assert ada.transcript()[-1].text == "新"
    assert (
        fresh.call("editMessageText", **given, text="新")
        .error[1]
        .startswith("Bad Request: message is not mod")
    )
    assert fresh.call("editMessageReplyMarkup", inline_message_id=message.inline_id).result is True
    assert ada.transcript()[-1].buttons == ()
    unknown = fresh.call("editMessageText", inline_message_id="inline-99", text="x")
    assert unknown.error == (400, "Bad Request: MESSAGE_ID_INVALID")
    place = {"chat_id": message.chat_id, "message_id": message.message_id}
    assert fresh.call("editMessageText", **place, text="x").error == (
        400,
        "Bad Request: message can't be edited",
    )


def test_an_answer_comes_once(fresh: Api, ada: Person) -> None:
    asked = ada.inline("投诉")
    assert answer(fresh, asked).result is True
    assert answer(fresh, asked).error == (400, TOO_OLD)


@pytest.mark.parametrize("query_id", ["", "1", "nonsense"])
def test_an_unknown_query_cannot_be_answered(fresh: Api, query_id: str) -> None:
    given = {"inline_query_id": query_id, "results": "[]"}
    assert fresh.call("answerInlineQuery", **given).error == (400, TOO_OLD)


@pytest.mark.parametrize(("after_s", "in_time"), [(0, True), (10, True), (10.5, False), (3600, False)])
def test_an_answer_must_come_soon(
    fresh: Api, ada: Person, clock: StillClock, after_s: float, in_time: bool
) -> None:
    assert Limits().inline_s == 10
    asked = ada.inline("投诉")
    clock.advance(after_s)
    late = answer(fresh, asked, [article()])
    assert late.body["ok"] is in_time
    if not in_time:
        assert late.error == (400, TOO_OLD)


@pytest.mark.parametrize(
    ("given", "after_s", "by_same", "by_other"),
    [
        ({}, 299, True, True),
        ({}, 301, False, False),
        ({"cache_time": 5}, 4, True, True),
        ({"cache_time": 5}, 6, False, False),
        ({"cache_time": 0}, 0, False, False),
        ({"is_personal": True}, 299, True, False),
        ({"cache_time": 10**6}, 86399, True, True),
        ({"cache_time": 10**6}, 86401, False, False),
    ],
)
def test_an_answer_is_kept(
    fresh: Api,
    ada: Person,
    clock: StillClock,
    given: dict[str, object],
    after_s: float,
    by_same: bool,
    by_other: bool,
) -> None:
    """For cache_time, 300 seconds without it, at most a day; for everybody unless it is personal."""
    answer(fresh, ada.inline("投诉"), [article()], **given)
    clock.advance(after_s)
    other = fresh.sandbox.join("Bo")
    fresh.sandbox.world.drop_updates()
    assert bool(ada.inline("投诉").answer) is by_same
    assert bool(other.inline("投诉").answer) is by_other
    assert ada.inline("投诉", offset="1").answer is None
    assert fresh.sandbox.world.waiting_count == 3 - by_same - by_other


def test_fifty_results_and_no_more(fresh: Api, ada: Person) -> None:
    many = [article(id=str(number)) for number in range(51)]
    too_many = "Bad Request: too many inline query results specified"
    assert answer(fresh, ada.inline("a"), many).error == (400, too_many)
    assert answer(fresh, ada.inline("b"), many[:50]).result is True


def text(**changed: object) -> list[dict[str, object]]:
    return [article(input_message_content=changed)]


RESULT = "can't parse InlineQueryResult:"
REFUSED: list[tuple[object, dict[str, object], str]] = [
    ("{", {}, "can't parse JSON encoded inline query results"),
    ({}, {}, "expected an Array of inline query results"),
    (["p1"], {}, f"{RESULT} Inline query result must be an object"),
    ([article(type=None)], {}, f'{RESULT} Can\'t find field "type"'),
    ([article(type="story")], {}, f'{RESULT} type "story" is unsupported for the inline query result'),
    ([article(type="photo")], {}, 'sandbox: inline query results of the type "photo" are not supported'),
    ([article(id=None)], {}, f'{RESULT} Can\'t find field "id"'),
    ([article(id=1)], {}, f'{RESULT} Field "id" must be of type String'),
    ([article(id="")], {}, "RESULT_ID_EMPTY"),
    ([article(id="x" * 65)], {}, "RESULT_ID_INVALID"),
    ([article(id="投" * 22)], {}, "RESULT_ID_INVALID"),
    ([article(), article()], {}, "RESULT_ID_DUPLICATE"),
    ([article(title=None)], {}, f'{RESULT} Can\'t find field "title"'),
    ([article(title=" ")], {}, "ARTICLE_TITLE_EMPTY"),
    ([article(subtitle="x")], {}, 'sandbox: InlineQueryResultArticle has no field "subtitle"'),
    ([article(thumbnail_url="a.png")], {}, "WEBDOCUMENT_URL_INVALID"),
    ([article(input_message_content=None)], {}, "inline message can't be empty"),
    (text(), {}, "sandbox: an inline message must be an InputTextMessageContent"),
    (text(message_text=""), {}, "message text is empty"),
    (text(message_text="x" * 4097), {}, "MESSAGE_TOO_LONG"),
    (text(message_text="<b>x", parse_mode="HTML"), {}, "can't parse entities: Can't find end tag"),
    (text(message_text="x", text="y"), {}, 'sandbox: InputTextMessageContent has no field "text"'),
    (
        text(
            message_text="x", entities=[{"type": "text_mention", "offset": 0, "length": 1, "user": {"id": 9}}]
        ),
        {},
        "user not found",
    ),
    ([article(reply_markup={"force_reply": True})], {}, "inline keyboard expected"),
    (
        [article(reply_markup={"inline_keyboard": [[{"text": "a", "callback_data": "x" * 65}]]})],
        {},
        "BUTTON_DATA_INVALID",
    ),
    ([], {"next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
    ([], {"next_offset": "投" * 22}, "NEXT_OFFSET_INVALID"),
    ([], {"button": {"text": "a", "start_parameter": ""}}, "can't use empty start_parameter"),
    ([], {"button": {"text": "a", "start_parameter": "x" * 65}}, "too long start_parameter specified"),
    (
        [],
        {"button": {"text": "a", "start_parameter": "a b"}},
        "unallowed characters in start_parameter are used",
    ),
    ([], {"button": {"text": " ", "start_parameter": "a"}}, "SWITCH_PM_TEXT_EMPTY"),
    ([], {"button": {"text": "a", "url": "x"}}, 'sandbox: InlineQueryResultsButton has no field "url"'),
]


@pytest.mark.parametrize(("results", "given", "description"), REFUSED)
def test_what_an_answer_must_be(
    fresh: Api, ada: Person, results: object, given: dict[str, object], description: str
) -> None:
    """A refused answer leaves the query as it was: the next one counts."""
    asked = ada.inline("x")
    code, said = answer(fresh, asked, results, **given).error
    assert code == 400
    assert said.startswith(f"Bad Request: {description}")
    assert answer(fresh, asked, [article(id="x" * 64)], next_offset="x" * 64).result is True
