"""The journal on a real SQLite: what is written, looked up, deleted and told."""

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import JournalUnavailable
from bot.journal.journal import Journal
from bot.journal.nouns import Asked, DayCount, Forgotten, SectionCount
from bot.journal.tables import connect, file_url

from .conftest import GROUP, KEY, LEI, MEI, Books, Clock, answer, ask

USERS = st.integers(min_value=1_000_000, max_value=2**52)
PAYLOADS = st.dictionaries(
    st.text(max_size=8),
    st.one_of(
        st.text(max_size=20),
        st.integers(),
        st.booleans(),
        st.none(),
        st.lists(st.text(max_size=5), max_size=3),
    ),
    max_size=4,
)


def test_only_the_owner_reads_the_file(journal: Journal, books: Books) -> None:
    """The database and what SQLite lays beside it have mode 0600."""
    ask(journal)
    files = sorted(books.folder.glob("journal.sqlite3*"))
    assert [path.name for path in files] == ["journal.sqlite3", "journal.sqlite3-shm", "journal.sqlite3-wal"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_nobody_is_named(journal: Journal, books: Books) -> None:
    """Neither a user's nor a chat's id stands in the files, as digits or as bytes."""
    number = ask(journal, chat=GROUP)
    journal.judged(number, user=LEI, passage_id="p1", good=False)
    journal.set_language(MEI, "en")
    journal.remember({"do": "more"}, user=LEI)
    written = books.bytes()
    for who in (MEI, LEI, GROUP):
        assert str(abs(who)).encode() not in written
        assert abs(who).to_bytes(8, "big") not in written
        assert abs(who).to_bytes(8, "big").lstrip(b"\0") not in written


def test_questions_are_not_kept_unless_wanted(books: Books) -> None:
    """Turned off, questions are counted without their text, and earlier texts are gone from the files."""
    before = books()
    ask(before, "怎么请假")
    before.close()
    assert "怎么请假".encode() in books.bytes()
    after = books(keep_questions=False)
    ask(after, "食堂几点开门")
    assert after.stats(days=1).questions == 2
    assert after.gaps(limit=9) == ()
    for question in ("怎么请假", "食堂几点开门"):
        assert question.encode() not in books.bytes()
    after.close()


def test_a_forgotten_question_is_in_no_byte_of_the_files(journal: Journal, books: Books) -> None:
    """What is deleted is overwritten, in the write-ahead log too."""
    ask(journal, "怎么请假")
    journal.forget(MEI)
    assert "怎么请假".encode() not in books.bytes()


def test_forgetting_says_how_much_it_was(journal: Journal) -> None:
    """Of each kind; a second time there is nothing left. What others asked stays."""
    mine, others = ask(journal), ask(journal, user=LEI)
    journal.judged(mine, user=LEI, passage_id=None, good=True)
    journal.judged(others, user=MEI, passage_id=None, good=False)
    journal.remember({"do": "literal", "question": "怎么请假"}, user=MEI)
    anybodys = journal.remember({"do": "more"}, user=None)
    journal.set_language(MEI, "en")
    assert journal.forget(MEI) == Forgotten(questions=1, judgements=1, buttons=1, settings=1)
    assert journal.forget(MEI) == Forgotten(0, 0, 0, 0)
    stats = journal.stats(days=1)
    assert (stats.questions, stats.good, stats.bad) == (1, 0, 0)
    assert journal.recall(anybodys) == {"do": "more"}


@settings(max_examples=15)  # each writes databases of its own
@given(
    acts=st.lists(st.tuples(st.sampled_from("ajrl"), st.integers(0, 2)), max_size=25), gone=st.integers(0, 2)
)
def test_forgetting_leaves_nothing_of_a_user_and_all_of_the_others(
    new_folder: Callable[[], Path], acts: list[tuple[str, int]], gone: int
) -> None:
    """Law: a journal after forgetting is the journal in which that user never did anything.

    But for judgements of their questions, which go with them.
    """
    users = (MEI, LEI, 555_666_777)
    kept = [(act, who) for act, who in acts if who != gone]
    with_all, without = (Books(new_folder(), Clock())() for _ in range(2))
    for journal, deeds in ((with_all, acts), (without, kept)):
        own: dict[int, int] = {}
        for act, who in deeds:
            user = users[who]
            if act == "a":
                own[who] = ask(journal, f"问题{who}", user=user)
            elif act == "j" and who in own:
                journal.judged(own[who], user=user, passage_id=None, good=False, reason=f"为何{who}")
            elif act == "r":
                journal.remember({"who": who}, user=user)
            elif act == "l":
                journal.set_language(user, f"l{who}")
    button = with_all.remember({"who": gone}, user=users[gone])
    with_all.forget(users[gone])
    assert with_all.recall(button) is None
    assert with_all.stats(days=1) == without.stats(days=1)
    assert with_all.gaps(limit=9) == without.gaps(limit=9)
    assert [with_all.language(user) for user in users] == [without.language(user) for user in users]
    assert with_all.forget(users[gone]) == Forgotten(0, 0, 0, 0)
    for journal in (with_all, without):
        journal.close()


@settings(max_examples=15)  # each writes databases of its own
@given(payloads=st.lists(PAYLOADS, min_size=1, max_size=5), user=st.none() | USERS)
def test_a_remembered_payload_comes_back(
    new_folder: Callable[[], Path], payloads: list[dict[str, Any]], user: int | None
) -> None:
    """Law: recall gives what remember took, also after a restart; one id a payload, short enough."""
    books = Books(new_folder(), Clock())
    journal = books()
    ids = [journal.remember(payload, user=user) for payload in payloads]
    assert ids == [journal.remember(dict(reversed(payload.items())), user=user) for payload in payloads]
    journal.close()
    again = books()
    assert [again.recall(button) for button in ids] == payloads
    assert all(button.isascii() and len(button) <= 32 for button in ids)
    written = {json.dumps(payload, sort_keys=True) for payload in payloads}
    assert len(set(ids)) == len(written)
    again.close()


def test_ids_of_buttons_cannot_be_told_without_the_key(books: Books) -> None:
    """Another key gives other ids, and what was never given means nothing."""
    one, other = books(), books(key=bytes(32))
    button = one.remember({"do": "more"}, user=None)
    assert other.remember({"do": "more"}, user=None) != button
    assert one.recall(button[:-1] + ("A" if button[-1] != "A" else "B")) is None
    assert one.recall("") is None
    one.close()
    other.close()


@settings(max_examples=15)  # each writes databases of its own
@given(ages=st.lists(st.integers(0, 60 * 24), max_size=12), keep_days=st.integers(1, 40))
def test_pruning_keeps_exactly_what_is_young(
    new_folder: Callable[[], Path], ages: list[int], keep_days: int
) -> None:
    """Law: a question or button survives if it is no older than `keep_days`; ages in hours."""
    clock = Clock()
    books = Books(new_folder(), clock)
    journal, start = books(keep_days=3650), clock.now
    buttons: dict[str, int] = {}
    for number, age in enumerate(ages):
        clock.now = start
        clock.later(hours=-age)
        ask(journal, f"问题{number}")
        buttons[journal.remember({"number": number}, user=None)] = age
    journal.close()
    clock.now = start
    pruned = books(keep_days=keep_days)
    pruned.prune()
    young = {f"问题{number}" for number, age in enumerate(ages) if age <= keep_days * 24}
    assert {gap.question for gap in pruned.gaps(limit=100)} == young
    assert {b for b in buttons if pruned.recall(b)} == {
        b for b, age in buttons.items() if age <= keep_days * 24
    }
    pruned.close()


def test_a_journal_prunes_itself_once_a_day(journal: Journal, clock: Clock) -> None:
    """The first question of a day deletes what has become too old."""
    ask(journal)
    clock.later(days=31)
    ask(journal)
    assert journal.stats(days=60).questions == 1


def test_a_later_judgement_replaces_the_earlier(journal: Journal) -> None:
    """Of the same user on the same answer; another user's counts as well."""
    number = ask(journal, "怎么请假", "一")
    journal.judged(number, user=MEI, passage_id=None, good=True)
    journal.judged(number, user=MEI, passage_id=None, good=False)
    journal.judged(number, user=MEI, passage_id=None, good=False, reason="outdated")
    journal.judged(number, user=LEI, passage_id=None, good=True)
    stats = journal.stats(days=1)
    assert (stats.good, stats.bad, stats.reasons) == (1, 1, (("outdated", 1),))


def test_a_question_that_is_gone_is_not_judged_and_its_number_not_given_again(journal: Journal) -> None:
    """A button of a forgotten question judges nothing, least of all the next one."""
    number = ask(journal)
    journal.forget(MEI)
    assert ask(journal, user=LEI) > number
    journal.judged(number, user=MEI, passage_id=None, good=False)
    assert journal.stats(days=1).bad == 0


def test_the_figures_of_days(journal: Journal, clock: Clock) -> None:
    """Each day with its questions, quiet ones too; sections by the first passage, most first."""
    ask(journal, "一", "甲", "乙")
    clock.later(days=2)
    ask(journal, "二", "乙", user=LEI)
    ask(journal, "三", "乙")
    ask(journal, "四", user=None)
    stats = journal.stats(days=3)
    assert stats.days == (
        DayCount(date(2026, 3, 2), 1, 1),
        DayCount(date(2026, 3, 3), 0, 0),
        DayCount(date(2026, 3, 4), 3, 2),
    )
    assert (stats.people, stats.questions, stats.answered_share) == (2, 4, 0.75)
    assert stats.sections == (
        SectionCount("投诉报告", ("三、投诉", "乙"), 2),
        SectionCount("投诉报告", ("三、投诉", "甲"), 1),
    )
    assert journal.stats(days=1).questions == 3


def test_an_empty_journal_has_no_share(journal: Journal) -> None:
    """Nothing asked is neither all answered nor nothing."""
    assert journal.stats(days=7).answered_share is None
    assert journal.gaps(limit=5) == ()


def test_gaps_are_grouped_and_counted(journal: Journal, clock: Clock) -> None:
    """By the given function; most often first, with the latest wording and time."""
    ask(journal, "怎么报销")
    ask(journal, "怎么请假")
    clock.later(hours=1)
    ask(journal, "怎么请假？", user=LEI)
    ask(journal, "怎么处理投诉", "一")
    first, second = journal.gaps(limit=9)
    assert (first.question, first.wordings, first.unanswered, first.last) == (
        "怎么请假？",
        ("怎么请假",),
        2,
        clock.now,
    )
    assert (second.question, second.count) == ("怎么报销", 1)
    assert journal.gaps(limit=1) == (first,)


def test_a_gap_closes_when_the_reports_answer(journal: Journal, clock: Clock) -> None:
    """What was not said before a report was added is no gap; what is not said any more is one again."""
    ask(journal, "怎么请假")
    clock.later(hours=1)
    ask(journal, "怎么请假", "一")
    assert journal.gaps(limit=9) == ()
    clock.later(hours=1)
    ask(journal, "怎么请假")
    (gap,) = journal.gaps(limit=9)
    assert gap.unanswered == 1


def test_an_answer_judged_bad_is_a_gap(journal: Journal) -> None:
    """With its reasons, once each."""
    number = ask(journal, "怎么请假", "一")
    for user, reason in ((MEI, "outdated"), (LEI, "outdated"), (GROUP, "")):
        journal.judged(number, user=user, passage_id="p1", good=False, reason=reason)
    (gap,) = journal.gaps(limit=9)
    assert (gap.unanswered, gap.bad, gap.reasons) == (0, 3, ("outdated",))


def test_threads_and_a_second_process_share_it(books: Books) -> None:
    """Nothing is lost when many write at once."""
    first, second = books(), books()

    def write(number: int) -> int:
        one = ask((first, second)[number % 2], f"问题{number}", "一", user=number)
        (second, first)[number % 2].judged(one, user=number, passage_id=None, good=True)
        return one

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(write, range(80)))
    assert len(set(numbers)) == 80
    stats = first.stats(days=1)
    assert (stats.questions, stats.people, stats.good) == (80, 80, 80)
    first.close()
    second.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """One line that says which file and what of it."""
    (tmp_path / "journal.sqlite3").write_text("no database " * 100)
    with pytest.raises(JournalUnavailable, match=r"journal\.sqlite3 cannot be used: .*not a database"):
        connect(file_url(tmp_path / "journal.sqlite3"))


