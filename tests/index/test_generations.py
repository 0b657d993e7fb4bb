"""Generations: published whole, opened checked, kept apart when damaged."""

import json
import os
import signal
import stat
import sys
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from bot.domain import Passage
from bot.errors import IndexDamaged, IndexForeign, IndexUnavailable
from bot.index import builder
from bot.index.bm25 import one_term_groups
from bot.index.builder import Means
from bot.index.generations import Generation, Store
from bot.index.meta import FILES, FORMAT, MANIFEST, Meta, read_meta, verify

Publish = Callable[[Store, Sequence[Passage]], Meta]
AsPassages = Callable[[Sequence[str]], list[Passage]]

TEXTS = ("客户投诉要当天回访。", "接通率目标是百分之九十。", "Complaints are answered within 24 hours.")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that nothing was published in yet."""
    return Store(tmp_path / "private" / "index")


@pytest.fixture
def passages(as_passages: AsPassages) -> list[Passage]:
    """Three passages of one report."""
    return as_passages(TEXTS)


def opened(store: Store) -> Generation:
    """Open the published generation."""
    return store.open(k1=0.8, b=0.5)


def found(generation: Generation, term: str) -> list[str]:
    """Return the texts that a word finds."""
    return [generation.passage(s.ordinal).text for s in generation.top(one_term_groups([term]), 10)]


def test_a_published_generation_answers(store: Store, passages: list[Passage], publish: Publish) -> None:
    """It is current, opens, and finds passages that are as they were given."""
    meta = publish(store, passages)
    generation = opened(store)
    assert store.current() == meta.generation == generation.generation
    assert generation.size == 3
    assert [generation.passage(i) for i in range(3)] == passages
    assert found(generation, "投诉") == [TEXTS[0]]
    assert [e.score for e in generation.explain(one_term_groups(["投诉"]), [1])] == [0.0]


def test_a_generation_of_nothing_is_one(store: Store, publish: Publish) -> None:
    """An empty corpus is published and opened, and answers nothing."""
    meta = publish(store, [])
    assert (meta.passages, meta.sections, meta.reports) == (0, 0, 0)
    assert opened(store).size == 0
    assert found(opened(store), "投诉") == []


def test_meta_comes_back(store: Store, passages: list[Passage], publish: Publish) -> None:
    """What a generation says of itself is what publishing said, and true."""
    meta = publish(store, passages)
    assert store.meta() == meta == opened(store).meta
    assert (meta.passages, meta.sections, meta.reports) == (3, 1, 1)
    assert dict(meta.made_of) == {"corpus": "c0ffee", "format": "1"}
    assert {name: size for name, (size, _) in meta.files.items()} == {
        name: (store.folder / meta.generation / name).stat().st_size for name in FILES
    }
    assert meta.bytes == sum((store.folder / meta.generation / name).stat().st_size for name in FILES)


def test_before_the_first_there_is_none(store: Store) -> None:
    """Looking makes no folder; opening says how to make an index."""
    assert store.current() is None
    assert store.meta() is None
    assert store.names() == []
    with pytest.raises(IndexUnavailable, match="run: wenbao refresh"):
        opened(store)
    assert not store.folder.exists()


@pytest.mark.parametrize("name", [*FILES, "meta.json"])
def test_a_file_that_is_gone_is_named(
    store: Store, passages: list[Passage], publish: Publish, name: str
) -> None:
    """Without one of its files a generation does not open."""
    (store.folder / publish(store, passages).generation / name).unlink()
    with pytest.raises(IndexDamaged, match=name):
        opened(store)


@pytest.mark.parametrize("name", [*FILES, "meta.json"])
@pytest.mark.parametrize("keep", [0.0, 0.5])
def test_a_file_cut_short_is_named(
    store: Store, passages: list[Passage], publish: Publish, name: str, keep: float
) -> None:
    """Nor with one that lost its end."""
    path = store.folder / publish(store, passages).generation / name
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(IndexDamaged, match=name):
        opened(store)


@pytest.mark.parametrize("name", FILES)
def test_a_flipped_byte_is_named(store: Store, passages: list[Passage], publish: Publish, name: str) -> None:
    """Nor with one byte changed, be it the first, one in the middle or the last."""
    path = store.folder / publish(store, passages).generation / name
    content = path.read_bytes()
    for place in {0, len(content) // 2, len(content) - 1}:
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(IndexDamaged, match=name):
            opened(store)


def test_a_flipped_byte_of_its_description_is_told(
    store: Store, passages: list[Passage], publish: Publish
) -> None:
    """meta.json has no checksum beside it: its own words must not be changed unnoticed either."""
    meta = publish(store, passages)
    path = store.folder / meta.generation / "meta.json"
    content = path.read_bytes()
    unnoticed = []
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        try:
            if opened(store).meta != meta:
                unnoticed.append(content[max(0, place - 20) : place + 1])
        except (IndexDamaged, IndexForeign):
            pass
    assert unnoticed == []


@pytest.fixture
def large(store: Store, passages: list[Passage], publish: Publish, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a published generation that is too large to be read whenever it is opened."""
    monkeypatch.setattr("bot.index.meta.SMALL", 0)
    return store.folder / publish(store, passages).generation


