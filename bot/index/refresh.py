"""Corpus → a new generation, when something that it is made of has changed."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.analysis.analyzer import VERSION as ANALYZER_VERSION
from bot.collecting import collecting_nothing
from bot.errors import CorpusError, IndexDamaged, IndexForeign
from bot.index.generations import Store
from bot.index.lock import building_lock
from bot.index.meta import COPIED, FORMAT, MANIFEST, Meta, read_file, verify, verify_but
from bot.index.unwritable import writing
from bot.lexicon.lexicon import VERSION as LEXICON_VERSION
from bot.reports.manifest import Changes, Manifest, Skipped, by_name, diff
from bot.reports.scanning import scan

if TYPE_CHECKING:
    from bot.index.builder import Means
    from bot.index.building import Building
    from bot.index.pieces import Corpus, Read
    from bot.reports.library import LeftOut

# Changing what is indexed, or how reports become passages, changes every index: count up.
PASSAGES_VERSION = 1

# Reasons for which what was analysed can be taken over.
_KEEP_TOKENS = frozenset({"corpus", "lexicon"})
_NOTHING = Manifest(())


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What an index is made of, besides the reports.

    Attributes:
        max_file_bytes: Larger files are skipped.
        max_passage_chars: Of a passage.
        dictionary: Version of the segmenter's user dictionary.
        synonyms: Version of the domain's synonyms and glossary.
        lock_timeout: How long to wait for another build.
        keep: Generations that stay on disk.
    """

    max_file_bytes: int
    max_passage_chars: int
    dictionary: str
    synonyms: str
    lock_timeout: timedelta
    keep: int

    def made_of(self, corpus: str) -> dict[str, str]:
        """Return each ingredient by name, `corpus` the version of the reports; see `State.reasons`."""
        return {
            "corpus": corpus,
            "analyzer": str(ANALYZER_VERSION),
            "dictionary": self.dictionary,
            "lexicon": f"{LEXICON_VERSION}:{self.synonyms}",
            "passages": f"{PASSAGES_VERSION}:{self.max_passage_chars}",
            "format": str(FORMAT),
        }


@dataclass(frozen=True, slots=True)
class State:
    """How the published generation and the corpus stand to each other.

    Attributes:
        meta: Of the published generation, None when there is none that can be used.
        manifest: The corpus now.
        version: What changes with the names and the bytes of the corpus.
        changes: In the corpus since that generation.
        reasons: Names of the ingredients that differ; empty: it is up to date.
        skipped: Files that are no reports, or could not be read for that generation.
        known: The corpus of that generation.
        damage: Why the published generation cannot be used, None when it can or there is none.
    """

    meta: Meta | None
    manifest: Manifest
    version: str
    changes: Changes
    reasons: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    known: Manifest = _NOTHING
    damage: str | None = None

    @property
    def basis(self) -> Meta | None:
        """Return the published generation if what was analysed for it can be taken over."""
        return self.meta if _KEEP_TOKENS.issuperset(self.reasons) else None


