"""The buttons below a card, as Telegram takes them."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat.keys import Action, Keys
from bot.chat.language import Catalog


def test_a_button_is_what_the_library_would_make_of_it() -> None:
    """Alone and in a keyboard, beside another."""
    key = Keys("card", Catalog().of("en"), "wenbao_bot").key("↩︎ 返回", Action("page", 2, "plain"))
    same = InlineKeyboardButton("↩︎ 返回", callback_data=key.callback_data)
    link = InlineKeyboardButton("link", url="https://t.me")
    assert key.to_dict() == same.to_dict() == {"text": "↩︎ 返回", "callback_data": "card~page.2.plain"}
    assert InlineKeyboardMarkup([[key, link]]).to_dict() == InlineKeyboardMarkup([[same, link]]).to_dict()