def rot(path: Path) -> bytes:
    """Change a byte and leave the times alone, as a failing disk does; return what was there."""
    content, times = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_bytes(content.replace("投诉".encode(), "投拆".encode()))
    os.utime(path, ns=times)
    return content


@pytest.mark.parametrize("compiled", [False, True], ids=["numpy", "numba"])
def test_a_large_generation_is_not_read_to_be_opened(store: Store, large: Path, compiled: bool) -> None:
    """A byte that changed by itself is found when it is read; a size is always looked at."""
    content = rot(large / "passages.jsonl")
    generation = store.open(k1=0.8, b=0.5, compiled=compiled)
    assert generation.size == 3
    for reading in (lambda: generation.passage(0), lambda: verify(large, read_meta(large), deep=True)):
        with pytest.raises(IndexDamaged, match=r"passages\.jsonl is not what was written"):
            reading()
    (large / "passages.jsonl").write_bytes(content[:-1])
    with pytest.raises(IndexDamaged, match=r"passages\.jsonl"):
        opened(store)


def test_what_is_distrusted_is_read_when_it_is_opened(store: Store, large: Path) -> None:
    """All of it, and until it was seen to be right."""
    content = rot(large / "passages.jsonl")
    opened(store).distrust()
    for _ in range(2):
        with pytest.raises(IndexDamaged, match=r"passages\.jsonl is not what was written"):
            opened(store)
    (large / "passages.jsonl").write_bytes(content)
    assert opened(store).size == 3
    rot(large / "passages.jsonl")
    assert opened(store).size == 3


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".marisa")])
def test_a_trie_is_read_whenever_it_is_opened(store: Store, large: Path, name: str) -> None:
    """A bit that changed by itself in one would end the process."""
    path = large / name
    content, times = path.read_bytes(), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(path, ns=times)
    with pytest.raises(IndexDamaged, match=name):
        opened(store)


@pytest.mark.parametrize("name", FILES)
def test_what_was_written_to_a_large_generation_is_read(store: Store, large: Path, name: str) -> None:
    """Whoever wrote: a file's time of change is not the one at which it was seen to be right."""
    content = (large / name).read_bytes()
    os.utime(large / name, (1_000_000_000, 1_000_000_000))
    assert opened(store).size == 3  # the same bytes: read once, and found to be right
    (large / name).write_bytes(bytes([content[0] ^ 1]) + content[1:])
    with pytest.raises(IndexDamaged, match=name):
        opened(store)


def test_a_large_generation_is_read_once_after_it_was_copied(store: Store, large: Path) -> None:
    """Then its new times are known, also if it cannot be said that they are."""
    for file in FILES:
        os.utime(large / file, (1_000_000_000, 1_000_000_000))
    assert opened(store).size == 3
    rot(large / "passages.jsonl")
    assert opened(store).size == 3


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000])
def test_without_the_times_a_large_generation_is_read(store: Store, large: Path, content: bytes) -> None:
    """Whatever stands where they were."""
    (large / "seen.json").write_bytes(content)
    rot(large / "passages.jsonl")
    with pytest.raises(IndexDamaged, match=r"passages\.jsonl"):
        opened(store)


