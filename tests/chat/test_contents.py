"""Sections, outlines and pages."""

from hypothesis import given
from hypothesis import strategies as st

from bot.chat import contents
from bot.domain import Passage


def passages(*sections: tuple[str, ...], text: str = "原文") -> list[Passage]:
    return [Passage(f"p{n}", "r", "报告", path, "a.md", n, n + 1, text) for n, path in enumerate(sections)]


def test_passages_of_a_section_make_a_part() -> None:
    """A section of the same name further on is another."""
    parts = contents.parts(passages(("一",), ("一",), ("二", "甲"), ("一",)))
    assert [(part.number, part.path, len(part.passages)) for part in parts] == [
        (1, ("一",), 2),
        (2, ("二", "甲"), 1),
        (3, ("一",), 1),
    ]


def test_headings_above_are_named_once() -> None:
    """Also on the second page, and not when they are sections themselves."""
    parts = contents.parts(
        passages(("一", "甲"), ("一", "乙"), ("二",), ("二", "甲"), ("三", "甲", "子"), ("三", "乙", "丑"))
    )
    assert list(contents.outline(parts)) == [
        "一",
        "\u30001. 甲",
        "\u30002. 乙",
        "3. 二",
        "\u30004. 甲",
        "三",
        "\u3000甲",
        "\u3000\u30005. 子",
        "\u3000乙",
        "\u3000\u30006. 丑",
    ]
    assert list(contents.outline(parts[1:2])) == ["一", "\u30002. 乙"]


def test_a_long_heading_is_shortened() -> None:
    """A line of the outline stays a line."""
    (row,) = contents.outline(contents.parts(passages(("长\n" * 200,))))
    assert len(row) <= 64
    assert row.endswith("…")


@given(st.integers(0, 50), st.integers(-3, 60), st.integers(1, 9))
def test_a_page_is_there_whatever_is_asked_for(size: int, number: int, most: int) -> None:
    """All pages together are all things, in order; a number beyond them gives the nearest."""
    things = range(size)
    shown, page = contents.page(things, number, most)
    assert 0 <= page.number < page.count
    assert len(shown) <= most
    assert [one for at in range(page.count) for one in contents.page(things, at, most)[0]] == list(things)


@given(st.lists(st.text(min_size=1, max_size=350), min_size=1, max_size=12))
def test_pages_of_a_section_are_its_passages(texts: list[str]) -> None:
    """In order, none twice, and short enough for a message."""
    all_of_them = [
        Passage(f"p{n}", "r", "报告", ("一",), "a.md", 0, len(text), text) for n, text in enumerate(texts)
    ]
    pages = contents.pages(all_of_them)
    assert [passage for page in pages for passage in page] == all_of_them
    assert all(page for page in pages)
    assert all(len(page) == 1 or sum(len(one.text) for one in page) <= 1500 for page in pages)