@pytest.mark.parametrize(
    "url", ["", "nonsense", "postgresql+nodriver://u:secret@host/db", "sqlite:////no/such/x"]
)
def test_a_bad_url_is_an_error_of_one_line_without_its_password(url: str) -> None:
    """Whether it is no URL, needs a library or points nowhere."""
    with pytest.raises(JournalUnavailable) as caught:
        Journal(url, key=KEY, keep_questions=True, clock=Clock())
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_long_language_or_reason_is_cut(journal: Journal) -> None:
    """What comes from outside fits its column."""
    (written,) = journal.asked([Asked(answer(), MEI, None, "x" * 99, "inline")])
    journal.judged(written.number, user=MEI, passage_id=None, good=False, reason="长" * 999)
    assert journal.stats(days=1).reasons == (("长" * 200, 1),)


@pytest.mark.parametrize(
    "hostile", ["\ud83d", "a\0b", "\u202e\u200b👩‍👩‍👧", "x" * 5000, "'; DROP TABLE questions; --"]
)
def test_whatever_is_written_is_kept(journal: Journal, hostile: str) -> None:
    """Halves of characters, NUL, marks, great length, SQL: a question is a question."""
    number = ask(journal, hostile, user=MEI)
    journal.judged(number, user=MEI, passage_id=None, good=False, reason=hostile)
    journal.set_language(MEI, hostile)
    assert journal.recall(journal.remember({"do": hostile}, user=MEI)) == {"do": hostile}
    (gap,) = journal.gaps(limit=9)
    assert (gap.unanswered, gap.bad) == (1, 1)


