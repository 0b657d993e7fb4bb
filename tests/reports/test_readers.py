"""One reader per file kind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UnreadableReport
from bot.reports.readers import READERS, Line, Role, parse, read


def roles(text: str) -> list[tuple[str, str]]:
    """Return each line of a Markdown text with its role."""
    return [
        (line.title or text[line.start : line.end], line.role.value)
        for line in parse(text.encode(), Path("a.md")).lines
    ]


def test_plain_text_has_body_lines_without_blank_ones() -> None:
    """Every line with something on it is body text; spaces around it, full-width too, are not part of it."""
    file = parse("\u3000\u3000第一行 \n\n \u3000\n# 第二行".encode(), Path("a.txt"))
    assert file.lines == (Line(2, 5), Line(11, 16))


def test_atx_headings_have_levels_and_bare_titles() -> None:
    """One to six # make a heading; closing # and spaces are not its title; #话题 without a space counts."""
    file = parse("# 一级 ##\n###三级\n####### 七\n#\n".encode(), Path("a.MD"))
    assert [(line.level, line.title) for line in file.lines] == [(1, "一级"), (3, "三级"), (0, ""), (0, "")]


def test_setext_headings_are_found_and_rules_are_not_headings() -> None:
    """A short line over === or --- is a heading; a rule after a blank line or a paragraph is none."""
    long = "很长的一段话" * 10
    text = f"总结\n===\n\n回顾\n---\n\n正文。\n\n---\n{long}\n---\n短。\n---\n一\n二\n---\n"
    assert roles(text) == [
        ("总结", "heading"),
        ("回顾", "heading"),
        ("正文。", "body"),
        ("---", "skip"),
        (long, "body"),
        ("---", "skip"),
        ("短。", "body"),
        ("---", "skip"),
        ("一", "body"),
        ("二", "body"),
        ("---", "skip"),
    ]


def test_code_tables_and_lists_are_never_headings() -> None:
    """Lines inside fences, rows and list items are fixed; the fences themselves have no words."""
    text = "```sh\n# 注释\n```\n| 表 |\n- 项\n1. 项\n> 引\n~~~\n一、\n~~~~\n一、文\n"
    assert [role for _, role in roles(text)] == [
        "skip",
        "fixed",
        "skip",
        "fixed",
        "fixed",
        "fixed",
        "fixed",
        "skip",
        "fixed",
        "skip",
        "body",
    ]


def test_comments_are_skipped_unless_never_closed() -> None:
    """Comment lines have no words, over several lines too; an open end hides nothing."""
    assert [role for _, role in roles("<!-- 一 -->\n<!--\n二\n-->\n三\n<!-- 四\n五")] == [
        "skip",
        "skip",
        "skip",
        "skip",
        "body",
        "body",
        "body",
    ]
    assert roles("<!-- 一 --> 二")[0][1] == "body"


def test_a_bold_line_may_be_a_heading() -> None:
    """A line that is bold as a whole has its words as title; one that is bold in part is body text."""
    assert roles("**一、总结**\n__二__：\n**a** b **c**\n") == [
        ("一、总结", "bold"),
        ("二：", "bold"),
        ("**a** b **c**", "body"),
    ]


def test_front_matter_is_left_out_and_gives_the_title() -> None:
    """YAML between --- at the very beginning is an omission; its title is kept."""
    file = parse("---\ntitle: '月报'\ndate: 2024\n---\n\n正文。\n---\n".encode(), Path("a.md"))
    assert file.title == "月报"
    assert [(omission.span.start, omission.reason) for omission in file.omissions] == [(0, "front matter")]
    assert file.text[file.omissions[0].span.start : file.omissions[0].span.end].endswith("---")
    assert file.text[file.lines[0].start : file.lines[0].end] == "正文。"


@pytest.mark.parametrize("text", ["---\n正文\n---\n", "---\na: 没有结束\n", "a\n---\nb: c\n---\n"])
def test_a_rule_at_the_beginning_is_not_front_matter(text: str) -> None:
    """Without a key or an end it is no front matter."""
    file = parse(text.encode(), Path("a.md"))
    assert file.omissions == ()
    assert file.title == ""


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a", "txt"])
def test_an_unsupported_suffix_is_named(tmp_path: Path, name: str) -> None:
    """A file of an unknown kind is refused by name with the kinds that are read."""
    (tmp_path / name).write_text("x")
    with pytest.raises(UnreadableReport, match=r"save it as \.txt or \.md"):
        read(tmp_path / name, max_bytes=10)


