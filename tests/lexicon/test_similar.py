"""Repairs: what a mistyped piece was meant to be, and when nothing is said."""

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.analysis.analyzer import Analyzer
from bot.analysis.normalize import Normalizer, simplifier
from bot.analysis.segment import segmenter
from bot.errors import IndexDamaged
from bot.lexicon.similar import Similar
from bot.lexicon.sounds import compile_own, compile_words
from bot.lexicon.table import SIMILAR_FILES as FILES
from bot.lexicon.table import Table
from bot.lexicon.wordlists import dictionary

ROOT = Path(__file__).parents[2]

# What other teams' reports speak of, beside the sample's words.
OTHERS = {
    word: df
    for df, words in {
        1: "投放 投票 投影 分拆 查抄 检查 核查 理发 理财 陪同 流量 流失 城市 过程 工程 旅程 课程 教程 议程",
        2: "投资 投保 查询 查找 理解 理论 赔偿 赔付 处分 处罚 流动 流通 班长 班组 值守 长班 西安 西岸 方式",
        3: "保险 保证 保持 保修 年度 年终 年初 年轻 密切 紧密 号码 代码 路线 售后服务 客户经理 市场占有率",
        5: "complaint complaints customer manager service process password2 taobao crm kpi escalation",
    }.items()
    for word in words.split()
}


PROPER = """年假 保费 路由器 密码 wifi password 咖啡 蓝牙 股票 火锅 火星 量子力学
售前服务 客户总监 满意率 投标 保函 打印机 世界杯 bitcoin python github"""


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Words of the sample reports, a paragraph being a passage, and some more."""
    user_words = dictionary(ROOT / "config" / "dictionary.txt")
    cut = segmenter("auto", user_words, tmp_path_factory.mktemp("cache"))
    analyze = Analyzer(Normalizer(simplifier()), cut)
    found = Counter(OTHERS)
    for report in sorted((ROOT / "corpus").glob("*.md")):
        for paragraph in report.read_text("utf-8").splitlines():
            found.update(set(analyze.tokens(paragraph)[0]))
    return dict(found)


def compile_into(folder: Path, words: Mapping[str, int]) -> None:
    """Write all tables of some words."""
    compile_words(folder, words)
    compile_own(folder, [word for word in words if word.isascii()])


@pytest.fixture(scope="module")
def folder(words: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of these words."""
    path = tmp_path_factory.mktemp("generation")
    compile_into(path, words)
    return path


def opened(folder: Path, words: Mapping[str, int]) -> Similar:
    """Return the tables in a folder, opened."""
    return Similar([Table(folder / name) for name in FILES], lambda word: words.get(word, 0))


@pytest.fixture(scope="module")
def similar(folder: Path, words: dict[str, int]) -> Similar:
    """The tables, opened."""
    return opened(folder, words)


def of(folder: Path, words: dict[str, int]) -> Similar:
    """Return the opened tables of a few words."""
    compile_into(folder, words)
    return opened(folder, words)


def best(similar: Similar, piece: str) -> tuple[str, float]:
    """Return the first repair and its weight."""
    first = similar.repairs(piece)[0]
    return first.term, first.weight


@pytest.mark.parametrize(
    ("piece", "word"),
    [
        ("理陪", "理赔"),
        ("查堪", "查勘"),
        ("处里", "处理"),
        ("流呈", "流程"),
        ("客护", "客户"),
        ("满易度", "满意度"),
    ],
)
def test_a_character_that_sounds_the_same(similar: Similar, piece: str, word: str) -> None:
    """Chosen wrongly from an input method's list."""
    term, weight = best(similar, piece)
    assert term == word
    assert weight >= 0.75


@pytest.mark.parametrize(
    ("piece", "word"),
    [
        ("tousu", "投诉"),
        ("lipei", "理赔"),
        ("liucheng", "流程"),
        ("LiuCheng", "流程"),
        ("tou su", "投诉"),
        ("tou'su", "投诉"),
        ("tóusù", "投诉"),
        ("zhibanzhang", "值班长"),
        ("manyidu", "满意度"),
        ("shouhoufuwu", "售后服务"),
        ("kehu jingli", "客户经理"),
        ("shichangzhanyoulv", "市场占有率"),
    ],
)
def test_pinyin(similar: Similar, piece: str, word: str) -> None:
    """Run together or apart, with tones or without."""
    assert best(similar, piece) == (word, 1.0)


@pytest.mark.parametrize(
    ("piece", "word"), [("liu程", "流程"), ("投su", "投诉"), ("值ban长", "值班长"), ("值 banzhang", "值班长")]
)
def test_characters_and_pinyin_mixed(similar: Similar, piece: str, word: str) -> None:
    """What is written as a character is meant as it stands."""
    assert best(similar, piece) == (word, 1.0)


