"""What the bot learns of chats and members, being thrown out, reactions, deep links, being at work."""

import pytest

from bot.sandbox.people import Person
from bot.sandbox.world import ACTION_S

from .client import Api, StillClock

LEFT = "Forbidden: bot is not a member of the supergroup chat"
KICKED = "Forbidden: bot was kicked from the supergroup chat"


def changes(api: Api) -> list[tuple[str, str, str]]:
    """Who changed what the bot is, from what, to what."""
    updates = api.call("getUpdates").result
    told = [update["my_chat_member"] for update in updates if "my_chat_member" in update]
    return [
        (one["from"]["first_name"], one["old_chat_member"]["status"], one["new_chat_member"]["status"])
        for one in told
    ]


def test_a_chat_tells_of_itself(shared: Api, ada: Person) -> None:
    team = shared.sandbox.group("Team", [ada], username="team")
    private = shared.call("getChat", chat_id=ada.chat.chat_id).result
    assert (private["type"], private["first_name"], private["username"]) == ("private", "Ada", "ada")
    assert shared.call("getChat", chat_id="@team").result["title"] == "Team"
    assert shared.call("getChat", chat_id=team.chat_id).result["id"] == team.chat_id


def test_members_have_a_standing(shared: Api, ada: Person) -> None:
    bo, cy = shared.sandbox.join("Bo"), shared.sandbox.join("Cy")
    team = shared.sandbox.group("Team", [ada], admins=[bo])

    def status(user_id: int) -> str:
        return str(shared.call("getChatMember", chat_id=team.chat_id, user_id=user_id).result["status"])

    bot_id = shared.sandbox.world.bot.user_id
    people = (ada.user.user_id, bo.user.user_id, cy.user.user_id, bot_id)
    assert [status(user_id) for user_id in people] == ["member", "administrator", "left", "member"]
    admins = shared.call("getChatAdministrators", chat_id=team.chat_id).result
    assert [(one["user"]["first_name"], one["can_delete_messages"]) for one in admins] == [("Bo", True)]
    assert shared.call("getChatMemberCount", chat_id=team.chat_id).result == 3


REFUSED: list[tuple[str, dict[str, object], str]] = [
    ("getChat", {"chat_id": 1}, "chat not found"),
    ("getChat", {"chat_id": ""}, "chat_id is empty"),
    ("getChatMember", {}, "invalid user_id specified"),
    ("getChatMember", {"user_id": 99}, "PARTICIPANT_ID_INVALID"),
    ("getChatAdministrators", {}, "there are no administrators in the private chat"),
    ("leaveChat", {}, "chat member status can't be changed in private chats"),
    ("setMessageReaction", {"message_id": 99}, "message to react not found"),
    ("setMessageReaction", {"message_id": 1, "reaction": "{"}, "can't parse reaction types JSON object"),
    ("setMessageReaction", {"message_id": 1, "reaction": {}}, "expected an Array of ReactionType"),
    ("setMessageReaction", {"reaction": [{"type": "emoji", "emoji": "投"}]}, "REACTION_INVALID"),
    ("setMessageReaction", {"reaction": [{"type": "emoji", "emoji": "👍"}] * 2}, "REACTIONS_TOO_MANY"),
    ("setMessageReaction", {"reaction": [{"type": "paid"}]}, 'sandbox: reactions of the type "paid" are'),
    ("setMessageReaction", {"reaction": [{"emoji": "👍"}]}, "can't parse ReactionType: Can't find field"),
]


@pytest.mark.parametrize(("method", "given", "description"), REFUSED)
def test_what_is_not_to_be_had(
    shared: Api, ada: Person, method: str, given: dict[str, object], description: str
) -> None:
    code, said = shared.call(method, **({"chat_id": ada.chat.chat_id} | given)).error
    assert code == 400
    assert said.startswith(f"Bad Request: {description}")


def test_a_chat_of_others_is_not_to_be_had(shared: Api, ada: Person) -> None:
    other = shared.sandbox.join("Bo").user.user_id
    refused = shared.call("getChatMember", chat_id=ada.chat.chat_id, user_id=other)
    assert refused.error == (400, "Bad Request: member not found")


