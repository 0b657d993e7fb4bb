"""Segmenting: two engines that cut alike, and keep to themselves."""

import importlib.util
import json
import random
import re
import tempfile
from importlib.machinery import ModuleSpec
from pathlib import Path

import jieba
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analysis.normalize import Normalizer
from bot.analysis.segment import Cut, JiebaSegmenter, RjiebaSegmenter, Segmenter, UserWord, segmenter
from bot.errors import InputError

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"

# What jieba's model knows; runs of rarer characters are in UNLIKE.
KNOWN = "\u4e00-\u9fd5"
CORPUS_RUNS = sorted(
    {
        run
        for path in (ROOT / "corpus").glob("*.md")
        for run in re.findall(f"[{KNOWN}]+", path.read_text("utf-8"))
    }
)
CHARACTERS = sorted(set("".join(CORPUS_RUNS)))
NONSENSE = "问报专造词"

rjieba_installed = importlib.util.find_spec("rjieba") is not None
needs_rjieba = pytest.mark.skipif(not rjieba_installed, reason="rjieba is not installed")


@pytest.fixture(scope="module")
def reference(user_words: tuple[UserWord, ...], tmp_path_factory: pytest.TempPathFactory) -> JiebaSegmenter:
    """A jieba with the words of the domain."""
    return JiebaSegmenter(user_words, tmp_path_factory.mktemp("jieba"))


@pytest.fixture(scope="module")
def fast(user_words: tuple[UserWord, ...]) -> RjiebaSegmenter:
    """An rjieba with the words of the domain."""
    if not rjieba_installed:
        pytest.skip("rjieba is not installed")
    return RjiebaSegmenter(user_words)


@pytest.fixture(params=["jieba", pytest.param("rjieba", marks=needs_rjieba)])
def either(request: pytest.FixtureRequest) -> Segmenter:
    """Each of the two in turn."""
    found: Segmenter = request.getfixturevalue({"jieba": "reference", "rjieba": "fast"}[request.param])
    return found


def cuts(engine: Segmenter, run: str) -> list[Cut]:
    """Return an engine's cuts as plain tuples."""
    return [(word, start, end) for word, start, end in engine.cut(run)]


def test_every_run_of_the_corpus_is_cut_alike(reference: JiebaSegmenter, fast: RjiebaSegmenter) -> None:
    """No run of Han characters of the sample reports is an exception."""
    assert len(CORPUS_RUNS) > 1000
    assert [run for run in CORPUS_RUNS if cuts(reference, run) != cuts(fast, run)] == []


def test_every_run_of_the_judged_sets_is_cut_alike(
    reference: JiebaSegmenter, fast: RjiebaSegmenter, normalizer: Normalizer
) -> None:
    """Nor is one of the judged sets and the reference report, as they are normalised for the index."""
    texts = [path.read_text("utf-8") for path in SHARED.glob("reports/*.txt")]
    for path in sorted(SHARED.glob("eval/**/*.jsonl")):
        rows = map(json.loads, path.read_text("utf-8").splitlines())
        texts += [row.get("text") or row["question"] for row in rows]
    if not texts:
        pytest.skip("no judged sets beside the project")
    runs = {run for text in texts for run in re.findall(f"[{KNOWN}]+", normalizer(text).text)}
    assert len(runs) > 10_000
    assert sorted(run for run in runs if cuts(reference, run) != cuts(fast, run)) == []


@given(st.text(st.sampled_from(CHARACTERS), min_size=1, max_size=20))
def test_any_characters_of_the_corpus_are_cut_alike(
    reference: JiebaSegmenter, fast: RjiebaSegmenter, run: str
) -> None:
    """Strings that nobody wrote are cut alike too."""
    assert cuts(reference, run) == cuts(fast, run)


def test_torn_and_joined_runs_are_cut_alike(reference: JiebaSegmenter, fast: RjiebaSegmenter) -> None:
    """Pieces of real runs, put together anew, are full of words and of wrong cuts; they are cut alike."""
    chance = random.Random(1)  # noqa: S311
    pieces = [run[i : i + 4] for run in CORPUS_RUNS for i in range(0, len(run), 3)]
    runs = ["".join(chance.choices(pieces, k=4)) for _ in range(3000)]
    assert [run for run in runs if cuts(reference, run) != cuts(fast, run)] == []


@pytest.mark.parametrize("run", ["㐀㐁", "\u9fd6\u9fd7"])
def test_rare_characters_side_by_side_are_the_known_exception(
    reference: JiebaSegmenter, fast: RjiebaSegmenter, run: str
) -> None:
    """Characters outside of jieba's own range are single words for jieba, and one word for rjieba."""
    assert cuts(reference, run) == [(run[0], 0, 1), (run[1], 1, 2)]
    assert cuts(fast, run) == [(run, 0, 2)]