def test_a_character_beside_pinyin_is_not_exchanged(similar: Similar) -> None:
    """透 sounds like 投."""
    assert similar.repairs("透su") == []


@pytest.mark.parametrize(
    ("piece", "word"),
    [
        ("liuchen", "流程"),
        ("fuwuzhilian", "服务质量"),
        ("zibanzang", "值班长"),
        ("zi班长", "值班长"),
        ("sicangzhanyoulu", "市场占有率"),
    ],
)
def test_sloppy_pinyin_counts_less(tmp_path: Path, piece: str, word: str) -> None:
    """zh is z, ing is in, ü is u; a spelling that is right comes first."""
    near = of(tmp_path, {"流程": 4, "服务质量": 2, "值班长": 3, "市场占有率": 1})
    assert best(near, piece) == (word, 0.7)


def test_the_same_sound_comes_before_nearly_the_same(tmp_path: Path) -> None:
    """However common the other word is."""
    near = of(tmp_path, {"上班": 1, "上棒": 50})
    assert near.repairs("shangban")[0].term == "上班"
    assert {name.term for name in near.repairs("shangban")} == {"上班"}


def test_among_homophones_the_commoner_is_meant(tmp_path: Path) -> None:
    """By the square root of the share; what is far rarer is left out."""
    few = of(tmp_path, {"实施": 16, "事实": 4, "时时": 9, "史诗": 1})
    assert [(n.term, n.weight) for n in few.repairs("shishi")] == [
        ("实施", 1.0),
        ("时时", 0.75),
        ("事实", 0.5),
    ]


def test_every_reading_in_use_counts(tmp_path: Path) -> None:
    """A typist who reads 行 as hang or as xing finds the word; nobody reads 投 as dou."""
    few = of(tmp_path, {"外行": 3, "先行": 2, "投中": 1})
    assert best(few, "waihang") == ("外行", 1.0)
    assert best(few, "xianxing") == ("先行", 1.0)
    assert few.repairs("douzhong") == []


def test_an_apostrophe_parts_what_is_one_syllable(similar: Similar) -> None:
    """xi'an is a town, xian is many things."""
    assert {name.term for name in similar.repairs("xi'an")} == {"西安", "西岸"}
    assert similar.repairs("xian") == []


def test_every_way_to_cut_letters_is_tried(tmp_path: Path) -> None:
    """fangan is fan gan and fang an."""
    few = of(tmp_path, {"方案": 4, "反感": 1})
    assert [name.term for name in few.repairs("fangan")] == ["方案", "反感"]


def test_a_character_that_looks_alike(similar: Similar, words: dict[str, int]) -> None:
    """拆 has a part of 诉 and sounds otherwise: weak evidence, and still no other word is meant."""
    assert "投资" in words
    assert [(n.term, n.weight) for n in similar.repairs("投拆")] == [("投诉", 0.6)]


def test_looks_decide_between_words_of_one_sound(tmp_path: Path) -> None:
    """堪 is taken for 勘 sooner than for 看."""
    few = of(tmp_path, {"查勘": 4, "查看": 4})
    assert [(n.term, n.weight) for n in few.repairs("查堪")] == [("查勘", 1.0), ("查看", 0.75)]


@pytest.mark.parametrize(
    ("piece", "word"),
    [
        ("值长班", "值班长"),
        ("满度意", "满意度"),
        ("值班班长", "值班长"),
        ("售服务", "售后服务"),
        ("市场占个有率", "市场占有率"),
    ],
)
def test_a_character_out_of_place(similar: Similar, piece: str, word: str) -> None:
    """Neighbours swapped, a character twice, one missing or one too many inside."""
    term, weight = best(similar, piece)
    assert term == word
    assert 0 < weight <= 0.8


@pytest.mark.parametrize(
    ("piece", "word"),
    [
        ("complant", "complaint"),
        ("custmer", "customer"),
        ("mangaer", "manager"),
        ("escalatoin", "escalation"),
    ],
)
def test_a_slip_in_a_latin_word(similar: Similar, piece: str, word: str) -> None:
    """A letter missing, too many, exchanged or swapped."""
    term, weight = best(similar, piece)
    assert term == word
    assert 0.8 < weight < 1


@pytest.mark.parametrize("piece", ["cmr", "kpu", "kpis", "protest", "erviced", "cstmr", "customer1"])
def test_another_latin_word_is_not_a_slip(similar: Similar, piece: str) -> None:
    """Short ones, another first letter, more slips than the length allows, figures."""
    assert similar.repairs(piece) == []