@pytest.mark.parametrize("version", [0, FORMAT - 1, FORMAT + 1, str(FORMAT), None])
def test_another_format_is_foreign(
    store: Store, passages: list[Passage], publish: Publish, version: object
) -> None:
    """A generation of another format version is not damaged; the message names both versions."""
    path = store.folder / publish(store, passages).generation / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"format": version}), "utf-8")
    with pytest.raises(IndexForeign, match=f"has format {version}, this version reads {FORMAT}"):
        opened(store)


@pytest.mark.parametrize("content", ["", "[]", "null", "{", f'{{"format": {FORMAT}}}', "\x00", "[" * 10])
def test_an_unreadable_description_is_damage(
    store: Store, passages: list[Passage], publish: Publish, content: str
) -> None:
    """Whatever stands in meta.json instead."""
    (store.folder / publish(store, passages).generation / "meta.json").write_text(content)
    with pytest.raises(IndexDamaged, match=r"meta\.json"):
        opened(store)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"../elsewhere", b"a/b", b".", b"\xff", b"no-such-one", b"a\x00b"]
)
def test_a_garbled_current_is_damage(
    store: Store, passages: list[Passage], publish: Publish, content: bytes
) -> None:
    """`current` names a folder of the store or is refused; publishing again mends it."""
    publish(store, passages)
    (store.folder / "current").write_bytes(content)
    with pytest.raises(IndexDamaged):
        opened(store)
    publish(store, passages)
    assert opened(store).size == 3


def test_a_generation_under_another_name_is_damage(
    store: Store, passages: list[Passage], publish: Publish
) -> None:
    """A copied or renamed folder does not pass for what it is not."""
    name = publish(store, passages).generation
    (store.folder / name).rename(store.folder / "000009-000000000000")
    (store.folder / "current").write_text("000009-000000000000\n")
    with pytest.raises(IndexDamaged, match="does not describe itself"):
        opened(store)


def test_numbers_rise(store: Store, passages: list[Passage], publish: Publish) -> None:
    """Of each new generation, also when the last one was set aside or all but one were pruned."""
    names = [publish(store, passages).generation for _ in range(3)]
    store.set_aside(names[-1])
    names.append(publish(store, passages[:1]).generation)
    store.prune(1)
    names.append(publish(store, passages).generation)
    assert [int(name.split("-")[0]) for name in names] == [1, 2, 3, 4, 5]
    assert names == sorted(names)


@pytest.mark.parametrize(("keep", "left"), [(4, 3), (3, 2), (2, 2), (1, 2)])
def test_room_is_made_while_the_next_one_is_built(
    store: Store, passages: list[Passage], publish: Publish, keep: int, left: int
) -> None:
    """The current one and the one before stay whatever becomes of the build, here that it fails."""
    names = [publish(store, passages).generation for _ in range(4)]
    with pytest.raises(ZeroDivisionError), store.building(keep=keep):
        raise ZeroDivisionError
    assert store.names() == names[-left:]
    assert opened(store).generation == names[-1]


def test_as_many_stay_when_the_current_one_was_set_aside(
    store: Store, passages: list[Passage], publish: Publish
) -> None:
    """Two older ones, and with the next one three."""
    names = [publish(store, passages).generation for _ in range(4)]
    store.set_aside(names[-1])
    with store.building(keep=3):
        pass
    assert store.names() == names[1:3]


def test_the_one_that_was_rolled_back_to_stays_while_the_next_is_built(
    store: Store, passages: list[Passage], publish: Publish
) -> None:
    """However old it is."""
    names = [publish(store, passages).generation for _ in range(4)]
    store.roll_back(names[0])
    with store.building(keep=3):
        pass
    assert store.names() == [names[0], names[-1]]
    assert opened(store).generation == names[0]


def test_what_is_set_aside_is_kept(store: Store, passages: list[Passage], publish: Publish) -> None:
    """A person can look at the files; the store has no current generation then, and can be published in."""
    name = publish(store, passages).generation
    (store.folder / name / "postings.npy").write_bytes(b"damaged")
    kept = store.set_aside(name)
    assert (kept / "postings.npy").read_bytes() == b"damaged"
    assert store.current() is None
    assert publish(store, passages).generation != name
    assert opened(store).size == 3
    assert (kept / "postings.npy").read_bytes() == b"damaged"


