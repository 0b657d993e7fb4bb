"""A process that makes pieces of an index for another one; see `workers`.

Between them go lines of JSON: what to work with, then for each share of files its number and entries one way,
and the names of the pieces or an error the other. The pieces themselves lie on disk.
"""

import json
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from bot.analysis.recipe import Recipe
from bot.index.pieces import Corpus, Maker, store
from bot.reports.manifest import Entry


def main(tasks: IO[str], replies: IO[str]) -> None:
    """Do what `tasks` say until they end."""
    given = json.loads(tasks.readline())
    maker = Maker(Recipe.from_json(given["recipe"]).analyzer(), most_chars=given["most_chars"])
    told = given["corpus"]
    corpus = Corpus(Path(told["folder"]), Path(told["home"]), told["max_bytes"], told["max_chars"])
    for line in tasks:
        try:
            reply = _done(json.loads(line), maker, corpus, Path(given["folder"]))
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


def _done(task: Mapping[str, Any], maker: Maker, corpus: Corpus, folder: Path) -> dict[str, Any]:
    names = []
    entries = [Entry(**entry) for entry in task["entries"]]
    for number, piece in enumerate(maker.of_files(entries, corpus)):
        name = f"{task['number']:06d}-{number}"
        store(folder / name, piece)
        names.append(name)
    return {"pieces": names}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
    main(sys.stdin, sys.stdout)