@pytest.mark.parametrize("piece", PROPER.split())
def test_a_proper_word_that_the_reports_lack_is_left_alone(similar: Similar, piece: str) -> None:
    """Sharing a character with a word is no evidence."""
    assert similar.repairs(piece) == []


@pytest.mark.parametrize(("piece", "word"), [("第八十七", "第十七"), ("十四目", "四十目"), ("四楼", "十楼")])
def test_a_number_is_not_repaired(tmp_path: Path, piece: str, word: str) -> None:
    """Who wrote a figure meant it."""
    assert of(tmp_path, {word: 9}).repairs(piece) == []


@pytest.mark.parametrize(
    "piece", ["", "诉", "t", "\ud800投", "投\x00诉", "95598", "?!", "'' ''", "投诉率高的原因是", "a" * 500]
)
def test_what_is_not_a_piece_gets_nothing(similar: Similar, piece: str) -> None:
    """Too short, too long, figures and marks."""
    assert similar.repairs(piece) == []


def test_an_index_without_words_repairs_nothing(tmp_path: Path) -> None:
    """Nor does one with words that are never asked for by sound."""
    assert of(tmp_path, {}).repairs("投拆") == []
    assert of(tmp_path, {"的": 9, "客户满意度调查": 1, "2g": 3, "坏\t词": 1}).repairs("manyidu") == []


def test_words_are_compiled_the_same_each_time(words: dict[str, int], folder: Path, tmp_path: Path) -> None:
    """Whatever their order."""
    compile_into(tmp_path, dict(sorted(words.items(), reverse=True)))
    for name in FILES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


PIECES = st.one_of(
    st.text(max_size=12),
    st.text("投诉拆理陪赔处里流呈程值班长客户满意度一十四", min_size=1, max_size=7),
    st.text("aeiounghzcstlp' ", min_size=1, max_size=40),
    st.lists(
        st.sampled_from(["liu", "程", "tou", "su", "投", "zhi", "班", "xian", "e", " ", "'"]), max_size=8
    ).map("".join),
)


@given(PIECES)
@example("xianxianxianxianxianxian")
@example("重行重行重行")
@example("豈有")
def test_repairs_are_other_words_of_the_index(similar: Similar, words: dict[str, int], piece: str) -> None:
    """At most three, heaviest first, weights in (0, 1], the same each time."""
    names = similar.repairs(piece)
    assert len(names) <= 3
    assert len({name.term for name in names}) == len(names)
    for name in names:
        assert name.term in words
        assert name.term != piece
        assert 0 < name.weight <= 1
        assert name.source == "repair"
    assert names == sorted(names, key=lambda name: (-name.weight, name.term))
    assert names == similar.repairs(piece)


@given(st.data())
def test_a_word_of_the_index_needs_no_repair(
    similar: Similar, words: dict[str, int], data: st.DataObject
) -> None:
    """Whatever sounds like it."""
    word = data.draw(st.sampled_from(sorted(words)))
    assert similar.repairs(word) == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("harm", ["missing", "empty", "cut", "other"])
def test_a_damaged_table_is_told(folder: Path, tmp_path: Path, name: str, harm: str) -> None:
    """On opening, with its path."""
    copy = shutil.copytree(folder, tmp_path / "copy")
    whole = (copy / name).read_bytes()
    (copy / name).unlink()
    if harm != "missing":
        (copy / name).write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "other": b"x" * 99}[harm])
    with pytest.raises(IndexDamaged, match=name):
        opened(copy, {})


def test_a_question_loads_no_data_of_sounds(folder: Path, words: dict[str, int]) -> None:
    """Nor rapidfuzz, as long as no Latin word needs it."""
    script = (
        "import sys; from pathlib import Path; from bot.lexicon.similar import Similar\n"
        "from bot.lexicon.table import SIMILAR_FILES, Table\n"
        f"tables = [Table(Path({str(folder)!r}) / name) for name in SIMILAR_FILES]\n"
        f"similar = Similar(tables, lambda word: {words!r}.get(word, 0))\n"
        "print([n.term for p in ('投拆', 'lipei', 'liu程', '值长班', '年假') for n in similar.repairs(p)])\n"
        "print(sorted({'pypinyin', 'rapidfuzz'} & set(sys.modules)))\n"
        "similar.repairs('complant')\n"
        "print(sorted({'pypinyin', 'rapidfuzz'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.stdout.splitlines() == ["['投诉', '理赔', '流程', '值班长']", "[]", "['rapidfuzz']"]