def test_what_is_set_aside_is_no_generation(store: Store, passages: list[Passage], publish: Publish) -> None:
    """It is not among the names, takes no place of those to keep, and survives pruning."""
    kept = store.set_aside(publish(store, passages).generation)
    second, third = (publish(store, passages).generation for _ in range(2))
    assert store.names() == [second, third]
    assert store.prune(2) == []
    assert store.prune(1) == [second]
    assert kept.is_dir()


def test_setting_aside_twice_keeps_the_later(store: Store, passages: list[Passage], publish: Publish) -> None:
    """An earlier one of the same name gives way; one that is not there does no harm."""
    name = publish(store, passages).generation
    (store.folder / f"{name}.damaged").mkdir()
    assert (store.set_aside(name) / "meta.json").is_file()
    assert not store.set_aside("000099-abcdefabcdef").exists()


@pytest.mark.parametrize("keep", [1, 2, 3, 10])
def test_pruning_keeps_the_last(store: Store, passages: list[Passage], publish: Publish, keep: int) -> None:
    """The current one and the newest of the others; what went is returned, oldest first."""
    names = [publish(store, passages).generation for _ in range(4)]
    assert store.prune(keep) == names[: max(0, 4 - keep)]
    assert store.names() == names[max(0, 4 - keep) :]
    assert opened(store).generation == names[-1]


def test_pruning_never_takes_the_current(store: Store, passages: list[Passage], publish: Publish) -> None:
    """Even when a newer one lies beside it, left by a build that was killed before its last step."""
    names = [publish(store, passages).generation for _ in range(3)]
    (store.folder / "current").write_text(names[0] + "\n")
    assert store.prune(1) == names[1:]
    assert opened(store).generation == names[0]


def test_pruning_clears_what_killed_builds_left(
    store: Store, passages: list[Passage], publish: Publish
) -> None:
    """A folder that was never published goes."""
    publish(store, passages)
    (store.folder / "building-killed").mkdir()
    (store.folder / "building-killed" / "postings.npy").write_bytes(b"half")
    store.prune(3)
    assert [path.name for path in store.folder.glob("building-*")] == []


def test_what_is_replaced_and_removed_while_it_is_opened_gives_way_to_the_next(
    store: Store, passages: list[Passage], publish: Publish
) -> None:
    """No reader takes that for damage."""
    name = publish(store, passages).generation
    tried: list[str] = []

    def opening(folder: Path) -> Generation:
        tried.append(folder.name)
        if folder.name == name:
            publish(store, passages[1:])
            store.prune(1)
        return Generation(folder, k1=0.8, b=0.5)

    assert store.latest(opening).size == 2
    assert tried == [name, store.current()]


def test_a_removal_that_was_killed_leaves_no_half_of_a_generation(
    store: Store, passages: list[Passage], publish: Publish
) -> None:
    """At whichever step: what is listed is whole, and the next removes the rest."""
    for _ in range(2):
        publish(store, passages)
    step = 1
    while killed_at(step, lambda: store.prune(1)):
        for name in store.names():
            verify(store.folder / name, read_meta(store.folder / name), deep=True)
        step += 1
        store.tidy()
        assert [path.name for path in store.folder.iterdir() if not path.name.startswith("0")] == ["current"]
        while len(store.names()) < 2:
            publish(store, passages)
    assert step > 10
    assert len(store.names()) == 1


def test_a_rollback_that_was_killed_is_done_or_not(
    store: Store, passages: list[Passage], publish: Publish
) -> None:
    """Killed at any step, one of the two answers, held or not as before; nothing is left in the way."""
    first, second, third = (publish(store, passages[n:]).generation for n in range(3))
    store.roll_back(second)
    step = 1
    while killed_at(step, lambda: store.roll_back(first)):
        assert (store.current(), store.held()) in {(second, True), (first, True)}
        store.tidy()
        assert sorted(path.name for path in store.folder.iterdir()) == [first, second, third, "current"]
        store.roll_back(second)
        step += 1
    assert step > 5
    assert store.current() == first


def test_an_open_generation_outlives_its_files(
    store: Store, passages: list[Passage], publish: Publish
) -> None:
    """Questions in flight are answered from the old one, though it was replaced and removed."""
    name = publish(store, passages).generation
    old = opened(store)
    publish(store, passages[1:])
    assert store.prune(1) == [name]
    assert not (store.folder / name).exists()
    assert found(old, "投诉") == [TEXTS[0]]
    assert found(opened(store), "投诉") == []
    assert [old.passage(i) for i in range(3)] == passages


