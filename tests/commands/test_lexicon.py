"""What else a word is called, from the command line: English, synonyms, typos, and the files behind them."""

from pathlib import Path
from typing import Any

import pytest

from .shell import Done, generation, process, wenbao

SYNONYMS, GLOSSARY = "synonyms.toml", "glossary.toml"
OURS = '\n[ours]\n"录音" = ["留声机:0.9"]\n'


def first(home: Path, question: str) -> dict[str, Any]:
    """Return the best hit of a question that is answered."""
    done = wenbao("ask", question, "--json", "--home", home)
    assert (done.code, done.err) == (0, ""), done
    return dict(done.json["hits"][0])


def append(home: Path, name: str, text: str) -> Path:
    path = home / "config" / name
    with path.open("a", encoding="utf-8") as file:
        file.write(text)
    return path


@pytest.mark.parametrize(
    ("question", "source", "section"),
    [
        ("how to handle complaints", "corpus/07-商业物业客服.md", "（一）投诉怎么处理"),
        ("how to set call targets", "corpus/04-电信客户维系.md", "怎么设置外呼指标"),
    ],
)
def test_an_english_question_finds_its_section(
    sample: Path, question: str, source: str, section: str
) -> None:
    """In reports that are Chinese throughout."""
    hit = first(sample, question)
    assert (hit["source"], hit["section"][-1]) == (source, section)


def test_an_english_question_marks_chinese_words(sample: Path) -> None:
    """Those that its own stand for."""
    hit = first(sample, "how to handle complaints")
    assert {"处理投诉", "投诉"} <= {hit["text"][start:end] for start, end in hit["highlights"]}


@pytest.mark.parametrize("question", ["你好", "what is pi"])
def test_what_is_no_question_to_the_reports_ends_with_1(sample: Path, question: str) -> None:
    """A greeting, and what has nothing to do with them."""
    done = wenbao("ask", question, "--json", "--home", sample)
    assert (done.code, done.err) == (1, "")
    assert (done.json["answered"], done.json["hits"]) == (False, [])


def test_a_typo_is_answered(sample: Path) -> None:
    """拆 was meant to be 诉: the answer is about complaints."""
    assert "投诉" in "".join(first(sample, "投拆处理")["section"])


def test_an_explanation_names_the_source_of_a_name(sample: Path) -> None:
    """What came from the glossary says so."""
    done = wenbao("ask", "complaints", "--json", "--explain", "--hits", 1, "--home", sample)
    groups = done.json["hits"][0]["explanation"]["groups"]
    assert ("投诉", "glossary") in {(term["term"], term["source"]) for g in groups for term in g["terms"]}


def test_a_new_synonym_is_told_and_found(home: Path) -> None:
    """Refresh gives the lexicon as its reason and builds anew; the next question finds by it."""
    before = generation(home)
    assert wenbao("ask", "留声机", "--home", home).code == 1
    append(home, SYNONYMS, OURS)
    done = wenbao("refresh", "--home", home)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1].endswith("(because of: lexicon)")
    assert generation(home) != before
    assert first(home, "抽查留声机")["source"] == "corpus/外呼.md"


def test_a_dry_run_names_the_lexicon(home: Path) -> None:
    """And builds nothing."""
    before = generation(home)
    append(home, GLOSSARY, '\n[ours]\n"zork" = ["录音"]\n')
    done = wenbao("refresh", "--dry-run", "--home", home)
    assert done.out.splitlines()[-1] == "+0 ~0 −0; would build (because of: lexicon)"
    assert generation(home) == before


@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        (SYNONYMS, '"录音" = []', "has no names"),
        (SYNONYMS, '"录音" = "磁带"', "is no list of names"),
        (SYNONYMS, '"录音" = ["磁带:2"]', "has a weight that is not above 0 and up to 1"),
        (SYNONYMS, '录音 = ["磁带"]', "quotation marks"),
        (GLOSSARY, '"磁带" = ["录音"]', "is not English"),
        (GLOSSARY, '"zork" = ["录 音"]', "is not one word"),
        (GLOSSARY, '"zork" = = ["录音"]', "is not valid TOML"),
    ],
)
@pytest.mark.parametrize("form", [("refresh",), ("ask", "投诉", "--json")], ids=lambda form: form[0])
def test_a_wrong_line_of_the_lexicon_is_named(
    home: Path, name: str, line: str, told: str, form: tuple[str, ...]
) -> None:
    """File and line, exit code 2; what was published stays."""
    before = generation(home)
    path = home / "config" / name
    path.write_text(f"[ours]\n# of our own\n{line}\n", "utf-8")
    done = wenbao(*form, "--home", home)
    assert (done.code, done.out) == (2, "")
    (said,) = (one for one in done.err.splitlines() if "building the index" not in one)
    assert said.startswith(f"wenbao: {path}:3: ")
    assert told in said
    assert generation(home) == before


@pytest.mark.parametrize("name", [SYNONYMS, GLOSSARY])
def test_a_lexicon_that_is_no_utf8_is_named(home: Path, name: str) -> None:
    """With the line, exit code 2."""
    path = home / "config" / name
    path.write_bytes("[ours]\n# 录音\n".encode("gbk"))
    told = wenbao("refresh", "--home", home).failed(2)
    assert told.startswith(f"{path}:2: is not UTF-8")


@pytest.mark.parametrize("name", [SYNONYMS, GLOSSARY])
def test_a_home_without_a_lexicon_takes_the_programs(home: Path, name: str) -> None:
    """A home that was filled by an earlier version answers as before, and nothing is built."""
    before = generation(home)
    (home / "config" / name).unlink()
    assert first(home, "投诉怎么处理")["source"] == "corpus/热线.md"
    assert generation(home) == before


def test_a_lost_dictionary_file_is_made_again(home: Path) -> None:
    """By the next question, the same as before, and the answer does not change."""
    (file,) = (home / ".wenbao" / "cache").glob("cedict-*.txt")
    content, before = file.read_bytes(), _told(wenbao("ask", "投诉怎么处理", "--json", "--home", home))
    file.unlink()
    done = process("ask", "投诉怎么处理", "--json", "--home", home)
    assert (done.code, done.err) == (0, "")
    assert _told(done) == before
    assert file.read_bytes() == content


def _told(done: Done) -> dict[str, Any]:
    return {**done.json, "took_ms": 0}


def test_a_damaged_dictionary_file_is_made_again(home: Path) -> None:
    """By the next question as well."""
    (file,) = (home / ".wenbao" / "cache").glob("cedict-*.txt")
    whole, before = file.read_bytes(), _told(wenbao("ask", "投诉怎么处理", "--json", "--home", home))
    file.unlink()  # an opened service has it mapped
    file.write_bytes(whole[: len(whole) // 2])
    done = process("ask", "投诉怎么处理", "--json", "--home", home)
    assert (done.code, done.err) == (0, "")
    assert _told(done) == before
    assert file.read_bytes() == whole


def test_an_error_in_a_file_of_names_is_found_by_the_doctor(home: Path) -> None:
    """With its place, and as bad input."""
    (home / "config" / "synonyms.toml").write_text('[calls]\n"外呼" = [3]\n', "utf-8")
    done = wenbao("doctor", "--home", home)
    assert done.code == 2
    assert "synonyms.toml:2" in done.out


def test_words_that_only_ask_are_no_question(home: Path) -> None:
    """English pronouns are not searched for, in translation either."""
    assert wenbao("ask", "not ours to tell", "--home", home).code == 1
