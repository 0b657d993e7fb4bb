"""A home with three reports and its real service, for tests that browse."""

import shutil
from pathlib import Path

from bot.home import Home
from bot.settings import Settings
from bot.wiring import Service
from tests import caches

ROOT = Path(__file__).parents[2]

COMPLAINTS = """# 投诉处理报告

## 一、受理

### （一）登记

客服接到投诉后，先安抚客户，再登记投诉内容、联系方式和期望的处理结果。

### （二）分级

投诉分为一般、重要、紧急三级，紧急投诉须在十分钟内上报值班经理。

## 二、回访

投诉处理完成后三天内回访客户，确认客户是否满意。
"""
CALLS = "# 外呼指标报告\n\n" + "\n".join(
    f"## 第{n}节 指标{n}\n\n外呼指标{n}按每月第{n}个工作日的接通率设定，低于目标时由组长复盘。\n"
    for n in range(1, 14)
)
LONG = "# 热线记录报告\n\n## 一、通话记录\n\n" + "\n\n".join(
    f"第{n}条记录：坐席接听热线，记下来电时间、来电人和所问之事；"
    + f"随后按第{n}号规程转给有关部门处理并跟进结果。" * 6
    for n in range(1, 15)
)
REPORTS = {"01-投诉.md": COMPLAINTS, "02-外呼.md": CALLS, "07-热线.md": LONG}


def make_home(root: Path) -> Home:
    """Write a home with three reports."""
    shutil.copytree(ROOT / "config", root / "config")
    home = Home(root)
    home.corpus.mkdir()
    caches.give(root)
    for name, text in REPORTS.items():
        (home.corpus / name).write_text(text, "utf-8")
    return home


def open_service(home: Home) -> Service:
    """Return the home's service; what it warns of fails the test."""

    def warn(line: str) -> None:
        raise AssertionError(line)

    return Service(home, Settings(), warn=warn)