@dataclass(frozen=True, slots=True)
class Work:
    """What a refresh had to do.

    Attributes:
        analysed: Files that were read and analysed.
        files: Of the corpus.
        lexicon: Whether other names of words were compiled anew.
    """

    analysed: int = 0
    files: int = 0
    lexicon: bool = False


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did.

    Attributes:
        meta: Of the generation that answers now; None after a dry run without an index.
        built: Whether it is a new one.
        changes: In the corpus.
        reasons: Why it was built: names of ingredients, "full" or "missing".
        skipped: Files that were not read.
        left_out: Text that belongs to no section; empty when nothing was read.
        damaged: Where a generation that could not be used is kept.
        seconds: From start to publication.
        work: What was done for it.
    """

    meta: Meta | None
    built: bool
    changes: Changes
    reasons: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    left_out: "tuple[LeftOut, ...]" = ()
    damaged: Path | None = None
    seconds: float = field(default=0.0)
    work: Work = Work()


class _BasisDamaged(Exception):
    """The published generation, from which something was to be taken over, is damaged."""


class Refresher:
    """Keeps a store of generations up to date with a corpus.

    Args:
        home: What sources are relative to; its corpus need not exist.
        corpus: The folder of reports.
        store: Where generations are published.
        ingredients: Besides the reports.
        means: What to build with; called once, and only when something is built.
        warn: Told, in one line, of an index that cannot be used.
    """

    def __init__(
        self,
        home: Path,
        corpus: Path,
        store: Store,
        ingredients: Ingredients,
        means: "Callable[[], Means]",
        *,
        warn: Callable[[str], None],
    ) -> None:
        self._home = home
        self._corpus = corpus
        self._store = store
        self._ingredients = ingredients
        self._means = means
        self._warn = warn

    def state(self) -> State:
        """Compare the corpus with the published generation; reads no report whose file looks the same."""
        meta, known, damage = None, _NOTHING, None
        try:
            meta = self._store.meta()
            known = self._manifest_of(meta) if meta else _NOTHING
        except (IndexDamaged, IndexForeign) as error:
            meta, damage = None, str(error)
        manifest = self._scan(known)
        # To make the version of ten thousand files takes 6 ms, a tenth of the comparison.
        if meta and manifest.entries == known.entries:
            version = meta.made_of.get("corpus", "")
        else:
            version = _version(manifest)
        wanted = self._ingredients.made_of(version)
        reasons = ["missing"] if meta is None else [k for k, v in wanted.items() if meta.made_of.get(k) != v]
        there = {entry.source for entry in manifest.entries}
        unread = (one for one in known.skipped if one.source in there)
        skipped = sorted((*manifest.skipped, *unread), key=lambda one: by_name(one.source))
        changes = diff(known, manifest)
        return State(meta, manifest, version, changes, tuple(reasons), tuple(skipped), known, damage)

    def refresh(
        self,
        *,
        full: bool = False,
        dry_run: bool = False,
        strict: bool = False,
        advance: Callable[[int, int], None] = lambda _done, _total: None,
        check: Callable[[Path], None] | None = None,
    ) -> Refreshed:
        """Build and publish a generation if anything that it is made of has changed.

        Args:
            full: Also when nothing has changed.
            dry_run: Only tell what would be done.
            strict: Refuse to skip files.
            advance: Told the passages done and their number.
            check: Told what was built before it is published; see Store.publish.

        Raises:
            CorpusError: `strict`, and a file had to be skipped.
            IndexLocked: Another process is building.
            IndexUnwritable: The disk is full, or is not to be written to.
        """
        if dry_run:
            return self._plan(self.state(), full=full)
        with writing(self._store.folder):
            self._store.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = building_lock(
            self._store.folder / "lock", timeout=self._ingredients.lock_timeout, now=datetime.now(UTC)
        )
        with lock, collecting_nothing():
            start = time.perf_counter()
            self._store.tidy()
            state = self.state()
            if full or not (state.reasons and state.basis):
                state = self._verified(state)
            plan = self._plan(state, full=full)
            if not plan.built:
                self._store.prune(self._ingredients.keep)  # the build before may have been killed ahead of it
                _refuse_skipped(plan.skipped, strict=strict)
                return plan
            try:
                return self._build(state, plan, strict=strict, advance=advance, check=check, start=start)
            except _BasisDamaged as error:
                state = _damaged(state, error)
                plan = self._plan(state, full=full)
                return self._build(state, plan, strict=strict, advance=advance, check=check, start=start)

    def set_aside(self, error: IndexDamaged | IndexForeign) -> Path | None:
        """Keep a published generation that cannot be used out of the way; return where."""
        self._warn(f"{error}; it is kept aside and the index is built anew")
        try:
            name = self._store.current()
        except IndexDamaged:
            name = None
        if name is None:
            (self._store.folder / "current").unlink(missing_ok=True)
            return None
        return self._store.set_aside(name)

    def _verified(self, state: State) -> State:
        """Read all files of the generation: a damaged one is no reason to do nothing."""
        if state.meta is None:
            return state
        try:
            verify(self._store.folder / state.meta.generation, state.meta, deep=True)
        except IndexDamaged as error:
            return _damaged(state, error)
        return state

    def _plan(self, state: State, *, full: bool) -> Refreshed:
        reasons = (*state.reasons, "full") if full else state.reasons
        return Refreshed(state.meta, bool(reasons), state.changes, reasons, state.skipped)

    def _build(
        self,
        state: State,
        plan: Refreshed,
        *,
        strict: bool,
        advance: Callable[[int, int], None],
        check: Callable[[Path], None] | None,
        start: float,
    ) -> Refreshed:
        damaged = self.set_aside(IndexDamaged(state.damage)) if state.damage else None
        self._corpus.mkdir(parents=True, exist_ok=True)
        keep = self._ingredients.keep
        with self._store.building(keep=keep) as building:
            counts, read, work = self._write(state, plan, building, advance)
            skipped = tuple(sorted((*state.manifest.skipped, *read.skipped), key=lambda s: by_name(s.source)))
            _refuse_skipped(skipped, strict=strict)
            manifest = Manifest(read.entries, skipped)
            content = json.dumps(manifest.to_json(), ensure_ascii=False)
            (building.folder / MANIFEST).write_text(content, "utf-8")
            same = manifest.entries == state.manifest.entries
            made_of = self._ingredients.made_of(state.version if same else _version(manifest))
            seconds = time.perf_counter() - start
            meta = self._store.publish(building, made_of, counts, seconds=seconds, check=check)
        self._store.prune(keep)
        return Refreshed(
            meta, True, plan.changes, plan.reasons, skipped, read.left_out, damaged, seconds, work
        )

    def _write(
        self, state: State, plan: Refreshed, building: "Building", advance: Callable[[int, int], None]
    ) -> "tuple[Mapping[str, int], Read, Work]":
        """Write the files of a generation; what the published one has is taken over if it can be."""
        if state.basis and "full" not in plan.reasons:
            try:
                done = self._updated(state, state.basis, building, advance)
            except IndexDamaged as error:
                raise _BasisDamaged(str(error)) from error
            if done:
                return done
        # Reading and cutting reports is a quarter of what a question imports, and few questions need it.
        from bot.index import builder

        entries = state.manifest.entries
        counts, read = builder.build_files(
            entries,
            self._reading(),
            self._means(),
            building.folder,
            advance=advance,
            finish=building.finish,
        )
        return counts, read, Work(len(entries), len(entries), lexicon=True)

    def _reading(self) -> "Corpus":
        from bot.index.pieces import Corpus

        given = self._ingredients
        return Corpus(self._corpus, self._home, given.max_file_bytes, given.max_passage_chars)

    def _updated(
        self,
        state: State,
        published: Meta,
        building: "Building",
        advance: Callable[[int, int], None],
    ) -> "tuple[Mapping[str, int], Read, Work] | None":
        """Take over what the published generation has, if that pays.

        Raises:
            IndexDamaged: Its files are not what was written.
        """
        from concurrent.futures import ThreadPoolExecutor

        folder = self._store.folder / published.generation
        with ThreadPoolExecutor(1) as aside:
            # All but what is only copied is read aside, while what works with it is imported.
            smaller_read = aside.submit(verify_but, folder, published, COPIED)
            from bot.index import updating

            corpus, means = self._reading(), self._means()
            sums = smaller_read.result()
        basis = updating.Basis(folder, sums, state.known)
        planned = updating.plan(basis, state.manifest, state.changes)
        if not planned.pays:
            return None
        done = updating.update(
            basis,
            planned,
            corpus,
            means,
            building,
            same_names="lexicon" not in state.reasons,
            advance=advance,
        )
        return done.counts, done.read, Work(len(planned.new), len(planned.files), done.compiled)

    def _scan(self, known: Manifest) -> Manifest:
        if not self._corpus.is_dir():
            return _NOTHING
        return scan(self._corpus, self._home, max_bytes=self._ingredients.max_file_bytes, previous=known)

    def _manifest_of(self, meta: Meta) -> Manifest:
        folder = self._store.folder / meta.generation
        try:
            return Manifest.from_json(json.loads(read_file(folder, meta, MANIFEST)))
        except (ValueError, RecursionError) as error:
            raise IndexDamaged(f"the index file {folder / MANIFEST} cannot be read: {error}") from error


def _version(corpus: Manifest) -> str:
    """Return what changes with the names and the bytes of a corpus."""
    files = json.dumps(sorted((entry.source, entry.sha256) for entry in corpus.entries)).encode()
    return hashlib.sha256(files).hexdigest()[:16]


def _damaged(state: State, error: Exception) -> State:
    """Return the state of a home whose published generation turned out to be damaged."""
    return replace(state, meta=None, reasons=("missing",), damage=str(error))


def _refuse_skipped(skipped: tuple[Skipped, ...], *, strict: bool) -> None:
    if strict and skipped:
        first = skipped[0]
        raise CorpusError(f"--strict: {len(skipped)} skipped, first {first.source}: {first.reason}")