def test_the_bot_can_leave_a_group(fresh: Api) -> None:
    """It is told so, sees nothing of the group any longer, and can send nothing there."""
    ada = fresh.sandbox.join("Ada")
    team = fresh.sandbox.group("Team", [ada])
    assert fresh.call("leaveChat", chat_id=team.chat_id).result is True
    ada.send("/ask", chat=team)
    assert changes(fresh) == [("问报", "member", "left")]
    assert len(fresh.call("getUpdates").result) == 1
    for method in ("sendMessage", "sendChatAction", "getChat", "leaveChat"):
        given = {"text": "x"} if method == "sendMessage" else {}
        assert fresh.call(method, chat_id=team.chat_id, **given).error == (403, LEFT)


def test_people_can_throw_the_bot_out_and_bring_it_back(fresh: Api) -> None:
    ada = fresh.sandbox.join("Ada")
    team = fresh.sandbox.group("Team", [ada])
    ada.remove_bot(team)
    assert fresh.call("sendMessage", chat_id=team.chat_id, text="x").error == (403, KICKED)
    ada.send("/ask nobody", chat=team)
    ada.add_bot(team)
    assert fresh.call("sendMessage", chat_id=team.chat_id, text="x").status == 200
    ada.send("/ask", chat=team)
    assert changes(fresh) == [("Ada", "member", "kicked"), ("Ada", "kicked", "member")]
    assert fresh.call("getUpdates").result[-1]["message"]["text"] == "/ask"
    with pytest.raises(ValueError, match="Bo is not in Team"):
        fresh.sandbox.join("Bo").remove_bot(team)


@pytest.mark.parametrize("emoji", ["👍", "❤", "❤️", "🤷‍♂️"])
def test_the_bot_reacts_to_a_message(shared: Api, ada: Person, emoji: str) -> None:
    message = ada.send("thanks")
    place = {"chat_id": ada.chat.chat_id, "message_id": message.message_id}
    given = {"reaction": [{"type": "emoji", "emoji": emoji}], "is_big": True}
    assert shared.call("setMessageReaction", **place, **given).result is True
    assert ada.transcript()[-1].reactions == (emoji,)
    assert shared.call("setMessageReaction", **place).result is True
    assert ada.transcript()[-1].reactions == ()


@pytest.mark.parametrize(
    ("payload", "text"), [("", "/start"), ("p_12-Ab", "/start p_12-Ab"), ("x" * 64, f"/start {'x' * 64}")]
)
def test_a_deep_link_starts_the_bot(fresh: Api, payload: str, text: str) -> None:
    fresh.sandbox.join("Ada").open(payload)
    assert fresh.call("getUpdates").result[0]["message"]["text"] == text


@pytest.mark.parametrize("payload", ["x" * 65, "a b", "投", "a.b", "a\n"])
def test_a_deep_link_carries_only_what_links_can(ada: Person, payload: str) -> None:
    with pytest.raises(ValueError, match="a link cannot carry"):
        ada.open(payload)


def test_being_at_work_shows_until_the_message_comes(fresh: Api, clock: StillClock) -> None:
    """Five seconds at most, in that chat only."""
    ada, bo = fresh.sandbox.join("Ada"), fresh.sandbox.join("Bo")
    ada.send("hello")
    world, place = fresh.sandbox.world, {"chat_id": ada.chat.chat_id}

    def shown() -> tuple[str, str]:
        return world.action_shown(ada.chat.chat_id), world.action_shown(bo.chat.chat_id)

    assert shown() == ("", "")
    fresh.call("sendChatAction", **place, action="typing")
    assert shown() == ("typing", "")
    ada.send("still there?")
    assert shown() == ("typing", "")
    clock.advance(ACTION_S)
    assert shown() == ("", "")
    fresh.call("sendChatAction", **place, action="upload_document")
    fresh.send(ada, "here")
    assert shown() == ("", "")
    fresh.call("sendChatAction", **place, action="typing")
    fresh.call("sendChatAction", **place, action="cancel")
    assert shown() == ("", "")
