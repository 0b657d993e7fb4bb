"""The assembled service: one index for all threads, renewed without a pause, and the library behind it."""

import asyncio
import gc
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bot import serving
from bot.domain import Answer, Hit, Passage
from bot.errors import EmptyCorpus, IndexDamaged, IndexUnavailable, SettingsError
from bot.home import Home
from bot.lexicon.lexicon import Lexicon
from bot.opening import Opened, Progress
from bot.search.finder import Finder
from bot.search.searcher import Found
from bot.wiring import Service, assemble, index_of
from tests.soak.parts import open_files, until

from .shell import generation, wenbao, write_lines


def serviced(root: Path) -> Service:
    """Return the service of a home; a warning fails the test."""
    return assemble(Home(root), {}, warn=lambda line: pytest.fail(line))


def told(answer: Answer) -> list[tuple[str, float]]:
    return [(hit.passage.passage_id, hit.score) for hit in answer.hits]


def unasked() -> Progress:
    """Fail when something is built."""
    pytest.fail("nothing had to be built")


def test_assembling_reads_settings_only(unbuilt: Path) -> None:
    """No index is built or opened before it is needed."""
    serviced(unbuilt)
    assert not (unbuilt / ".wenbao" / "index").exists()


def test_assembling_a_home_with_wrong_settings_fails(home: Path) -> None:
    """At once, not at the first question."""
    with pytest.raises(SettingsError, match="WENBAO_SEARCH__K1"):
        assemble(Home(home), {"WENBAO_SEARCH__K1": "x"}, warn=lambda _: None)


def test_settings_reach_the_search(home: Path) -> None:
    """The number of hits, for one."""
    service = assemble(Home(home), {"WENBAO_SEARCH__HITS": "1"}, warn=lambda _: None)
    assert len(service.ask("投诉 回访").hits) == 1
    assert len(service.ask("投诉 回访", hits=2).hits) == 2


def test_asking_before_the_first_build_is_an_error(unbuilt: Path) -> None:
    """The command that builds is named."""
    with pytest.raises(IndexUnavailable, match="wenbao refresh"):
        serviced(unbuilt).ask("投诉")


def test_asking_without_reports_is_an_error(empty: Path) -> None:
    """After the build of an empty index."""
    service = serviced(empty)
    service.ready(advance=lambda: lambda _done, _total: None)
    with pytest.raises(EmptyCorpus, match="wenbao import"):
        service.ask("投诉")


def test_ready_builds_what_is_missing(unbuilt: Path) -> None:
    """With its progress told up to the end; the second time nothing is done."""
    service = serviced(unbuilt)
    steps: list[tuple[int, int]] = []
    service.ready(advance=lambda: lambda done, total: steps.append((done, total)))
    assert steps[-1] == (4, 4)
    assert steps == sorted(steps)
    service.ready(advance=unasked)


def test_a_generation_is_opened_once(home: Path) -> None:
    """Questions share it."""
    service = serviced(home)
    first = service.generation()
    service.ask("投诉")
    assert service.generation() is first


def test_threads_share_a_service(service: Service) -> None:
    """Many questions at once get the answers that they get one by one."""
    questions = ["怎么处理投诉", "外呼指标怎么定", "双人查勘", "议价有什么技巧", "自动回复"] * 8
    expected = [told(service.ask(question)) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        assert [told(answer) for answer in pool.map(service.ask, questions)] == expected


def test_a_first_question_may_come_from_many_threads(home: Path) -> None:
    """Nothing is assembled yet when they come."""
    service = serviced(home)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(service.ask, ["投诉怎么处理"] * 16))
    assert {tuple(told(answer)) for answer in answers} == {tuple(told(service.ask("投诉怎么处理")))}


def test_another_process_may_renew_the_index(home: Path) -> None:
    """The next question is answered from the new generation, without being told."""
    service = serviced(home)
    assert not service.ask("迟到三次").answered
    (home / "corpus" / "新.md").write_text("# 考勤\n\n## 规定\n\n迟到三次要写说明。\n", "utf-8")
    assert not service.ask("迟到三次").answered
    assert wenbao("refresh", "--home", home).code == 0
    answer = service.ask("迟到三次")
    assert answer.generation == generation(home)
    assert answer.hits[0].passage.source == "corpus/新.md"


