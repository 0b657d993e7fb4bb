"""The sample corpus: ten reports, our own words, the reference's facts."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

CORPUS = Path(__file__).parents[1] / "corpus"
REFERENCE = Path(__file__).parents[2] / "shared" / "reports" / "客服年终总结报告.txt"
REPORTS = sorted(CORPUS.glob("*.md"))
RUN = 14

FACTS = {
    "01": """原来只有一名 新招四名 23个采油厂 共两次 油样60多桶 水样40多桶 甘谷驿 青化砭 川口
             压裂 注水 原油破乳 质检部 研发部 生产技术部 主人翁意识""",
    "02": "95598 12345 半年多 语音平台 值班长 工单 首解率 练英语 12345像一个大家庭",
    "03": """双人查勘、双人定损 24小时值班 第一现场 迅速、及时、准确、合理 “三个中心” 夏季防汛
             冬季防火防爆 打电话请保户来领款 快速赔付""",
    "04": """每周150个 每周200个 惰性 效率降下来 尽心尽力去做就能达到 月底评比 给奖励 要受罚
             每周一次下午茶 3G 2G 固网宽带 三无、双低""",
    "05": "十个月 美工 八月初 旺旺 自动回复 议价 客单价",
    "06": "53客服 咨询量比上月少 约访成功的人数也少了 沈阳校区 雅思保分计划 贴吧申诉 没有收到一起投诉",
    "07": """小问题立刻协调对口部门 大问题报告部长 部长批示后 督办 答复 企管部 人力资源部 财务部
             群工部 平常心""",
    "08": "入职一年 自动回复 店名 哪款包包 议价 客单价 从零学起",
    "09": """收铺 属于政府 一楼、二楼的A区和D区 三楼的A、B、C、D区 商舵 私人业主 物品放行条
             加班四五天 电脑地图 毛织办 贵德公司""",
    "10": "三个多月 入伙 清洁 绿化 回访 没有接着跟 没有及时告诉业主 没有受过系统的物业专业培训",
}


def read(report: Path) -> str:
    """The report's text, its line ends as they stand in the file."""
    return report.read_bytes().decode("utf-8")


def han_runs(text: str, size: int) -> set[str]:
    """Every run of `size` Han characters, whatever stands between them."""
    han = re.sub(r"[^\u3400-\u9fff]", "", text)
    return {han[i : i + size] for i in range(len(han) - size + 1)}


def test_ten_reports_numbered_in_order() -> None:
    """The corpus holds ten reports, numbered 01 to 10 without a gap."""
    assert [report.name[:3] for report in REPORTS] == [f"{n:02d}-" for n in range(1, 11)]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.stem[:2])
def test_report_is_long_enough_and_sectioned(report: Path) -> None:
    """Each report has at least 700 characters, exactly one title and at least three sections."""
    text = read(report)
    assert len(text) >= 700
    assert len(re.findall(r"^# \S", text, re.MULTILINE)) == 1
    assert len(re.findall(r"^## \S", text, re.MULTILINE)) >= 3


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.stem[:2])
def test_report_is_clean_text(report: Path) -> None:
    """Each report starts with its title, has LF line ends, no trailing blanks and one newline at its end."""
    text = read(report)
    assert text.startswith("# ")
    assert "\r" not in text
    assert re.search(r"[ \t\u3000]$", text, re.MULTILINE) is None
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.stem[:2])
def test_list_follows_its_lead_in(report: Path) -> None:
    """Each list is introduced by a sentence that ends in a colon."""
    blocks = read(report).split("\n\n")
    leads = [before for before, block in pairwise(blocks) if re.match(r"(?:1\.|-) ", block)]
    assert leads
    assert [lead for lead in leads if not lead.endswith("：")] == []


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.stem[:2])
def test_report_is_not_copied_from_the_reference(report: Path) -> None:
    """No run of fourteen Han characters is shared with the reference reports."""
    if not REFERENCE.is_file():
        pytest.skip(f"the reference reports are not here: {REFERENCE}")
    reference = han_runs(REFERENCE.read_text(encoding="utf-8"), RUN)
    assert reference
    assert han_runs(read(report), RUN) & reference == set()


@pytest.mark.parametrize(("prefix", "facts"), FACTS.items(), ids=FACTS)
def test_key_facts_stand_in_their_report(prefix: str, facts: str) -> None:
    """Each job's facts and figures stand in that job's report."""
    (report,) = CORPUS.glob(f"{prefix}-*.md")
    text = read(report)
    assert [fact for fact in facts.split() if fact not in text] == []
