"""Nonsense in every parameter of every method."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.sandbox.methods import METHODS
from bot.sandbox.parameters import readers

from .client import Api

_TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
_LEAF = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), _TEXT, st.just("1001")
)
_FIELDS = st.sampled_from(
    [
        "type",
        "text",
        "url",
        "id",
        "title",
        "message_text",
        "input_message_content",
        "inline_keyboard",
        "keyboard",
        "callback_data",
        "copy_text",
        "message_id",
        "quote",
        "chat_id",
        "user_id",
        "offset",
        "length",
        "user",
        "emoji",
        "command",
        "description",
        "start_parameter",
        "force_reply",
        "remove_keyboard",
        "parse_mode",
        "entities",
        "web_app",
        "is_disabled",
    ]
)
_KINDS = st.sampled_from(
    ["article", "text_link", "text_mention", "emoji", "chat", "chat_member", "pre", "HTML"]
)
_JSON = st.recursive(
    st.one_of(_LEAF, _KINDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_FIELDS, inner, max_size=4)),
    max_leaves=12,
)
_VALUE = st.one_of(
    _JSON.map(json.dumps), _TEXT, st.sampled_from(["1001", "-1001000000002", "1", "HTML", "true"])
)
_SLOW = {"getUpdates"}  # waits as long as it is told to


@st.composite
def _calls(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    method = draw(st.sampled_from([one for one in METHODS.values() if one.name not in _SLOW]))
    names = sorted(readers(method.build))
    return method.name, draw(st.dictionaries(st.sampled_from(names), _VALUE)) if names else {}


@pytest.fixture
def peopled(shared: Api) -> Api:
    if not shared.sandbox.world.waiting_count:
        ada = shared.sandbox.join("Ada")
        ada.send("/start")
        shared.send(ada, "one of the bot's")
        shared.sandbox.group("Team", [ada])
    return shared


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_calls())
def test_any_call_is_answered_or_refused(peopled: Api, call: tuple[str, dict[str, str]]) -> None:
    """Law: no call, however odd, is an error of the server's own."""
    method, given_values = call
    answer = peopled.call(method, **given_values)
    assert answer.status in {200, 400, 403, 413}, (call, answer)
    assert answer.body["ok"] is (answer.status == 200)
