"""`wenbao stats` and `wenbao gaps`, on a home whose bot was asked something."""

import stat
from pathlib import Path

import pytest

from bot.home import Home
from bot.journal.nouns import Asked
from bot.wiring import Service, assemble

from .shell import wenbao


@pytest.fixture
def asked(home: Path) -> Service:
    """A home's service that answered one question and refused another, in two wordings."""
    service = assemble(Home(home), {}, warn=lambda line: pytest.fail(line))
    service.ready(advance=lambda: lambda _done, _total: None)
    journal = service.journal
    for user, question in enumerate(("怎么处理投诉", "量子纠缠的退相干时间", "退相干时间，量子纠缠？")):
        found = service.ask(question)
        (written,) = journal.asked([Asked(found, user, user, "zh", "private")])
        if found.answered:
            journal.judged(written.number, user=user, passage_id=None, good=False, reason="outdated")
    journal.close()
    return service


def test_stats_are_tables_or_json(home: Path, asked: Service) -> None:
    """The same figures in both."""
    told = wenbao("stats", "--days", "3", "--json", "--home", home).json
    assert (told["questions"], told["answered"], told["people"]) == (3, 1, 3)
    assert (told["answered_share"], told["bad"], told["reasons"]) == (0.3333, 1, {"outdated": 1})
    assert [day["questions"] for day in told["days"]][-1] == 3
    assert len(told["days"]) == 3
    (section,) = told["sections"]
    assert asked.ask("怎么处理投诉").hits[0].passage.section == tuple(section["section"])
    shown = wenbao("stats", "--home", home).out
    for said in ("answered share\t0.333", "questions\t3", section["report"], "outdated"):
        assert said in shown


@pytest.mark.usefixtures("asked")
def test_gaps_are_grouped_by_their_words(home: Path) -> None:
    """Two orders of the same words are one gap; what was judged bad is another."""
    first, second = wenbao("gaps", "--json", "--home", home).json
    assert (first["question"], first["wordings"]) == ("退相干时间，量子纠缠？", ["量子纠缠的退相干时间"])
    assert (first["unanswered"], first["bad"]) == (2, 0)
    assert (second["question"], second["bad"], second["reasons"]) == ("怎么处理投诉", 1, ["outdated"])
    assert "退相干时间" in wenbao("gaps", "--home", home).out
    assert len(wenbao("gaps", "--json", "--limit", "1", "--home", home).json) == 1


def test_without_a_question_they_say_so(home: Path) -> None:
    """And the new journal and its key are for their owner only."""
    assert wenbao("stats", "--json", "--home", home).json["answered_share"] is None
    assert wenbao("gaps", "--home", home).out.startswith("no gaps")
    for name in ("journal.sqlite3", "journal.key"):
        assert stat.S_IMODE((home / ".wenbao" / name).stat().st_mode) == 0o600


def test_a_key_that_others_read_is_refused(home: Path) -> None:
    """In one line that says what to do."""
    wenbao("stats", "--home", home)
    key = home / ".wenbao" / "journal.key"
    key.chmod(0o644)
    done = wenbao("stats", "--home", home)
    assert done.code == 3
    assert done.err.strip() == f"wenbao: {key} can be read by others; run: chmod 600 {key}"
    key.chmod(0o600)
    key.write_bytes(b"short")
    assert "is damaged" in wenbao("gaps", "--home", home).err
