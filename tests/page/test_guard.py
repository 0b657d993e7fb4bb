"""Who may use the page, and what the browser is told that it may do."""

import httpx
import pytest

from .script import Script

PATHS = ("", "page/static/page.js", "page/static/page.css", "page/events", "page/nothing")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "10.0.0.1",
        "user@127.0.0.1",
        "127.0.0.1/evil.example",
        "127.0.0.1:80:80",
        "[::1",
        "[::2]",
        "evil.example#localhost",
    ],
)
def test_another_name_of_this_machine_is_refused(script: Script, path: str, host: str) -> None:
    """A name that was made to lead here (DNS rebinding) sees nothing, not even an error of its own."""
    answer = script.http.get(path, headers={"host": host})
    assert answer.status_code == 403
    assert "127.0.0.1" in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_any_port_of_a_loopback_name_is_served(script: Script, host: str) -> None:
    """A tunnel may end at another port."""
    for port in ("", ":1", f":{script.server.port}"):
        assert script.http.get("", headers={"host": f"{host}{port}"}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_another_site_cannot_use_the_page(script: Script, origin: str) -> None:
    """Neither reading nor writing, even if it knew the token."""
    assert script.http.get("page/events", headers={"origin": origin}).status_code == 403
    answer = script.http.post("page/send", json={}, headers={"origin": origin})
    assert (answer.status_code, answer.text) == (403, "another site may not use the page")


@pytest.mark.parametrize("name", ["send", "press"])
@pytest.mark.parametrize("token", ["", "another", "the-page-s-own-toke"])
def test_whoever_acts_shows_the_token(script: Script, name: str, token: str) -> None:
    """A post without this run's token changes nothing."""
    answer = httpx.post(f"{script.address}page/{name}", json={}, headers={"x-page-token": token})
    assert answer.status_code == 403
    assert script.jia.transcript() == ()


def test_the_page_may_load_only_its_own_files(script: Script) -> None:
    """Every answer, a refusal too, carries the policy; no answer lets another site read it."""
    for path in PATHS[:3]:
        for headers in ({}, {"host": "evil.example"}):
            answer = script.http.get(path, headers=headers)
            policy = answer.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
            assert "unsafe" not in policy
            assert "http" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["cross-origin-resource-policy"] == "same-origin"
            assert "access-control-allow-origin" not in answer.headers


def test_the_page_carries_the_token_of_this_run(script: Script) -> None:
    """And is not kept by the browser, so that a new run gets a new page."""
    answer = script.http.get("")
    assert f'<meta name="page-token" content="{script.http.headers["x-page-token"]}">' in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["page.html", "../page.py", "..%2fpage.py", "%2e%2e/guard.py", ""])
def test_no_other_file_is_served(script: Script, name: str) -> None:
    """Only the script and the style sheet."""
    assert script.http.get(f"page/static/{name}").status_code == 404


def test_the_bot_api_is_as_strict_as_without_the_page(script: Script) -> None:
    """Beside the page, an unknown address gets Telegram's own answer."""
    answer = script.http.get(f"bot{script.sandbox.token}")
    assert answer.json() == {"ok": False, "error_code": 404, "description": "Not Found"}