def test_the_size_limit_is_inclusive(tmp_path: Path) -> None:
    """A file of just the limit is read, one byte more is refused with what to do."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"12345")
    assert read(path, max_bytes=5).text == "12345"
    with pytest.raises(UnreadableReport, match=r"a\.txt: larger than .* MB; split it"):
        read(path, max_bytes=4)


def test_missing_files_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    """What is no regular file is refused at once, without waiting for a pipe's other end."""
    (tmp_path / "folder.txt").mkdir()
    os.mkfifo(tmp_path / "pipe.txt")
    for name, reason in [
        ("none.txt", "cannot be opened"),
        ("folder.txt", "not a regular file"),
        ("pipe.txt", "not a regular file"),
    ]:
        with pytest.raises(UnreadableReport, match=f"{name}: {reason}"):
            read(tmp_path / name, max_bytes=10)


def test_links_are_followed_only_within_the_folder_given(tmp_path: Path) -> None:
    """A link out of the corpus, or in a circle, is refused; one that stays inside is read."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (tmp_path / "secret.txt").write_text("秘密")
    (corpus / "a.txt").write_text("正文")
    (corpus / "in.txt").symlink_to("a.txt")
    (corpus / "out.txt").symlink_to("../secret.txt")
    (corpus / "loop.txt").symlink_to("loop.txt")
    assert read(corpus / "in.txt", max_bytes=10, within=corpus).text == "正文"
    for name in ("out.txt", "loop.txt"):
        with pytest.raises(UnreadableReport, match=name):
            read(corpus / name, max_bytes=10, within=corpus)


def test_messages_name_the_file_as_asked(tmp_path: Path) -> None:
    """A message has the name that the caller uses, the cause and one line."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"\x00\xff\x00")
    with pytest.raises(UnreadableReport, match=r"^corpus/a\.txt: it is binary") as caught:
        read(path, max_bytes=10, name="corpus/a.txt")
    assert "\n" not in str(caught.value)


def test_the_detector_is_not_loaded_for_utf8() -> None:
    """Reading UTF-8 does not pay for the encoding detector."""
    code = (
        "import sys; from pathlib import Path; from bot.reports.readers import parse;"
        "parse('客服'.encode(), Path('a.txt')); print('charset_normalizer' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


LINES = st.sampled_from(
    [
        "# 一",
        "## 二",
        "```",
        "~~~",
        "---",
        "===",
        "<!--",
        "-->",
        "<!-- x -->",
        "| a |",
        "- b",
        "1. c",
        "**d**",
        "正文。",
        "",
        "\u3000一、",
    ]
)


@given(st.lists(LINES | st.text(max_size=8), max_size=20).map("\n".join), st.sampled_from(sorted(READERS)))
def test_lines_are_disjoint_and_hold_every_character(text: str, suffix: str) -> None:
    """Lines are trimmed, in order, and with the omissions hold every character that is not a space."""
    try:
        file = parse(text.encode(), Path(f"a{suffix}"))
    except UnreadableReport:
        return
    covered = 0
    end = 0
    for span in sorted(
        [(line.start, line.end) for line in file.lines] + [(o.span.start, o.span.end) for o in file.omissions]
    ):
        assert end <= span[0] < span[1]
        words = file.text[slice(*span)]
        assert words == words.strip()
        covered += len("".join(words.split()))
        end = span[1]
    assert covered == len("".join(file.text.split()))
    assert all(line.title for line in file.lines if line.role in (Role.HEADING, Role.BOLD))


@given(st.binary(max_size=120), st.sampled_from(sorted(READERS)))
def test_reading_is_total(data: bytes, suffix: str) -> None:
    """Any bytes are read or refused with one line."""
    reason = ""
    try:
        parse(data, Path(f"a{suffix}"))
    except UnreadableReport as error:
        reason = str(error)
    assert "\n" not in reason
