"""The parse mode HTML, asked through sendMessage."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.markup import KINDS, MarkupError, parse_html
from bot.sandbox.people import Person
from bot.sandbox.utf16 import cut, units

from .client import Api

E = dict[str, object]


def e(kind: str, offset: int, length: int, **more: object) -> E:
    return {"type": kind, "offset": offset, "length": length, **more}


WELL_FORMED: list[tuple[str, str, list[E]]] = [
    ("plain", "plain", []),
    ("a > b", "a > b", []),
    ("&lt;b&gt; &amp; &quot;", '<b> & "', []),
    ("&lt b", "< b", []),
    ("&nbsp;&copy;&LT;", "&nbsp;&copy;&LT;", []),
    ("R&D & co", "R&D & co", []),
    ("&#25237;&#x8bc9; &#128512;&#x1F600", "投诉 😀😀", []),
    ("&#0;&#1114111;&#999999999;", "&#0;&#1114111;&#999999999;", []),
    ("<b>投诉</b>处理", "投诉处理", [e("bold", 0, 2)]),
    ("😀<b>x</b>", "😀x", [e("bold", 2, 1)]),
    ("<b>😀</b>x", "😀x", [e("bold", 0, 2)]),
    ("<B>x</b >y", "xy", [e("bold", 0, 1)]),
    ("<b>x</>", "x", [e("bold", 0, 1)]),
    ("<strong>a</strong>", "a", [e("bold", 0, 1)]),
    ("<em>a</em><i>b</i>", "ab", [e("italic", 0, 1), e("italic", 1, 1)]),
    ("<u>a</u><ins>b</ins>", "ab", [e("underline", 0, 1), e("underline", 1, 1)]),
    ("<s>a</s>", "a", [e("strikethrough", 0, 1)]),
    ("<strike>a</strike>", "a", [e("strikethrough", 0, 1)]),
    ("<del>a</del>", "a", [e("strikethrough", 0, 1)]),
    ("<tg-spoiler>a</tg-spoiler>", "a", [e("spoiler", 0, 1)]),
    ('<span class="tg-spoiler">a</span>', "a", [e("spoiler", 0, 1)]),
    ("<span class=tg-spoiler>a</span>", "a", [e("spoiler", 0, 1)]),
    ("<blockquote>a</blockquote>", "a", [e("blockquote", 0, 1)]),
    ("<blockquote expandable>a</blockquote>", "a", [e("expandable_blockquote", 0, 1)]),
    ("<blockquote expandable=''>a</blockquote>", "a", [e("expandable_blockquote", 0, 1)]),
    ('<tg-emoji emoji-id="5368">👍</tg-emoji>', "👍", [e("custom_emoji", 0, 2, custom_emoji_id="5368")]),
    ("<code>a &lt; b</code>", "a < b", [e("code", 0, 5)]),
    ("<pre>a\n b</pre>", "a\n b", [e("pre", 0, 4)]),
    ('<pre><code class="language-c">a</code></pre>', "a", [e("pre", 0, 1, language="c")]),
    ('<code class="language-c"><pre>a</pre></code>', "a", [e("pre", 0, 1, language="c")]),
    ('<code class="language-c">a</code>', "a", [e("code", 0, 1)]),
    ("<pre><code>a</code></pre>", "a", [e("pre", 0, 1)]),
    ("<pre>a<b>b</b></pre>", "ab", [e("pre", 0, 2)]),
    ('<a href="https://a.cn/x?y=1&amp;z">x</a>', "x", [e("text_link", 0, 1, url="https://a.cn/x?y=1&z")]),
    ("<a href='https://a.cn'>x</a>", "x", [e("text_link", 0, 1, url="https://a.cn/")]),
    ("<a href=a.cn>x</a>", "x", [e("text_link", 0, 1, url="http://a.cn/")]),
    ("<a>a.cn</a>", "a.cn", [e("text_link", 0, 4, url="http://a.cn/")]),
    ('<a href="nowhere">x</a>', "x", []),
    ('<a href="ftp://a.cn">x</a>', "x", []),
    ('<a href="http://localhost/">x</a>', "x", []),
    ('<a href="tg://user?id=77">x</a>', "x", []),
    ("<b><i>a</i>b</b>", "ab", [e("bold", 0, 2), e("italic", 0, 1)]),
    ("<i><b>a</b></i>", "a", [e("italic", 0, 1), e("bold", 0, 1)]),
    ("<b></b>x", "x", []),
    ("<b title='&lt;' data-x>x</b>", "x", [e("bold", 0, 1)]),
    (" \n<b> x</b> \n", " x", [e("bold", 0, 2)]),
    ("ab <b>c </b> ", "ab c", [e("bold", 3, 1)]),
    ("/help and @ada_l", "/help and @ada_l", [e("bot_command", 0, 5), e("mention", 10, 6)]),
    ("<code>/help</code>", "/help", [e("code", 0, 5)]),
    ("<b>/help</b>", "/help", [e("bold", 0, 5), e("bot_command", 0, 5)]),
]


@pytest.mark.parametrize(("source", "text", "entities"), WELL_FORMED)
def test_tags_become_entities(shared: Api, ada: Person, source: str, text: str, entities: list[E]) -> None:
    """Offsets are UTF-16 units; the source is kept beside."""
    chat_id = ada.chat.chat_id
    sent = shared.call("sendMessage", chat_id=chat_id, text=source, parse_mode="HTML").result
    assert (sent["text"], sent.get("entities", [])) == (text, entities)
    assert ada.replies()[0].source == source


MALFORMED: list[tuple[str, str]] = [
    ("投诉<x>", 'Unsupported start tag "x" at byte offset 6'),
    ("😀<X y>", 'Unsupported start tag "x" at byte offset 4'),
    ("a<br/>b", 'Unsupported start tag "br/" at byte offset 1'),
    ("a < b", 'Unsupported start tag "" at byte offset 2'),
    ("<p>a</p>", 'Unsupported start tag "p" at byte offset 0'),
    ("<!-- a -->", 'Unsupported start tag "!--" at byte offset 0'),
    ("a <b", "Unclosed start tag at byte offset 2"),
    ("a <", "Unclosed start tag at byte offset 2"),
    ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
    ("<b><i>a</i>", 'Can\'t find end tag corresponding to start tag "b"'),
    ("a</b>", "Unexpected end tag at byte offset 1"),
    ("<b>投</b></b>", "Unexpected end tag at byte offset 10"),
    ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
    ("<b>a</strong>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</strong>"'),
    ("<b>a</b ", "Unclosed end tag at byte offset 4"),
    ("<b>a</", "Unclosed end tag at byte offset 4"),
    ("<b>a</b x>", "Unclosed end tag at byte offset 4"),
    ("<b =x>a</b>", 'Empty attribute name in the tag "b" at byte offset 0'),
    ("<b />a</b>", 'Empty attribute name in the tag "b" at byte offset 0'),
    ("<b x= ", 'Unclosed start tag "b" at byte offset 0'),
    ("<b x", 'Unclosed start tag "b" at byte offset 0'),
    ('<a href="x>a</a>', "Unclosed start tag at byte offset 0"),
    ("<b x=y,z>a</b>", "Unexpected end of name token at byte offset 5"),
    ("<a href=https://a.cn>x</a>", "Unexpected end of name token at byte offset 8"),
    ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ('<span class="red">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ("<tg-emoji>a</tg-emoji>", "Invalid custom emoji identifier specified"),
    ('<tg-emoji emoji-id="9999999999999999999">a</tg-emoji>', "Invalid custom emoji identifier specified"),
    (
        "a&#xD83D;",
        (
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        ),
    ),
]


@pytest.mark.parametrize(("source", "description"), MALFORMED)
def test_malformed_markup_is_refused_in_telegrams_words(
    shared: Api, ada: Person, source: str, description: str
) -> None:
    """Offsets in messages count bytes of the source."""
    answer = shared.call("sendMessage", chat_id=ada.chat.chat_id, text=source, parse_mode="HTML")
    assert answer.error == (400, f"Bad Request: can't parse entities: {description}")


def test_known_people_can_be_mentioned_by_id(shared: Api, ada: Person) -> None:
    source = f'<a href="tg://user?id={ada.user.user_id}">you</a>'
    sent = shared.call("sendMessage", chat_id=ada.chat.chat_id, text=source, parse_mode="HTML").result
    assert sent["entities"][0]["type"] == "text_mention"
    assert sent["entities"][0]["user"]["username"] == "ada"


def test_given_entities_are_returned_in_order(shared: Api, ada: Person) -> None:
    entities = [e("italic", 3, 2), e("bold", 0, 5), e("pre", 6, 2, language="c"), e("spoiler", 6, 1)]
    sent = shared.call("sendMessage", chat_id=ada.chat.chat_id, text="ab 投诉 xy", entities=entities).result
    assert sent["entities"] == [entities[1], entities[0], entities[2]]


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({"text": "<b>a</b> " * 99, "parse_mode": "HTML"}, 99),
        ({"text": "<b>a</b> " * 120, "parse_mode": "HTML"}, 100),
        ({"text": "/a " * 120}, 100),
        ({"text": "ab" * 120, "entities": [e("bold", 2 * n, 1) for n in range(120)]}, 100),
    ],
)
def test_the_first_hundred_entities_are_kept(
    shared: Api, ada: Person, given: dict[str, object], count: int
) -> None:
    """Whatever makes them: tags, what is found in the text, or the bot's own list."""
    sent = shared.call("sendMessage", chat_id=ada.chat.chat_id, **given).result
    offsets = [entity["offset"] for entity in sent["entities"]]
    assert len(offsets) == count
    assert offsets == sorted(offsets)
    assert offsets[0] == 0


