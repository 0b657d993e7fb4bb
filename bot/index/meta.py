"""What a generation says of itself, and whether its files are what was written.

Small generations are compared with their checksums whenever they are opened. For large ones that would take
seconds: there, sizes and times of change are compared with those that were noted when the checksums were last
seen to be right, so that whatever any program wrote since is found, and only then every byte is read. What
changes bytes and leaves the times alone, as a failing disk does, is found when it is read for an answer: each
block is compared before it is first relied on (`checksums`). Tries are read whenever they are opened.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np

from bot.cores import cores
from bot.errors import IndexDamaged, IndexForeign
from bot.index import checksums, postings, records
from bot.index.arrays import HEADER_BYTES
from bot.index.checksums import NOTHING, Known, Sums
from bot.lexicon import lexicon

FORMAT = 8
MANIFEST = "manifest.json"
SUMS = "checksums.npy"
SUMMED = (*postings.FILES, *records.FILES, *lexicon.FILES, MANIFEST)
FILES = (*SUMMED, SUMS)
"""The last has the checksums of the blocks of all others, in their order."""
COPIED = frozenset({"postings.npy", "common.npy", "passages.jsonl"})
"""The largest of them; an update compares what is in them while it copies it."""
# Checksums of smaller generations are verified whenever they are opened (about a millisecond a megabyte).
SMALL = 8 * 2**20
# Bytes to be read from which on other cores are worth their threads.
_WORTH_THREADS = 32 * 2**20
_SEEN = "seen.json"
# What walks tries looks at no bounds, and a wrong bit ends the process: they are small, and always read.
_UNBOUNDED = ".marisa"


@dataclass(frozen=True, slots=True)
class Meta:
    """What a generation says of itself.

    Attributes:
        generation: Its id, `NNNNNN-` and 12 hexadecimal digits of its inputs and files.
        made_of: Each input that the index depends on and its version or hash.
        passages: How many.
        sections: How many have passages.
        reports: How many have passages.
        seconds: Its build took.
        files: Name → (bytes, checksum in hexadecimal). The checksum is that of the checksums of its blocks,
            XXH3: it takes a quarter of the time of SHA-256, and what is to be told is damage.
    """

    generation: str
    made_of: Mapping[str, str]
    passages: int
    sections: int
    reports: int
    seconds: float
    files: Mapping[str, tuple[int, str]]

    @property
    def bytes(self) -> int:
        """Return the size of its files on disk."""
        return sum(size for size, _ in self.files.values())


def read_meta(folder: Path) -> Meta:
    """Read a generation's own description; IndexForeign or IndexDamaged when it is not one of ours."""
    try:
        raw = json.loads((folder / "meta.json").read_text("utf-8"))
        version = raw["format"]
        if version != FORMAT:
            raise IndexForeign(f"the index {folder} has format {version}, this version reads {FORMAT}")
        whole = raw.pop("check") == _check(raw)
        files = {name: (int(size), str(digest)) for name, (size, digest) in raw["files"].items()}
        passages, sections, reports = (int(raw[name]) for name in ("passages", "sections", "reports"))
        seconds = float(raw["seconds"])
        meta = Meta(raw["generation"], raw["made_of"], passages, sections, reports, seconds, files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise IndexDamaged(f"the index {folder} has no readable meta.json: {error}") from error
    if not whole:
        raise IndexDamaged(f"the index file {folder / 'meta.json'} is not what was written")
    if set(meta.files) != set(FILES) or meta.generation != folder.name:
        raise IndexDamaged(f"the index {folder} does not describe itself")
    return meta


def verify(folder: Path, meta: Meta, *, deep: bool) -> Known:
    """Compare a generation's files with what it says of them; see the module on what is found when.

    Args:
        folder: Of the generation.
        meta: Its description.
        deep: Read every byte, however large it is.

    Returns:
        Checksums of the files that were not read: their blocks are to be compared when they are.

    Raises:
        IndexDamaged: A file is missing or is not what was written.
    """
    times = _times(folder, meta)
    large = meta.bytes > SMALL
    right = large and _seen(folder) == times
    bounded = {name for name in FILES if not name.endswith(_UNBOUNDED)}
    known = _read_but(folder, meta, bounded if right and not deep else frozenset())
    if large and not right:
        with contextlib.suppress(OSError):  # it cannot be written to: then it is read again next time
            (folder / _SEEN).write_text(json.dumps(times), "ascii")
    return known


def verify_but(folder: Path, meta: Meta, names: Set[str]) -> Known:
    """Compare all of a generation but the content of some files; return their checksums; see `verify`."""
    _times(folder, meta)
    return _read_but(folder, meta, names)


def _read_but(folder: Path, meta: Meta, names: Set[str]) -> Known:
    _read_whole(folder, meta, set(FILES) - names)
    return _read_sums(folder, meta, names) if names else NOTHING


def _times(folder: Path, meta: Meta) -> dict[str, int]:
    """Return the times of change of a generation's files; IndexDamaged if one is not as long as it was."""
    times = {}
    for name, (size, _) in meta.files.items():
        path = folder / name
        try:
            status = path.stat()
        except OSError as error:
            raise IndexDamaged(f"the index file {path} cannot be read: {error}") from error
        if status.st_size != size:
            raise IndexDamaged(f"the index file {path} is not what was written")
        times[name] = status.st_mtime_ns
    return times


def _read_whole(folder: Path, meta: Meta, names: Iterable[str]) -> None:
    """Compare checksums of some files of a generation; IndexDamaged as `verify` raises it."""
    wanted = list(names)
    try:
        sums = _sums_of(folder, wanted)
    except OSError as error:
        raise IndexDamaged(f"the index file {error.filename} cannot be read: {error}") from error
    for name in wanted:
        _compare(folder / name, sums[name], meta.files[name][1])


def read_file(folder: Path, meta: Meta, name: str) -> bytes:
    """Return what stands in a file that is read at once; IndexDamaged if that is not what was written."""
    path = folder / name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise IndexDamaged(f"the index file {path} cannot be read: {error}") from error
    _compare(path, checksums.of_bytes(content), meta.files[name][1])
    return content


def _compare(path: Path, sums: Sums, digest: str) -> None:
    if checksums.digest(sums) != digest:
        raise IndexDamaged(f"the index file {path} is not what was written")


def _read_sums(folder: Path, meta: Meta, names: Set[str]) -> Known:
    """Return the checksums of the blocks of some files."""
    sums = np.frombuffer(read_file(folder, meta, SUMS), np.uint64, offset=HEADER_BYTES)
    ends = accumulate([0, *[checksums.blocks_of(meta.files[name][0]) for name in SUMMED]])
    edges = zip(SUMMED, pairwise(ends), strict=True)
    return {name: sums[start:end] for name, (start, end) in edges if name in names}


def _seen(folder: Path) -> object:
    """Return the times of change of the files whose checksums were right; anything if they are not known."""
    try:
        return json.loads((folder / _SEEN).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def distrust(folder: Path) -> None:
    """Have every byte of a generation read when it is opened next, however large it is."""
    with contextlib.suppress(OSError):  # it cannot be written to: then what is wrong is found when it is read
        (folder / _SEEN).unlink(missing_ok=True)


def describe(
    folder: Path,
    number: int,
    made_of: Mapping[str, str],
    counts: Mapping[str, int],
    seconds: float,
    sums: Mapping[str, Sums],
) -> Meta:
    """Write meta.json, and checksums, for the files in a folder; what it says becomes the name of the folder.

    Args:
        folder: With all of SUMMED.
        number: Of the generation.
        made_of: What the index depends on.
        counts: Of passages, sections and reports.
        seconds: That the build took.
        sums: Checksums of the blocks of each.
    """
    np.save(folder / SUMS, np.concatenate([sums[name] for name in SUMMED]))
    all_sums = {**sums, SUMS: checksums.of_file(folder / SUMS)}
    files = {name: ((folder / name).stat().st_size, checksums.digest(all_sums[name])) for name in FILES}
    inputs = json.dumps([made_of, files], sort_keys=True).encode()
    name = f"{number:06d}-{hashlib.sha256(inputs).hexdigest()[:12]}"
    numbers = (counts["passages"], counts["sections"], counts["reports"])
    meta = Meta(name, dict(made_of), *numbers, round(seconds, 3), files)
    (folder / "meta.json").write_text(json.dumps(_to_json(meta), ensure_ascii=False, indent=1), "utf-8")
    if meta.bytes > SMALL:
        times = {name: (folder / name).stat().st_mtime_ns for name in FILES}
        (folder / _SEEN).write_text(json.dumps(times), "ascii")
    return meta


def _to_json(meta: Meta) -> dict[str, object]:
    described: dict[str, object] = {
        "format": FORMAT,
        "generation": meta.generation,
        "made_of": dict(meta.made_of),
        "passages": meta.passages,
        "sections": meta.sections,
        "reports": meta.reports,
        "seconds": meta.seconds,
        "files": {name: list(file) for name, file in meta.files.items()},
    }
    return described | {"check": _check(described)}


def _check(described: Mapping[str, object]) -> str:
    """Return the checksum of a description; the order of its keys does not count."""
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def _sums_of(folder: Path, names: Iterable[str]) -> dict[str, Sums]:
    """Return the checksums of the blocks of files; while a large one is read another is, on another core."""
    sizes = {name: (folder / name).stat().st_size for name in names}
    if sum(sizes.values()) <= _WORTH_THREADS:
        return {name: checksums.of_file(folder / name) for name in sizes}
    from concurrent.futures import ThreadPoolExecutor  # its import takes longer than to read a small index

    largest = sorted(sizes, key=lambda name: -sizes[name])
    with ThreadPoolExecutor(cores()) as executor:
        sums = executor.map(lambda name: checksums.of_file(folder / name), largest)
        return dict(zip(largest, sums, strict=True))
