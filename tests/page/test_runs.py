"""An open page when the server stops and another run begins."""

import pytest
from playwright.sync_api import Browser, Error, expect

from bot.sandbox.page.cast import Cast
from bot.sandbox.page.page import Page
from bot.sandbox.run import run_in_thread
from bot.sandbox.sandbox import Sandbox

from .browsing import open_tab

pytestmark = pytest.mark.browser


def test_a_new_run_on_the_same_port_is_found_again(browser: Browser) -> None:
    """While nobody answers the page says so; when a later run does, the page loads itself anew."""
    sandbox = Sandbox()
    with run_in_thread(sandbox, page=Page(sandbox, Cast.join(sandbox), "first")) as server:
        port = server.port
        tab = open_tab(browser, f"http://127.0.0.1:{port}/")
        tab.say("还在吗")
        expect(tab.messages).to_have_count(1)
    expect(tab.page.locator("#banner")).to_be_visible()
    sandbox = Sandbox()
    with run_in_thread(sandbox, port=port, page=Page(sandbox, Cast.join(sandbox), "second")):
        expect(tab.messages).to_have_count(0, timeout=15_000)
        expect(tab.page.locator("#banner")).to_be_hidden()
        tab.say("新的一轮")
        expect(tab.messages).to_have_count(1)
        tab.close()
    assert {one for one in tab.problems if "net::ERR_" not in one} == set()


def test_a_page_that_is_loaded_again_shows_the_same(browser: Browser) -> None:
    """What was said stands on the server, not in the page."""
    sandbox = Sandbox()
    with run_in_thread(sandbox, page=Page(sandbox, Cast.join(sandbox), "t")) as server:
        tab = open_tab(browser, f"http://127.0.0.1:{server.port}/")
        tab.say("一")
        tab.say("二")
        expect(tab.messages).to_have_count(2)
        tab.page.reload()
        expect(tab.messages.first).to_contain_text("一")
        expect(tab.messages).to_have_count(2)
        tab.close()
    assert tab.problems == []


def test_a_request_that_leaves_this_machine_is_noticed(browser: Browser) -> None:
    """The check of every other test can fail: a name elsewhere is not resolved, and is noted."""
    sandbox = Sandbox()
    with run_in_thread(sandbox, page=Page(sandbox, Cast.join(sandbox), "t")) as server:
        tab = open_tab(browser, f"http://127.0.0.1:{server.port}/")
        with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
            tab.page.goto("http://wenbao.example/")
        tab.close()
    assert tab.problems == ["left this machine: http://wenbao.example/"]
