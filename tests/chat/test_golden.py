"""Cards of real questions on the sample reports, kept as files so that people can read what is sent.

After a change that is meant, write them anew with `WENBAO_GOLDEN=write pytest tests/chat/test_golden.py`.
"""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.chat.asking import Asking
from bot.chat.batching import Batches
from bot.chat.conversion import traditional
from bot.chat.keys import Card, Keys
from bot.chat.language import Catalog
from bot.chat.readers import CONVERTED, Reader, Readers
from bot.chat.scope import Scopes
from bot.home import Home
from bot.wiring import Service
from tests import caches

from .library import ROOT, open_service
from .notebook import Notebook

GOLDEN = Path(__file__).parent / "golden"
QUESTIONS = {
    "complaints": ("怎么处理投诉", "zh"),
    "english": ("how to handle complaints", "en"),
    "traditional": ("外呼指標怎麼定", CONVERTED),
    "typo": ("投拆处理", "zh"),
    "refused": ("量子计算机怎么修", "zh"),
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The ten sample reports."""
    root = tmp_path_factory.mktemp("samples")
    for folder in ("config", "corpus"):
        shutil.copytree(ROOT / folder, root / folder)
    caches.give(root)
    service = open_service(Home(root))
    service.refresh()
    return service


def written(service: Service, question: str, language: str) -> str:
    """Return a card as HTML, and its buttons a row a line."""
    catalog, notebook = Catalog(), Notebook()
    notes = Batches(notebook.asked, ThreadPoolExecutor(1))
    asking = Asking(service, notebook, notes, Readers(catalog, notebook), Scopes(), traditional(), 3)
    reader = Reader(language, catalog.of(language))
    answer = asking.look_up(question, None)
    card = Card(tuple(hit.passage.passage_id for hit in answer.hits), question, asked=1)
    html, keyboard = asking.page(card, answer, 0, Keys("id", reader.phrases, "wenbao_bot"), reader)
    rows = keyboard.inline_keyboard if keyboard else ()
    buttons = "\n".join(" ".join(f"[{button.text}]" for button in row) for row in rows)
    return f"{html}\n\n{buttons}\n"


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_card_is_as_it_was_read(service: Service, name: str) -> None:
    """The same question on the same reports is the same card."""
    card = written(service, *QUESTIONS[name])
    path = GOLDEN / f"{name}.html"
    if os.environ.get("WENBAO_GOLDEN") == "write":
        path.write_text(card, "utf-8")
    assert card == path.read_text("utf-8")
