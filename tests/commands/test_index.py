"""wenbao index: the generations on disk, seen and looked after."""

from pathlib import Path

from .shell import Done, wenbao

ASKED = "投诉怎么处理"


def index(home: Path, *arguments: str) -> Done:
    """Run a sub-command of `wenbao index`."""
    return wenbao("index", *arguments, "--home", home)


def two(home: Path) -> tuple[str, str]:
    """Make a second generation, in which the answer stands in another report; return both ids."""
    before = index(home, "list", "--json").json[-1]["generation"]
    (home / "corpus" / "热线.md").unlink()
    (home / "corpus" / "新.md").write_text(
        "# 新\n\n## 投诉\n\n投诉怎么处理，新规定是三天内答复客户。\n", "utf-8"
    )
    assert wenbao("refresh", "--home", home).code == 0
    return before, index(home, "list", "--json").json[-1]["generation"]


def source(home: Path) -> str:
    """Return where the first hit for a question about complaints stands."""
    found: str = wenbao("ask", "--json", "--home", home, ASKED).json["hits"][0]["source"]
    return found


def test_list_shows_what_is_there(home: Path) -> None:
    """Oldest first, with one that answers; in a pipe a row each."""
    first, second = two(home)
    rows = index(home, "list", "--json").json
    assert [(row["generation"], row["current"], row["damage"]) for row in rows][-2:] == [
        (first, False, None),
        (second, True, None),
    ]
    assert all(row["bytes"] > 0 < row["passages"] for row in rows)
    lines = index(home, "list").out.splitlines()
    assert len(lines) == len(rows) + 1
    assert lines[-1].startswith(f"*\t{second}\t")


def test_a_rolled_back_index_answers_until_the_next_refresh(home: Path) -> None:
    """Asking does not renew it, though the reports differ; `wenbao refresh` does."""
    first, second = two(home)
    assert source(home) == "corpus/新.md"
    done = index(home, "rollback")
    assert (done.code, first in done.out) == (0, True)
    assert source(home) == "corpus/热线.md"
    assert [row["current"] for row in index(home, "list", "--json").json][-2:] == [True, False]
    assert wenbao("refresh", "--home", home).code == 0
    assert source(home) == "corpus/新.md"
    assert index(home, "list", "--json").json[-1]["generation"] > second


def test_rolling_forward_is_rolling_back_to_a_later_one(home: Path) -> None:
    """Any index on disk can be named."""
    _, second = two(home)
    index(home, "rollback")
    assert index(home, "rollback", second).code == 0
    assert source(home) == "corpus/新.md"


def test_there_must_be_something_to_go_back_to(home: Path) -> None:
    """One line, exit code 2, and the index stays as it is."""
    first, _ = two(home)
    index(home, "rollback", first)
    assert "wenbao index list" in index(home, "rollback", "000099-000000000000").failed(2)
    index(home, "prune", "--keep", "1")
    assert "no older index" in index(home, "rollback").failed(2)
    assert source(home) == "corpus/热线.md"


def test_a_damaged_one_is_not_gone_back_to(home: Path) -> None:
    """It is read to the last byte before it answers; verify names the file and ends with 3."""
    first, second = two(home)
    assert index(home, "verify").code == 0
    path = home / ".wenbao" / "index" / first / "passages.jsonl"
    path.write_bytes(path.read_bytes()[:-2] + b" \n")
    assert "passages.jsonl" in index(home, "rollback").failed(3)
    done = index(home, "verify", "--json")
    assert done.code == 3
    assert ["passages.jsonl" in (row["damage"] or "") for row in done.json][-2:] == [True, False]
    assert index(home, "list", "--json").json[-1] == done.json[-1]
    assert done.json[-1]["generation"] == second
    assert source(home) == "corpus/新.md"


def test_prune_keeps_what_answers(home: Path) -> None:
    """Also when it is the oldest; what went is named."""
    first, second = two(home)
    index(home, "rollback")
    done = index(home, "prune", "--keep", "1")
    assert (done.code, second in done.out) == (0, True)
    assert [row["generation"] for row in index(home, "list", "--json").json] == [first]
    assert source(home) == "corpus/热线.md"


def test_a_home_without_an_index_has_none(unused: Path) -> None:
    """Looking and pruning are no errors; going back is."""
    assert index(unused, "list", "--json").json == []
    assert index(unused, "verify").code == 0
    assert index(unused, "prune").code == 0
    assert "no older index" in index(unused, "rollback").failed(2)
    assert not (unused / ".wenbao" / "index").exists()


def test_doctor_reads_every_byte_if_asked_to(home: Path) -> None:
    """A large index is opened by its sizes only; --deep finds a changed byte in one of any size."""
    two(home)
    assert wenbao("doctor", "--deep", "--json", "--home", home).code == 0
    name = index(home, "list", "--json").json[-1]["generation"]
    path = home / ".wenbao" / "index" / name / "passages.jsonl"
    path.write_bytes(path.read_bytes()[:-2] + b" \n")
    done = wenbao("doctor", "--deep", "--json", "--home", home)
    assert done.code == 3
    (found,) = (row for row in done.json if row["what"] == "index")
    assert "passages.jsonl" in found["found"]
    assert found["advice"] == "wenbao refresh"
