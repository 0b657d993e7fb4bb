"""Synonyms and glossary: what a line says, and where a mistake is told."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import Name
from bot.errors import SettingsError
from bot.lexicon.glossary import SYNONYM_WEIGHT, glossary, synonyms

CONFIG = Path(__file__).parents[2] / "config"
SHIPPED = ["synonyms.toml", "glossary.toml"]
JOBS = {"calls", "insurance", "oilfield", "property", "school", "shop", "telecom"}

Reader = Callable[[Path], Any]


def written(folder: Path, content: str | bytes) -> Path:
    """Write a file of names and return its path."""
    path = folder / "names.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def message(read: Reader, path: Path) -> str:
    """Return what a refused file is answered with."""
    with pytest.raises(SettingsError) as caught:
        read(path)
    return str(caught.value)


def test_a_line_of_synonyms_is_one_group_led_by_its_main_name(tmp_path: Path) -> None:
    """Weight 1 for the main name, as written for the others, else the usual one."""
    path = written(tmp_path, '[complaints]\n"投诉" = ["客诉", "抱怨:0.5", "KPI:1", "闹:.25"]\n')
    assert synonyms(path) == (
        (
            Name("投诉", 1.0, "synonym"),
            Name("客诉", SYNONYM_WEIGHT, "synonym"),
            Name("抱怨", 0.5, "synonym"),
            Name("KPI", 1.0, "synonym"),
            Name("闹", 0.25, "synonym"),
        ),
    )


def test_a_word_may_stand_in_several_groups(tmp_path: Path) -> None:
    """Groups are ideas; they come in the order of the file, whatever their topic."""
    path = written(tmp_path, '[a]\n"升级" = ["上报"]\n[b]\n"上报" = ["汇报"]\n[c]\n"上报" = ["报送"]\n')
    assert [[name.term for name in group] for group in synonyms(path)] == [
        ["升级", "上报"],
        ["上报", "汇报"],
        ["上报", "报送"],
    ]


def test_each_english_alternative_has_the_names_of_its_line(tmp_path: Path) -> None:
    """In lower case and with single spaces; names weigh 1 unless it says otherwise."""
    path = written(tmp_path, '[calls]\n"Call  Target|call quota | 24/7" = ["外呼指标", "指标:0.6"]\n')
    names = (Name("外呼指标", 1.0, "glossary"), Name("指标", 0.6, "glossary"))
    assert glossary(path) == {"call target": names, "call quota": names, "24/7": names}


@pytest.mark.parametrize("phrase", ["q&a", "r&d", "follow-up", "people's choice", "95598", "wi-fi 6"])
def test_english_may_be_joined_by_marks(tmp_path: Path, phrase: str) -> None:
    """As English writes its words."""
    assert list(glossary(written(tmp_path, f'[a]\n"{phrase}" = ["名"]\n'))) == [phrase]


@pytest.mark.parametrize("colon", [":", " : ", "：", " ：　"])
def test_a_colon_of_either_keyboard_parts_the_weight(tmp_path: Path, colon: str) -> None:
    """With or without space around it."""
    path = written(tmp_path, f'[a]\n"投诉" = [" 抱怨{colon}0.5 "]\n')
    assert synonyms(path)[0][1] == Name("抱怨", 0.5, "synonym")


@pytest.mark.parametrize("read", [synonyms, glossary])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_an_editor_of_another_system_does_no_harm(
    tmp_path: Path, read: Reader, newline: str, mark: str
) -> None:
    """A byte order mark and line ends are not parts of names."""
    lines = ["# names", "[a]  # topic", '"KPI" = [', '  "指标",  # first', "]", ""]
    found = read(written(tmp_path, mark + newline.join(lines)))
    assert [name.term for name in (found[0] if read is synonyms else found["kpi"])][-1] == "指标"


@pytest.mark.parametrize("read", [synonyms, glossary])
@pytest.mark.parametrize("content", ["", "# nothing yet\n", "[calls]\n"])
def test_a_file_without_a_line_has_no_names(tmp_path: Path, read: Reader, content: str) -> None:
    """Who wants none empties the file."""
    assert len(read(written(tmp_path, content))) == 0


ANY_FILE = [
    # What stands in the file, the line that is named, what the message says.
    ('[a]\n"x" = ["名"]\n"y" = "名"\n', 3, "'y' is no list of names"),
    ('[a]\n"x" = ["名"]\n\n"y" = ["名", 3]\n', 4, "'y' is no list of names"),
    ('[a]\n"x" = ["名"]\n[a.b]\n"y" = ["名"]\n', 3, "'b' is no list of names"),
    ('[a]\n"x" = ["名"]\ny.z = ["名"]\n', 3, "'y' is no list of names"),
    ('[[a]]\n"x" = ["名"]\n', 1, "'a' belongs to no topic"),
    ('[a]\n"x" = []\n', 2, "'x' has no names; add one"),
    ('[a]\n"x" = ["名", ""]\n', 2, "a name is empty"),
    ('[a]\n"x" = ["名", ":0.5"]\n', 2, "a name is empty"),
    ('[a]\n"x" = ["两 个"]\n', 2, "'两 个' is not one word"),
    ('[a]\n"x" = ["两，个"]\n', 2, "'两，个' is not one word"),
    ('[a]\n"x" = ["——"]\n', 2, "'——' is not one word"),
    ('[a]\n"x" = ["名:"]\n', 2, "write 名:0.5"),
    ('[a]\n"x" = ["名:0"]\n', 2, "write 名:0.5"),
    ('[a]\n"x" = ["名:0.0"]\n', 2, "write 名:0.5"),
    ('[a]\n"x" = ["名:1.01"]\n', 2, "write 名:0.5"),
    ('[a]\n"x" = ["名:-0.5"]\n', 2, "write 名:0.5"),
    ('[a]\n"x" = ["名:nan"]\n', 2, "write 名:0.5"),
    ('[a]\n"x" = ["名:high"]\n', 2, "write 名:0.5"),
    ('[a]\n"x" = ["名:0.5:0.5"]\n', 2, "write 名:0.5"),
    ('[a]\n"x" = ["名:０.５"]\n', 2, "write 名:0.5"),
    ('[a]\n"x" = ["名", "名:0.5"]\n', 2, "名 stands twice"),
    ('[a]\n"x" = ["Seo", "SEO:0.5"]\n', 2, "SEO stands twice"),
    ('[a]\n"x" = ["名"]\n"y" = ["名"]\n"x" = ["字"]\n', 4, '"x" is listed twice in its topic'),
    ('"x" = ["名"]\n[a]\n"y" = ["名"]\n', 1, "'x' belongs to no topic; put a line like [calls]"),
    ('[b]\n"x" = ["名"]\n[a]\n"x" = [""]\n', 4, "a name is empty"),
    ('["b"]\n"y" = ["名"]\n[ a ]\nx = [""]\n', 4, "a name is empty"),
    ('[a]\n"x" = [\n  "名",\n]\n"y" = [\n  "",\n]\n', 5, "a name is empty"),
    ('a = {"x" = [""]}\n', 1, "a name is empty"),
    ('[a]\n# "x" = ["名"]\n"x" = [""]\n', 3, "a name is empty"),
    ('[a]\n"x" = ["名"]\n名 = ["字"]\n', 3, 'in quotation marks: "名" = […]'),
    ('[a]\ncall target = ["字"]\n', 2, 'in quotation marks: "call target" = […]'),
    ('[a]\n"x" = ["名" "字"]\n', 2, "is not valid TOML"),
    ('[a]\n"x" = ["名"]\n"y" = ["名"', 3, "is not valid TOML"),
    ('[a]\n"x"\n', 2, "is not valid TOML"),
    ("[a\n", 1, "is not valid TOML"),
    ("[a]\n[a]\n", 2, "is not valid TOML"),
    (f"[a]\nx = {'9' * 5000}\n", 3, "is not valid TOML"),
    (f"[a]\nx = {'[' * 100_000}\n", 3, "is not valid TOML"),
    ('[a]\n"x" = ["名"]\n"y" = ["抱怨"]\n'.encode("gb18030"), 2, "is not UTF-8; save the file as UTF-8"),
    ('[a]\n"x" = ["ok"]\n"y" = ["抱怨"]\n'.encode("big5"), 3, "is not UTF-8; save the file as UTF-8"),
]


@pytest.mark.parametrize("read", [synonyms, glossary])
@pytest.mark.parametrize(("content", "line", "said"), ANY_FILE)
def test_a_mistake_is_told_with_its_line_and_what_to_do(
    tmp_path: Path, read: Reader, content: str | bytes, line: int, said: str
) -> None:
    """File, line, one line of text; the same for both files."""
    path = written(tmp_path, content)
    told = message(read, path)
    assert told.startswith(f"{path}:{line}: ")
    assert said in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("read", "content", "line", "said"),
    [
        (synonyms, '[a]\n"投诉" = ["客诉", "投诉:0.5"]\n', 2, "投诉 stands twice"),
        (synonyms, '[a]\n"投诉:0.5" = ["客诉"]\n', 2, "'投诉:0.5' is not one word"),
        (synonyms, '[a]\n"" = ["客诉"]\n', 2, "a name is empty"),
        (synonyms, '[a]\n"a\\nb" = ["客诉"]\n', 1, r"'a\nb' is not one word"),
        (glossary, '[a]\n"call 指标" = ["指标"]\n', 2, "'call 指标' is not English"),
        (glossary, '[a]\n"投诉" = ["complaint"]\n', 2, "'投诉' is not English"),
        (glossary, '[a]\n"call | " = ["电话"]\n', 2, "'' is not English"),
        (glossary, '[a]\n"" = ["电话"]\n', 2, "'' is not English"),
        (glossary, '[a]\n"-" = ["电话"]\n', 2, "'-' is not English"),
        (glossary, '[a]\n"call, phone" = ["电话"]\n', 2, "alternatives divided by |"),
        (glossary, '[a]\n"call | Call" = ["电话"]\n', 2, "'call' stands in line 2 already"),
        (glossary, '[a]\n"call" = ["电话"]\n[b]\n\n"ring|CALL" = ["来电"]\n', 5, "stands in line 2 already"),
    ],
)
def test_a_mistake_of_one_kind_of_file_is_told_alike(
    tmp_path: Path, read: Reader, content: str, line: int, said: str
) -> None:
    """What only synonyms or only a glossary can get wrong."""
    path = written(tmp_path, content)
    told = message(read, path)
    assert told.startswith(f"{path}:{line}: ")
    assert said in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("read", [synonyms, glossary])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, read: Reader) -> None:
    """Missing, or a folder."""
    for path in (tmp_path / "none.toml", tmp_path):
        told = message(read, path)
        assert told.startswith(f"{path} cannot be read: ")


WORDS = st.text("投诉外呼指标量", min_size=1, max_size=4)


@given(
    st.lists(
        st.dictionaries(WORDS, st.sampled_from([0.1, 0.25, 0.5, 0.999, 1.0]), min_size=1, max_size=5),
        max_size=5,
    )
)
def test_what_is_listed_is_read(
    tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, float]]
) -> None:
    """Any names and weights come back, line by line."""
    listed = [", ".join(f'"{name}:{weight}"' for name, weight in names.items()) for names in lines]
    content = "[a]\n" + "".join(f'"w{number}" = [{names}]\n' for number, names in enumerate(listed))
    path = written(tmp_path_factory.mktemp("names"), content)
    assert [{name.term: name.weight for name in group[1:]} for group in synonyms(path)] == lines
    assert [{name.term: name.weight for name in names} for names in glossary(path).values()] == lines


@pytest.mark.parametrize("file", SHIPPED)
def test_every_topic_that_comes_with_the_program_is_worth_a_topic(file: str) -> None:
    """The jobs of the sample reports are among them, each topic with ten lines at least."""
    topics = tomllib.loads((CONFIG / file).read_text("utf-8"))
    assert topics.keys() >= JOBS
    assert {topic: len(lines) for topic, lines in topics.items() if len(lines) < 10} == {}


def test_the_synonyms_that_come_with_the_program_are_groups() -> None:
    """Many, each of at least two names, none twice, no two lines the same."""
    listed = [[name.term for name in group] for group in synonyms(CONFIG / "synonyms.toml")]
    groups = [set(group) for group in listed]
    assert len(groups) >= 200
    assert all(len(group) == len(names) >= 2 for group, names in zip(groups, listed, strict=True))
    assert len({frozenset(group) for group in groups}) == len(groups)
    assert [group for group in groups if {"投诉", "客诉"} <= group]
    assert [group for group in groups if {"外呼量", "拨打量"} <= group]


def test_the_glossary_that_comes_with_the_program_covers_the_trade() -> None:
    """Entries for what the reports are asked about in English."""
    entries = glossary(CONFIG / "glossary.toml")
    assert len({id(names) for names in entries.values()}) >= 300
    assert {"complaint", "call target", "first contact resolution", "churn", "claim"} <= entries.keys()


def test_all_names_that_come_with_the_program_are_as_a_reader_writes_them() -> None:
    """Simplified, at most eight characters; Chinese, or letters and figures as the trade uses them."""
    groups = [*synonyms(CONFIG / "synonyms.toml"), *glossary(CONFIG / "glossary.toml").values()]
    terms = {name.term for group in groups for name in group}
    simplified = opencc.OpenCC("t2s").convert
    assert {term for term in terms if simplified(term) != term} == set()
    assert {term for term in terms if len(re.findall(r"[\u4e00-\u9fff]", term)) > 8} == set()
    assert {term for term in terms if not re.search(r"[\u4e00-\u9fff]|^[A-Z0-9]+$", term)} == set()
