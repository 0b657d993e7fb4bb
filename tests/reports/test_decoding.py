"""Bytes to text."""

import codecs
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.decoding import decode

PROSE = "客服部全年接听来电12.5万通，接通率达到98.6%。\n一、管理精细化。\n投诉在24小时内处理完毕。\n"
SHORT = ["客服", "投诉处理", "接听电话。", "一、考核", "回访率98%", "退款", "KPI 达标", "“首问负责制”"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-32"])
def test_encodings_of_chinese_offices_are_read(encoding: str) -> None:
    """UTF-8 with and without mark, GBK, and marked UTF-16 and UTF-32 give the same text."""
    assert decode(PROSE.encode(encoding)) == PROSE


@pytest.mark.parametrize(
    ("mark", "encoding"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
)
def test_utf16_is_read_in_both_orders(mark: bytes, encoding: str) -> None:
    """The order of bytes is the mark's; without a mark it is found."""
    assert decode(mark + PROSE.encode(encoding)) == PROSE
    assert decode(PROSE.encode(encoding)) == PROSE


@pytest.mark.parametrize("text", SHORT)
def test_short_gbk_is_not_taken_for_another_language(text: str) -> None:
    """A few characters of GBK come out as Chinese, not as Cyrillic, Korean or Big5."""
    assert decode(text.encode("gbk")) == text


def test_gb18030_keeps_rare_characters() -> None:
    """Characters beyond GBK, such as names and emoji, survive in GB18030."""
    assert decode(f"{PROSE}𠮷先生😀".encode("gb18030")) == f"{PROSE}𠮷先生😀"


def test_traditional_chinese_in_big5_is_read() -> None:
    """Big5, which is no GB18030, is found out."""
    text = "客戶服務部年終總結報告。今年處理投訴三百餘起，滿意度達到百分之九十五，較去年提升。\n"
    assert decode(text.encode("big5")) == text


def test_line_ends_become_newlines_and_nothing_else_changes() -> None:
    r"""CRLF and CR become "\n"; full-width spaces, tabs and spaces at line ends stay."""
    assert decode("\u3000\u3000一\r\n二 \r三\t\n\x0c".encode()) == "\u3000\u3000一\n二 \n三\t\n\x0c"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "binary"),
        (b"\x00\x01\x02", "binary"),
        ("客服\x08".encode(), "control character U+0008 in line 1"),
        ("客服\n\x1b[31m".encode(), "control character U+001B in line 2"),
        (b"\xff\xfe\x00", "damaged"),
        (PROSE.encode()[:-4] + b"\xe5\n", "damaged UTF-8 in line 3"),
        (b"\xff\xff\xff\xff\xff", "neither UTF-8"),
        (b"\x81\x8d\x8f\x90\x9d\xa0" * 9, "neither UTF-8"),
        ("наши отчёты о работе службы поддержки клиентов".encode("koi8-r"), "neither UTF-8"),
    ],
)
def test_what_is_no_text_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    """Binary, damaged and unknown bytes are refused in one line that says what to do."""
    with pytest.raises(ValueError, match=re.escape(reason)) as caught:
        decode(data)
    assert "\n" not in str(caught.value)
    assert "UTF-8" in str(caught.value)


def test_an_empty_file_is_empty_text() -> None:
    """No bytes are no text, not an error."""
    assert decode(b"") == decode(codecs.BOM_UTF8) == ""


@given(
    st.binary(max_size=200)
    | st.text(max_size=60).map(str.encode)
    | st.text(max_size=60).map(lambda text: text.encode("gb18030", "ignore"))
)
def test_decoding_is_total(data: bytes) -> None:
    """Any bytes give text that can be written again, or a reason."""
    text = ""
    reason: ValueError | None = None
    try:
        text = decode(data)
    except ValueError as error:
        reason = error
    assert not isinstance(reason, UnicodeError)
    assert reason is None or str(reason)
    assert not {"\r", "\x00"} & set(text)
    assert text.encode().decode() == text


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=80))
def test_utf8_is_never_taken_for_anything_else(text: str) -> None:
    """What is UTF-8 is read as UTF-8."""
    assert decode(text.removeprefix("\ufeff").encode()) == text.removeprefix("\ufeff")