_TREES = st.recursive(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5).map(lambda text: (None, text)),
    lambda child: st.tuples(
        st.sampled_from(sorted(KINDS.keys() - {"span", "a", "tg-emoji"})), st.lists(child, max_size=3)
    ),
    max_leaves=8,
)


def _written(tree: object) -> tuple[str, str]:
    """The source and the text of a tree."""
    assert isinstance(tree, tuple)
    tag, content = tree
    if tag is None:
        return str(content).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"), str(content)
    parts = [_written(child) for child in content]
    source, text = ("".join(part[side] for part in parts) for side in (0, 1))
    return f"<{tag}>{source}</{tag}>", text


@settings(deadline=None)
@given(_TREES)
def test_escaped_text_survives_any_nesting(tree: object) -> None:
    """Law: the text is what was escaped, and every entity lies in it and holds something."""
    source, expected = _written(tree)
    text, entities = parse_html(source)
    assert text == expected
    assert all(0 <= one.offset < one.end <= units(text) for one in entities)
    assert all(cut(text, one.offset, one.end).encode("utf-16-le") for one in entities)
    assert list(entities) == sorted(entities, key=lambda one: (one.offset, -one.length))


@settings(deadline=None)
@given(st.text("<>/&;=\"' ab#x1-\n投", max_size=30))
def test_any_text_is_parsed_or_refused(source: str) -> None:
    """Law: nothing but a MarkupError comes out of nonsense."""
    try:
        text, entities = parse_html(source)
    except MarkupError:
        return
    assert all(one.end <= units(text) for one in entities)