def test_an_opened_generation_outlives_its_files(home: Path) -> None:
    """A question in flight keeps the old index, also when it was pruned meanwhile."""
    service = serviced(home)
    old = service.generation()
    query = service.searcher.query(
        "投诉怎么处理", Lexicon(old.folder, service.cedict, service.frequencies, old.df)
    )
    before = old.top(query, 3)
    for _ in range(4):
        service.refresh(full=True)
    assert not old.folder.exists()
    assert old.top(query, 3) == before
    assert old.passage(before[0].ordinal).source == "corpus/热线.md"


@pytest.fixture
def rotten(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose index counts as large, and in whose passages bytes changed by themselves."""
    monkeypatch.setattr("bot.index.meta.SMALL", 0)
    assert serviced(home).generation().size  # its bytes were seen to be right
    path = home / ".wenbao" / "index" / generation(home) / "passages.jsonl"
    content, times = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_bytes(content.replace("回访".encode(), "回仿".encode()))
    assert path.read_bytes() != content
    os.utime(path, ns=times)
    return home


def test_what_rotted_is_built_anew_before_it_is_said(rotten: Path) -> None:
    """The first question that reads it finds out, and gets the right answer; one line says what was wrong."""
    warnings: list[str] = []
    service = assemble(Home(rotten), {}, warn=warnings.append)
    service.ready(advance=unasked)
    before = service.generation().generation
    answer = service.ask("投诉怎么处理")
    assert "回访" in answer.hits[0].passage.text
    assert answer.generation == generation(rotten) != before
    (warning,) = warnings
    assert f"{before}/passages.jsonl is not what was written" in warning
    assert "built anew" in warning


def test_who_answers_many_questions_tells_of_damage(rotten: Path) -> None:
    """Building would hold up all others: whoever looks after the service does it meanwhile."""
    service = assemble(Home(rotten), {}, warn=pytest.fail, many=True)
    told: list[str] = []
    service.on_damage = lambda: told.append("damaged")
    for _ in range(2):
        with pytest.raises(
            IndexDamaged, match=r"passages\.jsonl is not what was written; run: wenbao refresh"
        ):
            service.ask("投诉怎么处理")
    assert told == ["damaged"] * 2
    with pytest.raises(IndexDamaged):  # whoever comes next does not begin to answer from it
        assemble(Home(rotten), {}, warn=pytest.fail).generation()


def test_who_answers_from_one_index_only_builds_no_other(rotten: Path) -> None:
    """It is another process's to look after, or is not even published."""
    service = assemble(Home(rotten), {}, warn=pytest.fail)
    folder = service.generation().folder
    with pytest.raises(IndexDamaged, match=r"passages\.jsonl is not what was written"):
        service.answering_from(folder).ask("投诉怎么处理")
    assert generation(rotten) == folder.name


async def test_a_bot_has_a_damaged_index_built_anew(rotten: Path) -> None:
    """Beside the questions; the one that met the damage is answered when it is tried again."""
    service = assemble(Home(rotten), {}, warn=pytest.fail, many=True)
    before = service.generation().generation
    nobody = service.on_damage
    beside = asyncio.create_task(serving.surroundings(service, {}, None).beside())
    await asyncio.to_thread(until, lambda: service.on_damage is not nobody, 10, "it listens")
    with pytest.raises(IndexDamaged):
        await asyncio.to_thread(service.ask, "投诉怎么处理")
    await asyncio.to_thread(until, lambda: service.generation().generation != before, 60, "another index")
    assert service.ask("投诉怎么处理").hits[0].passage.source == "corpus/热线.md"
    beside.cancel()
    with pytest.raises(asyncio.CancelledError):
        await beside


def test_scores_do_not_depend_on_how_the_index_came_about(home: Path, unbuilt: Path) -> None:
    """Built at once or report by report, the same passages have the same scores."""
    moved = unbuilt / "corpus" / "外呼.md"
    text = moved.read_text("utf-8")
    moved.unlink()
    grown = serviced(unbuilt)
    grown.refresh()
    moved.write_text(text, "utf-8")
    grown.refresh()
    assert told(grown.ask("投诉怎么处理")) == told(serviced(home).ask("投诉怎么处理"))


@pytest.mark.parametrize("engine", ["jieba", "rjieba"])
def test_either_segmenter_answers_alike(home: Path, engine: str) -> None:
    """rjieba is faster, not other."""
    if engine == "rjieba":
        pytest.importorskip("rjieba")
    service = assemble(Home(home), {"WENBAO_ANALYSIS__SEGMENTER": engine}, warn=lambda _: None)
    assert service.analyzer.engine == engine
    service.refresh(full=True)
    assert service.ask("外呼指标怎么定").hits[0].passage.text.startswith("外呼指标按座席")


def test_given_passages_are_indexed_as_they_are(service: Service, tmp_path: Path) -> None:
    """Not cut, not reordered."""
    texts = ["投诉" * 300, "回访", "投诉 回访"]
    given = [Passage(f"p{n}", "r", "", (), "x", 0, len(t), t) for n, t in enumerate(texts)]
    index, _ = index_of(service, given, tmp_path)
    assert [index.passage(number) for number in range(index.size)] == given


@pytest.mark.parametrize("question", ["投诉", "火星"])
def test_an_answer_tells_how_sure_it_is(home: Path, question: str) -> None:
    """Below the least confidence that is set there are no hits."""
    strict = assemble(Home(home), {"WENBAO_SEARCH__MIN_CONFIDENCE": "1.0"}, warn=lambda _: None)
    answer = strict.ask(f"{question}宇宙飞船")
    assert not answer.answered
    assert answer.hits == ()
    assert 0.0 <= answer.confidence < 1.0


def test_a_refused_answer_is_the_same_for_evaluation(home: Path, tmp_path: Path) -> None:
    """A question that was refused counts as not found."""
    judged = write_lines(tmp_path / "judged.jsonl", {"question": "火星上的天气", "relevant": ["投诉"]})
    said = wenbao("eval", "--questions", judged, "--json", "--home", home).json
    assert (said["hit@1"], said["no_answer"]["precision"]) == (0.0, 0.0)


def test_warnings_go_to_whoever_assembled(home: Path) -> None:
    """A damaged index is mended and told in one line."""
    (home / ".wenbao" / "index" / generation(home) / "postings.npy").write_bytes(b"")
    lines: list[str] = []
    service = assemble(Home(home), {}, warn=lines.append)
    service.ready(advance=lambda: lambda _done, _total: None)
    assert service.ask("投诉").answered
    (line,) = lines
    assert "postings.npy" in line
    assert "\n" not in line


def test_a_published_index_that_cannot_be_used_leaves_the_one_in_hand_answering(home: Path) -> None:
    """A running bot goes on with the generation it has, and says so once."""
    warned: list[str] = []
    service = assemble(Home(home), {}, warn=warned.append)
    service.ready(advance=lambda: lambda _done, _total: None)
    before = service.ask("投诉怎么处理")
    other = assemble(Home(home), {}, warn=warned.append)
    published = other.refresh(full=True).meta
    assert published is not None
    (service.store.folder / published.generation / "meta.json").write_text("{}", "utf-8")
    after = [service.ask("投诉怎么处理") for _ in range(3)]
    assert {answer.generation for answer in after} == {before.generation}
    assert len(warned) == 1
    assert "wenbao refresh" in warned[0]


def terms(service: Service, question: str) -> set[str]:
    """Every name that a question is looked up by in the published generation."""
    generation = service.generation()
    names = Lexicon(generation.folder, service.cedict, service.frequencies, generation.df)
    return {name.term for group in service.searcher.query(question, names).groups for name in group.names}


def test_a_new_generation_brings_its_dictionary(home: Path) -> None:
    """A running bot cuts questions as the index in use was cut, not as the one that it started with."""
    service = serviced(home)
    before = terms(service, "抽取两成")
    (home / "config" / "dictionary.txt").write_text("抽取两成\n", "utf-8")
    assert wenbao("refresh", "--home", home).code == 0
    assert service.ask("抽取两成").generation == generation(home)
    assert terms(service, "抽取两成") != before
    assert any(term.endswith("抽取两成") for term in terms(service, "抽取两成"))


def test_stop_words_are_read_when_the_index_is_opened_again(home: Path) -> None:
    """They are no part of an index, so that a refresh alone finds nothing to build."""
    service = serviced(home)
    assert terms(service, "回访")
    (home / "config" / "stopwords.txt").write_text("回访\n", "utf-8")
    assert terms(service, "回访")
    service.reopen()
    assert not any(term.endswith("回访") for term in terms(service, "回访"))


def test_of_few_passages_a_short_question_is_at_hand(home: Path) -> None:
    """Once they are opened, until something else is published: that opens in a thread."""
    service = assemble(Home(home), {}, warn=lambda line: pytest.fail(line), many=True)
    assert not service.at_hand("投诉怎么处理", hits=3)
    service.ready(advance=unasked)
    assert service.at_hand("投诉怎么处理", hits=3)
    assert not service.at_hand("投诉怎么处理" * 20, hits=3)
    assert wenbao("refresh", "--full", "--home", home).code == 0
    assert not service.at_hand("投诉怎么处理", hits=3)


def test_what_was_asked_lately_is_at_hand(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where many are answered: the same answer, until something else is published."""
    monkeypatch.setattr("bot.wiring._FEW_PASSAGES", 0)
    service = assemble(Home(home), {}, warn=lambda line: pytest.fail(line), many=True)
    assert not service.at_hand("投诉怎么处理", hits=3)
    first = service.ask("投诉怎么处理", hits=3)
    assert service.at_hand(" 投诉怎么处理\n", hits=3)
    assert not service.at_hand("投诉怎么处理", hits=4)
    assert not service.ask("火星天气", hits=3).answered
    assert service.at_hand("火星天气", hits=3)
    again = service.ask("投诉怎么处理", hits=3)
    assert replace(again, took_ms=0.0) == replace(first, took_ms=0.0)
    assert again.took_ms > 0
    file = next((home / "corpus").rglob("*.md"))
    file.write_text(file.read_text("utf-8") + "\n\n## 补充\n\n投诉怎么处理：由新的班组投诉处理。\n", "utf-8")
    assert wenbao("refresh", "--home", home).code == 0
    assert not service.at_hand("投诉怎么处理", hits=3)
    assert told(service.ask("投诉怎么处理", hits=3)) != told(first)
    assert not serviced(home).at_hand("投诉怎么处理", hits=3)


def test_only_the_last_questions_are_kept() -> None:
    """So many passages of what was found; the question that was asked longest ago goes first."""
    asked: list[str] = []
    hit = Hit(Passage("p", "r", "报告", (), "corpus/r.md", 0, 1, "一"), 1.0, 1)

    def find(question: str, **_: object) -> Found:
        asked.append(question)
        return Found(() if question == "无" else (hit, hit), 0.9, None, (), ())

    finder = Finder(find, most=5)
    for question in ("甲", "乙", "甲", "丙", "甲", "乙"):
        finder(question, 3)
    assert asked == ["甲", "乙", "丙", "乙"]
    assert [finder.kept(question, 3) is not None for question in ("甲", "乙", "丙")] == [True, True, False]
    finder("甲", 3, literal=True)
    finder("甲", 3, explain=True)
    finder("甲", 3, explain=True)
    assert asked[4:] == ["甲", "甲", "甲"]
    finder("无", 3)
    assert finder.kept("无", 3) is None
    keeping_nothing = Finder(find, most=0)
    keeping_nothing("甲", 3)
    assert keeping_nothing.kept("甲", 3) is None


@pytest.mark.parametrize("renew", [Service.reopen, Service.opened])
def test_the_files_of_a_generation_are_closed_when_another_answers(
    home: Path, renew: Callable[[Service], object]
) -> None:
    """At once, however often: an archive of millions is not held open until memory happens to be cleared."""
    service = serviced(home)
    questions = ("投拆怎么处理", "how to handle complaints")
    gc.disable()
    try:
        for question in questions:
            service.ask(question)
        wenbao("refresh", "--full", "--home", home)
        gc.collect()  # what running the command left
        before = open_files(os.getpid())
        renew(service)
        for question in questions:
            service.ask(question)
        assert open_files(os.getpid()) == before
    finally:
        gc.enable()


def test_a_bad_dictionary_leaves_the_index_in_hand_answering(home: Path) -> None:
    """Said once; the answers go on."""
    warned: list[str] = []
    service = assemble(Home(home), {}, warn=warned.append)
    before = service.ask("投诉怎么处理")
    assert wenbao("refresh", "--full", "--home", home).code == 0
    (home / "config" / "dictionary.txt").write_text("a b c d\n", "utf-8")
    after = [service.ask("投诉怎么处理") for _ in range(3)]
    assert {answer.generation for answer in after} == {before.generation}
    (line,) = warned
    assert "dictionary.txt:1" in line


def test_questions_do_not_wait_for_a_new_generation_to_be_opened(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one thread opens it the others are answered from the old one."""
    service = serviced(home)
    old = service.ask("投诉怎么处理").generation
    assert wenbao("refresh", "--full", "--home", home).code == 0
    opening, go = threading.Event(), threading.Event()
    open_latest = service.store.latest

    def slowly(opens: Callable[[Path], Opened]) -> Opened:
        opening.set()
        assert go.wait(10)
        return open_latest(opens)

    monkeypatch.setattr(service.store, "latest", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(service.ask, "投诉怎么处理")
        assert opening.wait(10)
        assert service.ask("投诉怎么处理").generation == old
        go.set()
        assert first.result(10).generation == generation(home)
