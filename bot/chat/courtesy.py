"""Greetings and thanks: what people say to a bot without asking it anything. Pure.

Looked up in the reports they would be refused, and stand among what the reports lack.
"""

import re

GREETING, THANKS = "greeting", "thanks-said"
"""The names of the texts that answer them."""

_SAID = {
    GREETING: "你好 您好 你好呀 你好啊 您好呀 大家好 哈喽 哈囉 嗨 嘿 在吗 在嗎 在不在 有人吗 有人嗎 "
    "早 早上好 早安 上午好 中午好 下午好 晚上好 晚安 hello hellothere hi hithere hey goodmorning "
    "goodafternoon goodevening",
    THANKS: "谢谢 謝謝 谢谢你 謝謝你 谢谢您 謝謝您 谢了 謝了 多谢 多謝 感谢 感謝 辛苦了 "
    "好的谢谢 好的謝謝 thanks thankyou thx manythanks thanksalot thankyouverymuch",
}
_MEANT = {words: name for name, said in _SAID.items() for words in said.split()}
_NO_LETTER = re.compile(r"[\W_]+")


def courtesy(text: str) -> str | None:
    """Return the name of the text that answers a greeting or thanks, None for anything more or else."""
    return _MEANT.get(_NO_LETTER.sub("", text).casefold())