def test_a_build_that_fails_changes_nothing(store: Store, passages: list[Passage], publish: Publish) -> None:
    """Its folder is removed and the generation before it still answers."""
    name = publish(store, passages).generation
    before = sorted(path.name for path in store.folder.iterdir())

    def build() -> None:
        with store.building() as building:
            (building.folder / "postings.npy").write_bytes(b"half")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        build()
    assert sorted(path.name for path in store.folder.iterdir()) == before
    assert opened(store).generation == name


def test_an_incomplete_build_is_not_published(
    store: Store, passages: list[Passage], publish: Publish
) -> None:
    """A file that was not written stops publishing; nothing is left of it."""
    name = publish(store, passages).generation

    def build() -> None:
        with store.building() as building:
            (building.folder / MANIFEST).write_text("{}")
            store.publish(building, {}, {"passages": 0, "sections": 0, "reports": 0}, seconds=0.0)

    with pytest.raises(FileNotFoundError):
        build()
    assert store.names() == [name]
    assert [path.name for path in store.folder.glob("building-*")] == []
    assert opened(store).generation == name


CHANGES = ("open", "os.", "shutil.", "tempfile.")


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do some work in a process that is killed before its n-th change to files; tell whether it was."""
    if not (child := os.fork()):
        steps = count(1)

        def kill(event: str, _: object) -> None:
            if event.startswith(CHANGES) and next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(kill)
            work()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert status in {0, signal.SIGKILL}
    return status != 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_whenever_a_build_is_killed_a_whole_generation_answers(
    store: Store, passages: list[Passage], publish: Publish
) -> None:
    """Killed at any step of building and publishing: the old one or the new one, never half of one."""
    old = publish(store, passages).generation
    opened_after = []
    step = 1
    while killed_at(step, lambda: publish(store, passages[1:])):
        generation = opened(store)
        whole = 3 if generation.generation == old else 2
        assert [generation.size, len(found(generation, "接通率"))] == [whole, 1]
        opened_after.append(generation.generation == old)
        step += 1
    assert step > 20
    assert opened_after == sorted(opened_after, reverse=True)
    assert opened(store).generation > old


def test_folders_are_private(store: Store, passages: list[Passage], publish: Publish) -> None:
    """Reports may be confidential: nobody else can look into the store or a generation."""
    meta = publish(store, passages)
    for folder in (store.folder, store.folder / meta.generation):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_is_stored_that_runs_code(store: Store, passages: list[Passage], publish: Publish) -> None:
    """Arrays load with pickle refused; nothing starts as a pickle does or is named like one."""
    folder = store.folder / publish(store, passages).generation
    for path in folder.iterdir():
        assert path.suffix in {".npy", ".json", ".jsonl", ".marisa"}
        assert not path.read_bytes().startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"))
        if path.suffix == ".npy":
            assert np.load(path, allow_pickle=False).dtype.kind == "u"


def test_one_input_makes_one_generation(tmp_path: Path, passages: list[Passage], publish: Publish) -> None:
    """Built twice, in two places, every file is the same byte for byte, and so is the id."""
    one, other = Store(tmp_path / "one"), Store(tmp_path / "other")
    name = publish(one, passages).generation
    assert publish(other, passages).generation == name
    for file in [*FILES, "meta.json"]:
        assert (one.folder / name / file).read_bytes() == (other.folder / name / file).read_bytes()


def test_another_input_makes_another_id(
    store: Store, means: Means, passages: list[Passage], publish: Publish
) -> None:
    """Also when only what it is made of differs, not a file."""
    first = publish(store, passages).generation
    with store.building() as building:
        counts = builder.build(passages, means, building.folder)
        (building.folder / MANIFEST).write_text("{}", "utf-8")
        second = store.publish(building, {"corpus": "other"}, counts, seconds=0.125).generation
    assert first.split("-")[1] != second.split("-")[1]


def test_publishing_says_what_is_read_back(store: Store, means: Means, passages: list[Passage]) -> None:
    """To the last digit of the build's duration."""
    with store.building() as building:
        counts = builder.build(passages, means, building.folder)
        (building.folder / MANIFEST).write_text("{}", "utf-8")
        meta = store.publish(building, {}, counts, seconds=0.123456789)
    assert store.meta() == meta