def carded(question: str, *, user: int | None = MEI, card: dict[str, Any] | None = None) -> Asked:
    """A question whose card has buttons."""
    return Asked(
        answer(question, "(一) 受理"),
        user,
        user,
        "zh",
        "private",
        {"question": question} if card is None else card,
    )


def test_questions_and_their_cards_are_written_at_once(journal: Journal, books: Books) -> None:
    """Each has its own number, the card knows it, and what was shown belongs to it."""
    asked = [carded(f"问题{number}", user=number or None) for number in range(20)]
    asked[7] = replace(asked[7], answer=answer("问题7"))
    written = journal.asked(asked)
    other = books()
    for one, question in zip(written, asked, strict=True):
        assert other.recall(one.button) == {"question": question.answer.question, "asked": one.number}
    numbers = [one.number for one in written]
    assert numbers == sorted(set(numbers))
    assert [count.questions for count in other.stats(days=1).days] == [20]
    assert other.stats(days=1).sections == (SectionCount("投诉报告", ("三、投诉", "(一) 受理"), 19),)
    assert [gap.question for gap in other.gaps(limit=9)] == ["问题7"]
    assert journal.forget(5) == Forgotten(questions=1, judgements=0, buttons=1, settings=0)
    assert journal.recall(written[5].button) is None
    assert ask(journal) > numbers[-1]


