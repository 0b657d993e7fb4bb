"""A process that makes pieces of an index for another one; see `workers`.

Between them go lines of JSON: what to work with, then for each share of files its number and entries one way,
and the names of the pieces or an error the other. The pieces themselves lie on disk.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from bot.analysis.recipe import Recipe
from bot.collecting import collecting_nothing
from bot.index.pieces import Corpus, Maker, store
from bot.reports.manifest import Entry


def main(tasks: IO[str], replies: IO[str]) -> None:
    """Do what `tasks` say until they end, which may be in the middle of a line."""
    first = tasks.readline()
    if not first.endswith("\n"):
        return
    given = json.loads(first)
    maker = Maker(Recipe.from_json(given["recipe"]).analyzer(), most_chars=given["most_chars"])
    told = given["corpus"]
    corpus = Corpus(Path(told["folder"]), Path(told["home"]), told["max_bytes"], told["max_chars"])
    with collecting_nothing():  # pieces leave none; looking takes a 14th of their time
        for line in tasks:
            if not line.endswith("\n"):
                return
            try:
                reply = _done(json.loads(line), maker, corpus, Path(given["folder"]))
            except Exception as error:
                reply = {"error": f"{type(error).__name__}: {error}"}
            replies.write(json.dumps(reply) + "\n")
            replies.flush()


def _done(task: Mapping[str, Any], maker: Maker, corpus: Corpus, folder: Path) -> dict[str, Any]:
    names = []
    entries = [Entry(*entry) for entry in task["entries"]]
    for number, piece in enumerate(maker.of_files(entries, corpus)):
        name = f"{task['number']:06d}-{number}"
        store(folder / name, piece)
        names.append(name)
    return {"pieces": names}


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
