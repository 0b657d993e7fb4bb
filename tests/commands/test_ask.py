"""`wenbao ask`: the object of the contract, exit codes, batches, explanations, and an index that keeps up."""

import json
import os
import pty
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.console import NOT_FOUND

from .shell import SCRIPT, TIMEOUT_S, Done, generation, process, wenbao

QUESTIONS = (
    "怎么处理投诉",
    "外呼指标怎么定",
    "议价有什么技巧",
    "双人查勘",
    "自动回复怎么设",
    "业主投诉的处理步骤",
    "怎么提高咨询量",
    "電話客服怎麼安撫投訴的客戶",
    "新手怎么追上老同事",
    "95598",
)
UNKNOWN = "量子纠缠的贝尔不等式"


@pytest.fixture(scope="module")
def answers(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The objects of ten questions that the sample reports answer."""
    batch = tmp_path_factory.mktemp("batch") / "questions.txt"
    batch.write_text("\n".join(QUESTIONS), "utf-8")
    found = wenbao("ask", "--batch", batch, "--home", sample).objects
    assert all(answer["answered"] for answer in found)
    return found


def hits(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [hit for answer in answers for hit in answer["hits"]]


def marked(hit: dict[str, Any]) -> set[str]:
    """Return the words that a hit marks."""
    return {hit["text"][start:end] for start, end in hit["highlights"]}


def test_an_answer_has_the_keys_and_types_of_the_contract(sample: Path) -> None:
    """One object, nothing more and nothing less, with the question as it was asked."""
    answer = wenbao("ask", " 怎么处理投诉 ", "--json", "--home", sample).json
    assert {key: type(value) for key, value in answer.items()} == {
        "question": str,
        "answered": bool,
        "confidence": float,
        "generation": str,
        "took_ms": float,
        "hits": list,
    }
    assert answer["question"] == " 怎么处理投诉 "
    assert answer["answered"] is True
    assert answer["generation"] == generation(sample)


def test_a_hit_has_the_keys_and_types_of_the_contract(answers: list[dict[str, Any]]) -> None:
    """Nothing more and nothing less, whatever was asked."""
    for hit in hits(answers):
        assert {key: type(value) for key, value in hit.items()} == {
            "rank": int,
            "score": float,
            "report_id": str,
            "report": str,
            "section": list,
            "passage_id": str,
            "text": str,
            "highlights": list,
            "source": str,
            "start": int,
            "end": int,
        }
        assert hit["section"]
        assert all(isinstance(heading, str) and heading for heading in hit["section"])
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", hit["passage_id"])


def test_hits_are_ranked_from_one_by_score(answers: list[dict[str, Any]]) -> None:
    """Scores fall, are above 0, and a passage comes once."""
    for answer in answers:
        found = answer["hits"]
        assert [hit["rank"] for hit in found] == list(range(1, len(found) + 1))
        scores = [hit["score"] for hit in found]
        assert scores == sorted(scores, reverse=True)
        assert all(score > 0 for score in scores)
        assert len({hit["passage_id"] for hit in found}) == len(found)


def test_passages_stand_word_for_word_where_they_are_cited(
    answers: list[dict[str, Any]], sample: Path
) -> None:
    """The file's text from start to end is the passage, at most 350 characters."""
    for hit in hits(answers):
        assert (sample / hit["source"]).read_text("utf-8")[hit["start"] : hit["end"]] == hit["text"]
        assert 0 < len(hit["text"]) <= 350
        assert hit["source"].startswith("corpus/")


def test_highlights_lie_inside_the_passage(answers: list[dict[str, Any]]) -> None:
    """Half-open, in order and apart."""
    assert any(hit["highlights"] for hit in hits(answers))
    for hit in hits(answers):
        places = [place for span in hit["highlights"] for place in span]
        assert all(len(span) == 2 for span in hit["highlights"])
        assert places == sorted(set(places))
        assert all(0 <= place <= len(hit["text"]) for place in places)


def test_highlights_mark_what_was_asked(sample: Path) -> None:
    """The word of a one-word question, in other spellings too."""
    (first, *_) = wenbao("ask", "業主", "--json", "--home", sample).json["hits"]
    assert marked(first) == {"业主"}


def test_highlights_mark_what_else_it_is_called(sample: Path) -> None:
    """A synonym that matched is marked as well."""
    (first, *_) = wenbao("ask", "投訴", "--json", "--home", sample).json["hits"]
    assert marked(first) == {"投诉", "不满"}


def test_confidence_is_a_share(answers: list[dict[str, Any]]) -> None:
    """From 0 to 1."""
    assert all(0.0 <= answer["confidence"] <= 1.0 for answer in answers)


def test_the_same_question_gets_the_same_answer(sample: Path) -> None:
    """Twice asked, all but the time is the same."""
    first, second = (wenbao("ask", "怎么处理投诉", "--json", "--home", sample).json for _ in range(2))
    assert {**first, "took_ms": 0} == {**second, "took_ms": 0}


@pytest.mark.parametrize("most", [1, 3, 100])
def test_no_more_hits_than_wanted(sample: Path, most: int) -> None:
    """--hits is the most; the first ones stay the same."""
    found = wenbao("ask", "投诉", "--json", "--hits", most, "--home", sample).json["hits"]
    few = wenbao("ask", "投诉", "--json", "--home", sample).json["hits"]
    assert 0 < len(found) <= most
    assert [hit["passage_id"] for hit in found[:5]] == [hit["passage_id"] for hit in few[:most]]


@pytest.mark.parametrize("most", ["0", "101", "many"])
def test_a_number_of_hits_out_of_range_is_bad_usage(sample: Path, most: str) -> None:
    """Exit code 2, and the option is named."""
    done = wenbao("ask", "投诉", "--hits", most, "--home", sample)
    assert (done.code, done.out) == (2, "")
    assert "--hits" in done.err


def test_an_answered_question_ends_with_0(sample: Path) -> None:
    """The reports say it."""
    assert wenbao("ask", "怎么处理投诉", "--home", sample).code == 0


@pytest.mark.parametrize("question", [UNKNOWN, "火星上的天气"])
def test_what_no_report_says_ends_with_1(sample: Path, question: str) -> None:
    """Not answered, without hits, and nothing on standard error."""
    done = wenbao("ask", question, "--json", "--home", sample)
    assert (done.code, done.err) == (1, "")
    assert (done.json["answered"], done.json["hits"]) == (False, [])


@pytest.mark.parametrize("question", ["的了吗", "是不是", "？！。", "...", "😀", "~~~ *** ###"])
def test_a_question_without_content_is_not_answered(sample: Path, question: str) -> None:
    """Stop words and marks find nothing rather than anything."""
    done = wenbao("ask", question, "--json", "--home", sample)
    assert (done.code, done.err) == (1, "")
    assert (done.json["answered"], done.json["hits"], done.json["confidence"]) == (False, [], 0.0)


def test_the_reports_do_not_say_is_said(sample: Path) -> None:
    """In both languages, with the words that no report has, what comes nearest and what to try."""
    done = wenbao("ask", UNKNOWN, "--home", sample)
    assert done.code == 1
    assert done.out.splitlines()[0] == NOT_FOUND == "报告里没有写到。The reports do not say."
    assert done.out.splitlines()[1].startswith("没有报告提到“量子”、“纠缠”")
    assert done.out.splitlines()[2].startswith("最接近的章节")
    assert all(line.startswith("- 《") for line in done.out.splitlines()[3:-1])
    assert done.out.splitlines()[-1].endswith("Try other words, or fewer.")


def test_a_greeting_gets_no_sections(sample: Path) -> None:
    """Nothing of it stands anywhere."""
    done = wenbao("ask", "你好", "--home", sample)
    assert (done.code, len(done.out.splitlines())) == (1, 2)


@pytest.mark.parametrize("question", ["你好", "what is pi", "年假怎么休", "红烧肉怎么做"])
def test_what_no_report_says_gets_no_passage(sample: Path, question: str) -> None:
    """Not the least bad one."""
    done = wenbao("ask", question, "--json", "--home", sample)
    assert (done.code, json.loads(done.out)["hits"]) == (1, [])


def test_a_repaired_question_says_what_was_looked_up(sample: Path) -> None:
    """Before the passages."""
    done = wenbao("ask", "投拆处理", "--home", sample)
    assert done.code == 0
    assert done.out.startswith("按“投诉”查找。Looked up 投诉 for 投拆.\n1. 《")


def test_a_pipe_gets_plain_text(sample: Path) -> None:
    """Each passage as it is, with report, section, file and place, and no colours."""
    plain = process("ask", "怎么处理投诉", "--home", sample)
    answer = wenbao("ask", "怎么处理投诉", "--json", "--home", sample).json
    assert (plain.code, plain.err) == (0, "")
    assert "\x1b" not in plain.out
    for hit in answer["hits"]:
        head = f"{hit['rank']}. " + " › ".join([f"《{hit['report']}》", *hit["section"]])
        place = f"   — {hit['source']} [{hit['start']}:{hit['end']}]"
        assert f"{head}\n{hit['text']}\n{place}\n" in plain.out


def test_a_terminal_gets_colours(sample: Path) -> None:
    """What matched is marked there."""
    ours, theirs = pty.openpty()
    asking = subprocess.Popen(
        [SCRIPT, "ask", "双人查勘", "--home", sample],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"},
    )
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:  # how Linux says that the other side was closed
        pass
    finally:
        os.close(ours)
    assert asking.communicate(timeout=TIMEOUT_S)[1] == b""
    assert asking.returncode == 0
    assert re.search(r"\x1b\[[0-9;]*m双人", shown.decode())


def test_a_traditional_question_finds_the_same(sample: Path) -> None:
    """業主 is 业主: same passages, same scores."""
    simplified = wenbao("ask", "业主投诉怎么处理", "--json", "--home", sample).json
    traditional = wenbao("ask", "業主投訴怎麼處理", "--json", "--home", sample).json
    assert traditional["answered"] is True
    assert traditional["hits"] == simplified["hits"]


def test_width_and_case_do_not_matter(home: Path) -> None:
    """ＣＲＭ is crm."""
    (home / "corpus" / "crm.md").write_text("# 系统\n\n## 登记\n\n回访记进 CRM，由组长核对。\n", "utf-8")
    first, second = (wenbao("ask", asked, "--json", "--home", home).json for asked in ("ＣＲＭ", "crm"))
    assert first["hits"] == second["hits"]
    assert "CRM" in first["hits"][0]["text"]


def test_shares_sum_to_the_score(sample: Path) -> None:
    """--explain gives each hit its groups; a share is what a group adds."""
    for question in QUESTIONS[:4]:
        for hit in wenbao("ask", question, "--json", "--explain", "--home", sample).json["hits"]:
            explanation = hit["explanation"]
            assert explanation["score"] == pytest.approx(hit["score"], abs=1e-9)
            assert sum(group["share"] for group in explanation["groups"]) == pytest.approx(
                hit["score"], abs=1e-9
            )


def test_an_explanation_names_terms_and_their_statistics(sample: Path) -> None:
    """tf, df, idf and share of each term; who has no share has no tf."""
    (hit, *_) = wenbao("ask", "双人查勘", "--json", "--explain", "--home", sample).json["hits"]
    groups = hit["explanation"]["groups"]
    assert {"双人", "查勘"} <= {term["term"] for group in groups for term in group["terms"]}
    for group in groups:
        assert {"tf", "df", "idf", "share", "weight", "channel"} <= group.keys()
        assert (group["share"] > 0) == (group["tf"] > 0)
        for term in group["terms"]:
            assert {"term", "tf", "df", "idf", "weight"} <= term.keys()


def test_explanations_are_given_when_wanted_only(answers: list[dict[str, Any]]) -> None:
    """Without --explain a hit has none."""
    assert not any("explanation" in hit for hit in hits(answers))


def test_an_explanation_in_plain_text_ends_with_the_sum(sample: Path) -> None:
    """The lines under a passage add up."""
    out = wenbao("ask", "双人查勘", "--explain", "--hits", 1, "--home", sample).out
    shares = [float(value) for value in re.findall(r"^ +(\d+\.\d{4})  (?!sum)", out, re.MULTILINE)]
    (total,) = re.findall(r"^ +(\d+\.\d{4})  sum$", out, re.MULTILINE)
    assert sum(shares) == pytest.approx(float(total), abs=1e-4 * len(shares))


def test_a_batch_answers_a_line_each_in_order(sample: Path, tmp_path: Path) -> None:
    """Also lines that are blank or too long: they get an object that says why."""
    lines = ["怎么处理投诉", "", UNKNOWN, "问" * 513, "   ", "外呼指标怎么定"]
    batch = tmp_path / "questions.txt"
    batch.write_text("\n".join(lines) + "\n", "utf-8")
    done = wenbao("ask", "--batch", batch, "--home", sample)
    assert (done.code, done.err) == (0, "")
    assert [answer["question"] for answer in done.objects] == lines
    assert [answer["answered"] for answer in done.objects] == [True, False, False, False, False, True]
    assert ["error" in answer for answer in done.objects] == [False, True, False, True, True, False]
    assert "blank" in done.objects[1]["error"]
    assert "512" in done.objects[3]["error"]
    keys = {"question", "answered", "confidence", "generation", "took_ms", "hits"}
    assert all(answer.keys() - {"error"} == keys for answer in done.objects)


def test_a_batch_answers_as_single_questions_are_answered(
    answers: list[dict[str, Any]], sample: Path
) -> None:
    """The same hits and the same confidence."""
    for answer in answers[:3]:
        single = wenbao("ask", answer["question"], "--json", "--home", sample).json
        assert {**single, "took_ms": 0} == {**answer, "took_ms": 0}


def test_a_dash_reads_standard_input(sample: Path) -> None:
    """One object per line, from a real pipe."""
    done = process("ask", "--batch", "-", "--home", sample, stdin="怎么处理投诉\r\n外呼指标怎么定".encode())
    assert [answer["question"] for answer in done.objects] == ["怎么处理投诉", "外呼指标怎么定"]
    assert all(answer["answered"] for answer in done.objects)


def test_a_batch_may_explain(sample: Path) -> None:
    """--explain and --hits hold for each line."""
    done = wenbao("ask", "--batch", "-", "--explain", "--hits", 1, "--home", sample, stdin="投诉\n回访\n")
    assert [len(answer["hits"]) for answer in done.objects] == [1, 1]
    assert all("explanation" in answer["hits"][0] for answer in done.objects)


@pytest.mark.parametrize("separator", ["\u2028", "\x0b", "\x0c", "\x85", "\x1e"])
def test_only_a_line_feed_ends_a_question(sample: Path, separator: str) -> None:
    """Other separators stand inside a question; else the objects would no longer fit the lines."""
    lines = [f"投诉{separator}处理", "回访"]
    done = wenbao("ask", "--batch", "-", "--home", sample, stdin="\n".join(lines) + "\n")
    assert [answer["question"] for answer in done.objects] == lines


def test_a_batch_without_lines_prints_nothing(sample: Path) -> None:
    """An empty file is no error."""
    assert wenbao("ask", "--batch", "-", "--home", sample) == Done(0, "", "")


def test_a_batch_that_cannot_be_read_is_named(sample: Path, tmp_path: Path) -> None:
    """Missing, or not UTF-8: exit code 2."""
    assert str(tmp_path / "none.txt") in wenbao(
        "ask", "--batch", tmp_path / "none.txt", "--home", sample
    ).failed(2)
    (tmp_path / "gbk.txt").write_bytes("投诉".encode("gbk"))
    told = wenbao("ask", "--batch", tmp_path / "gbk.txt", "--home", sample).failed(2)
    assert "gbk.txt" in told
    assert "UTF-8" in told


@pytest.mark.parametrize("arguments", [(), ("投诉", "--batch", "-")])
def test_one_question_or_a_batch(sample: Path, arguments: tuple[str, ...]) -> None:
    """Neither or both is bad usage."""
    assert "--batch" in wenbao("ask", *arguments, "--home", sample).failed(2)


def test_a_missing_index_is_built_and_said_so_aside(unbuilt: Path) -> None:
    """Standard output stays pure JSON; the next question says nothing."""
    first = process("ask", "投诉怎么处理", "--json", "--home", unbuilt)
    assert (first.code, first.json["answered"]) == (0, True)
    assert "building the index" in first.one_line
    second = process("ask", "投诉怎么处理", "--json", "--home", unbuilt)
    assert (second.code, second.err) == (0, "")
    assert second.json["generation"] == first.json["generation"]


def _add(home: Path) -> None:
    (home / "corpus" / "新.md").write_text("# 新报告\n\n## 考勤\n\n迟到三次要写说明。\n", "utf-8")


def _change(home: Path) -> None:
    report = home / "corpus" / "热线.md"
    report.write_text(report.read_text("utf-8") + "\n## 三、考勤\n\n迟到三次要写说明。\n", "utf-8")


def _rename(home: Path) -> None:
    (home / "corpus" / "热线.md").rename(home / "corpus" / "投诉热线.md")


def _delete(home: Path) -> None:
    (home / "corpus" / "热线.md").unlink()


def _dictionary(home: Path) -> None:
    with (home / "config" / "dictionary.txt").open("a", encoding="utf-8") as file:
        file.write("退回重办\n")


def _synonyms(home: Path) -> None:
    with (home / "config" / "synonyms.toml").open("a", encoding="utf-8") as file:
        file.write('\n[ours]\n"录音" = ["留声机:0.9"]\n')


def _glossary(home: Path) -> None:
    with (home / "config" / "glossary.toml").open("a", encoding="utf-8") as file:
        file.write('\n[ours]\n"zork" = ["录音"]\n')


@pytest.mark.parametrize(
    ("change", "question", "source"),
    [
        (_add, "迟到要怎么样", "corpus/新.md"),
        (_change, "迟到要怎么样", "corpus/热线.md"),
        (_rename, "投诉怎么处理", "corpus/投诉热线.md"),
        (_delete, "录音抽查", "corpus/外呼.md"),
        (_dictionary, "退回重办", "corpus/热线.md"),
        (_synonyms, "抽查留声机", "corpus/外呼.md"),
        (_glossary, "spot check of zork", "corpus/外呼.md"),
    ],
)
def test_an_outdated_index_is_renewed_before_the_answer(
    home: Path, change: Callable[[Path], None], question: str, source: str
) -> None:
    """After a report, the dictionary or the lexicon changed; once, and without a word on standard output."""
    before = generation(home)
    change(home)
    done = wenbao("ask", question, "--json", "--home", home)
    assert done.code == 0
    assert "building the index" in done.one_line
    assert done.json["generation"] != before
    (first, *_) = done.json["hits"]
    assert first["source"] == source
    assert (home / source).read_text("utf-8")[first["start"] : first["end"]] == first["text"]
    assert wenbao("ask", question, "--json", "--home", home).err == ""


def test_a_deleted_report_is_not_cited(home: Path) -> None:
    """What was only there is not answered any more."""
    assert wenbao("ask", "投诉怎么处理", "--home", home).code == 0
    _delete(home)
    assert wenbao("ask", "投诉怎么处理", "--json", "--home", home).json["hits"] == []


def test_a_change_of_weights_needs_no_new_index(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """k1 and the like hold at once, for the same generation."""
    before = wenbao("ask", "投诉怎么处理", "--json", "--home", home).json
    monkeypatch.setenv("WENBAO_SEARCH__K1", "3.0")
    after = wenbao("ask", "投诉怎么处理", "--json", "--home", home)
    assert after.err == ""
    assert after.json["generation"] == before["generation"]
    assert after.json["hits"][0]["score"] != before["hits"][0]["score"]


def test_json_has_chinese_as_it_is(sample: Path) -> None:
    """Readable, in UTF-8, a single line."""
    out = process("ask", "怎么处理投诉", "--json", "--home", sample).out
    assert "投诉" in out
    assert json.loads(out)["answered"] is True
