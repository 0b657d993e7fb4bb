"""Fixtures: a page of a scripted bot, a page of the real bot, and a browser that stays on this machine."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from bot.home import Home
from bot.sandbox.limits import UNLIMITED
from bot.sandbox.page.cast import Cast
from bot.sandbox.page.page import Page
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import Sandbox
from bot.wiring import Service, assemble
from tests import caches

from .browsing import ARGUMENTS, Tab, open_tab
from .script import Script
from .staged import staged

ROOT = Path(__file__).parents[2]
TOKEN = "the-page-s-own-token"  # noqa: S105


@pytest.fixture
def script() -> Iterator[Script]:
    """A page whose bot does what the test says."""
    sandbox = Sandbox(limits=UNLIMITED)
    cast = Cast.join(sandbox)
    page = Page(sandbox, cast, TOKEN)
    with run_in_thread(sandbox, page=page) as server, Script(server, cast, TOKEN) as script:
        yield script


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """The sample reports, indexed once."""
    home = tmp_path_factory.mktemp("page-home")
    for name in ("config", "corpus"):
        shutil.copytree(ROOT / name, home / name)
    caches.give(home)
    service = assemble(Home(home), {}, warn=pytest.fail)
    service.refresh(full=False, dry_run=False, strict=True, advance=lambda _done, _all: None)
    return service


@pytest.fixture
def address(service: Service) -> Iterator[str]:
    """The page's address, with the real bot behind it."""
    with staged(service) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without what it would do on its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Opens an address in a window of its own; fails if anything went wrong there or left this machine."""
    tabs: list[Tab] = []

    def opened(address: str, **options: object) -> Tab:
        tabs.append(open_tab(browser, address, **options))
        return tabs[-1]

    yield opened
    for one in tabs:
        one.close()
    assert [problem for one in tabs for problem in one.problems] == []
