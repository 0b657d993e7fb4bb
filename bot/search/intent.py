"""What kind of answer a question wants: words like 怎么 match no passage, but they say what to look for."""

import re
from enum import Enum, auto


class Intent(Enum):
    """What is wanted."""

    FIGURES = auto()
    STEPS = auto()
    PROBLEMS = auto()

    def is_wanted(self, question: str) -> bool:
        """Tell whether a question, normalised, asks for it."""
        return _ASKED[self].search(question) is not None

    def is_met(self, text: str) -> bool:
        """Tell whether a text, normalised, has some of it."""
        return _SHOWN[self].search(text) is not None


def wanted(question: str) -> tuple[Intent, ...]:
    """Return what a normalised question wants, nothing if it does not say."""
    return tuple(intent for intent in Intent if intent.is_wanted(question))


_UNITS = "个名人次天日周月年元块万千百%倍成分秒点时小项条家台部件套层楼吨里岁号级期位通遍"
_COUNTED = rf"[零一二两三四五六七八九十百千万亿半][{_UNITS}]"
_ITEM = r"^\s*(?:[0-9]{1,2}[.、)）]|[（(]?[一二三四五六七八九十]{1,2}[、)）.])"
_FAULT = "不足|问题|缺点|困难|欠缺"

_ASKED = {
    Intent.FIGURES: re.compile(
        rf"多少|几[{_UNITS}]|多[久长大高远]|\bhow (?:many|much|long|often|far|tall|old|big|soon)\b"
    ),
    Intent.STEPS: re.compile(
        "怎么|怎样|如何|咋|步骤|流程|方法|办法|技巧|"
        r"\bhow (?:to|do|does|can|should|would)\b|\b(?:step|tip)s?\b"
    ),
    Intent.PROBLEMS: re.compile(rf"{_FAULT}|\b(?:problem|issue|shortcoming|weakness|difficult|fail|wrong)"),
}
_SHOWN = {
    Intent.FIGURES: re.compile(rf"[0-9]|{_COUNTED}|百分之"),
    Intent.STEPS: re.compile(
        rf"{_ITEM}|第[一二三四五六七八九十]步|[一二三四五]是|首先|其次|然后|最后|先[^。；]{{1,20}}[再后]|"
        "步骤|流程|方法|办法|措施|做法|技巧|必须|应当|要求",
        re.MULTILINE,
    ),
    Intent.PROBLEMS: re.compile(
        f"{_FAULT}|难点|不够|薄弱|有待|差距|短板|不到位|隐患|漏洞|教训|遗憾|没有?做好"
    ),
}