@given(st.text(st.sampled_from([*CHARACTERS, "㐀", "𠮷", "\ufa0e"]), min_size=1, max_size=20))
def test_cuts_are_slices_that_cover_the_run(
    reference: JiebaSegmenter, fast: RjiebaSegmenter, run: str
) -> None:
    """Every cut is the slice that it says, none is empty, and no character is left out."""
    for engine in (reference, fast):
        found = cuts(engine, run)
        assert all(word == run[start:end] and word for word, start, end in found)
        assert {at for _, start, end in found for at in range(start, end)} == set(range(len(run)))


def test_parts_stand_before_their_long_word(either: Segmenter) -> None:
    """Search mode gives the words within a long word first."""
    assert cuts(either, "中华人民共和国")[-1] == ("中华人民共和国", 0, 7)
    assert ("人民", 2, 4) in cuts(either, "中华人民共和国")[:-1]


def test_words_of_the_domain_are_kept_whole(either: Segmenter, user_words: tuple[UserWord, ...]) -> None:
    """Each word of config/dictionary.txt, alone, is one of its cuts."""
    assert len(user_words) > 50
    broken = [
        word.text
        for word in user_words
        if re.fullmatch(f"[{KNOWN}]+", word.text)
        and (word.text, 0, len(word.text)) not in cuts(either, word.text)
    ]
    assert broken == []


@pytest.mark.parametrize(
    ("run", "word"),
    [("提高首次解决率的办法", "首次解决率"), ("今年呼损率下降", "呼损率"), ("接起率目标", "接起率")],
)
def test_words_of_the_domain_are_found_in_sentences(either: Segmenter, run: str, word: str) -> None:
    """They win over what jieba alone would cut."""
    assert word in [text for text, _, _ in cuts(either, run)]


def test_a_word_of_one_instance_reaches_no_other(tmp_path: Path) -> None:
    """Neither another jieba of ours nor the library's global one learns it."""
    knowing = JiebaSegmenter([UserWord(NONSENSE, 1_000_000)], tmp_path)
    ignorant = JiebaSegmenter([], tmp_path)
    assert cuts(knowing, NONSENSE)[-1] == (NONSENSE, 0, 5)
    assert NONSENSE not in [word for word, _, _ in cuts(ignorant, NONSENSE)]
    assert NONSENSE not in jieba.dt.FREQ
    assert not jieba.dt.initialized


@needs_rjieba
def test_a_word_of_one_rjieba_reaches_no_other() -> None:
    """Neither another rjieba of ours nor the package's global one learns it."""
    import rjieba

    knowing = RjiebaSegmenter([UserWord(NONSENSE, 1_000_000)])
    ignorant = RjiebaSegmenter([])
    assert cuts(knowing, NONSENSE)[-1] == (NONSENSE, 0, 5)
    assert NONSENSE not in [word for word, _, _ in cuts(ignorant, NONSENSE)]
    assert NONSENSE not in rjieba.cut(NONSENSE)


def test_jieba_writes_its_cache_into_the_given_folder_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The shared temp folder stays empty, and nothing is printed."""
    private, common = tmp_path / "private", tmp_path / "common"
    private.mkdir()
    common.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(common))
    assert cuts(JiebaSegmenter([], private), "投诉处理")
    assert [path.name for path in private.iterdir()] == ["jieba.cache"]
    assert list(common.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def without_rjieba(name: str, package: str | None = None) -> ModuleSpec | None:
    """Find modules as if rjieba were not installed."""
    return None if name == "rjieba" else find_spec(name, package)


find_spec = importlib.util.find_spec


def test_rjieba_by_name_must_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for by name and absent, it is the user's to install: the message says how."""
    monkeypatch.setattr(importlib.util, "find_spec", without_rjieba)
    with pytest.raises(InputError, match=r"analysis\.segmenter is rjieba.*pip install 'wenbao\[fast\]'"):
        segmenter("rjieba", (), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_auto_falls_back_to_jieba(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rjieba "auto" is jieba, with the same words."""
    monkeypatch.setattr(importlib.util, "find_spec", without_rjieba)
    engine = segmenter("auto", [UserWord(NONSENSE, 1_000_000)], tmp_path)
    assert engine.name == "jieba"
    assert cuts(engine, NONSENSE)[-1] == (NONSENSE, 0, 5)


@needs_rjieba
@pytest.mark.parametrize(("wanted", "got"), [("auto", "rjieba"), ("rjieba", "rjieba"), ("jieba", "jieba")])
def test_the_wanted_engine_is_given(wanted: str, got: str, tmp_path: Path) -> None:
    """By name, and "auto" takes the faster one when it is there."""
    assert segmenter(wanted, (), tmp_path).name == got  # type: ignore[arg-type]