def test_of_questions_that_cannot_all_be_written_none_is(journal: Journal, books: Books) -> None:
    """Nor has any a card."""
    before = ask(journal)
    with pytest.raises(TypeError):
        journal.asked([carded("怎么处理投诉"), carded("怎么请假", card={"passages": {1}})])
    assert sum(count.questions for count in books().stats(days=1).days) == 1
    assert ask(journal) > before


def test_a_question_without_a_card_has_no_buttons(journal: Journal) -> None:
    """Beside one that has."""
    without, with_card = journal.asked([Asked(answer(), MEI, MEI, "zh", "private"), carded("怎么请假")])
    assert without.button == ""
    assert journal.recall(with_card.button) == {"question": "怎么请假", "asked": with_card.number}


def test_many_threads_write_at_once(journal: Journal) -> None:
    """Nobody waits for long or is refused."""
    with ThreadPoolExecutor(8) as threads:
        batches = list(
            threads.map(lambda user: journal.asked([carded("怎么请假", user=user)] * 2), range(1, 101))
        )
    written = [one for batch in batches for one in batch]
    assert len({one.number for one in written}) == 200
    assert all(journal.recall(one.button) == {"question": "怎么请假", "asked": one.number} for one in written)


def test_what_is_old_goes_once_a_day(journal: Journal, books: Books) -> None:
    """Before anything else is written."""
    (old,) = journal.asked([carded("怎么请假")])
    books.clock.later(days=31)
    ask(journal)
    assert journal.recall(old.button) is None
