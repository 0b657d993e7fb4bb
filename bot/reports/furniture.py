"""What is in a report's file but is not its text: boilerplate, signatures, empty labels."""

import re
from collections import Counter
from collections.abc import Sequence

from bot.reports.readers import Line

_EDITORIAL = re.compile(
    r"""小编
    | (?:范文|模板|文章|资料|内容).{0,12}(?:供大家|供您|仅供|大家参考|参考[!！。]|借鉴)
    | (?:欢迎|希望)[^。]{0,12}(?:大家|您|你)[^。]{0,8}(?:阅读|参考|借鉴|下载|喜欢|有所?帮助)
    """,
    re.VERBOSE,
)
_LABEL = re.compile(r"[^\s，,。：:]{1,10}\s*[：:]\Z")
_YEAR = r"(?:\d{2}[\dxX×*]{2}|[〇零一二三四五六七八九xX×*]{2,4})"
_MONTH_OR_DAY = r"[\dxX×*一二三四五六七八九十]{1,3}"
_DATE = rf"{_YEAR}\s*[年./-]\s*(?:{_MONTH_OR_DAY}\s*[月./-]\s*)?(?:{_MONTH_OR_DAY}\s*[日号]?)?"
_ROLE = r"[^\s，,。：:]{0,6}(?:汇报|报告|述职|总结|撰写|记录|审核|制表|申请)人"
_SIGNED = rf"(?:{_ROLE}|姓\s*名|签\s*[名字]|作\s*者|客\s*服|部\s*门|日\s*期|报告日期)\s*[：:]\s*\S{{0,12}}"
_ORIGIN = r"(?:本文|文章|资料)?(?:来源|出处|转载自|原文链接|原文地址|责任编辑)\s*[：:][^，,。]{0,60}"
_SIGNATURE = re.compile(rf"(?:{_SIGNED}|(?:日期[：:])?\s*{_DATE}|此\s*致|敬\s*礼\s*[!！。]?|{_ORIGIN})\Z")
_CONTENTS = re.compile(r"目\s*录[：:]?\Z")
_PAGE = re.compile(r"[\s.…·]*\d*\Z|\s+")
_RELATED = re.compile(
    r"(?:【.{1,40}】|.{0,30})(?:相关(?:文章|推荐|阅读|范文)|推荐阅读|拓展阅读|猜你喜欢)[：:]?\Z"
)
_MOST_RELATED = 40


def body_start(text: str, lines: Sequence[Line]) -> int:
    """Return how many of `lines`, those after the title, are an editor's introduction or the contents."""
    count = 0
    while count < min(3, len(lines) - 1) and is_editorial(_words(text, lines[count])):
        count += 1
    if lines[count:] and _CONTENTS.match(_words(text, lines[count])):
        count += _contents(text, lines[count:])
    return count


def is_contents_title(words: str) -> bool:
    """Tell whether `words` stands over a table of contents."""
    return bool(_CONTENTS.match(words))


def _contents(text: str, lines: Sequence[Line]) -> int:
    """Return how many lines are a table of contents: its title and what stands as a line again below."""
    keys = Counter(_key(_words(text, line)) for line in lines)
    count = 1
    while count < len(lines) and keys[key := _key(_words(text, lines[count]))] > 1:
        keys[key] -= 1
        count += 1
    return count if count > 1 else 0


def _key(words: str) -> str:
    return _PAGE.sub("", words)


def _words(text: str, line: Line) -> str:
    return line.title or text[line.start : line.end]


def body_end(text: str, lines: Sequence[Line]) -> int:
    """Return how many of `lines` are left when stray last lines are cut; at least one when there is one."""
    end = _before_related(text, lines)
    while end > 1 and _is_stray(_words(text, lines[end - 1])):
        end -= 1
    return end


def is_editorial(words: str) -> bool:
    """Tell whether `words` is a web editor's about the texts, not part of a report."""
    return len(words) <= 300 and bool(_EDITORIAL.search(words))


def _is_stray(words: str) -> bool:
    return bool(_LABEL.match(words) or _SIGNATURE.match(words))


def _before_related(text: str, lines: Sequence[Line]) -> int:
    """Return the index of the line that opens a list of links to other texts, or the number of lines."""
    earliest = max(1, len(lines) - _MOST_RELATED)
    for index in range(earliest, len(lines)):
        line = lines[index]
        if line.end - line.start <= 60 and _RELATED.match(text[line.start : line.end]):
            rest = lines[index + 1 :]
            if all(line.end - line.start <= 60 for line in rest):
                return index
    return len(lines)
