"""How the page looks: pictures of it under tests/output, and colours that can be read."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .browsing import PHONE, Tab

pytestmark = pytest.mark.browser

Visit = Callable[..., Tab]
OUTPUT = Path(__file__).parents[1] / "output"
DESKTOP = {"viewport": {"width": 1160, "height": 1020}, "device_scale_factor": 2}
LOOKS = {
    "light": DESKTOP | {"color_scheme": "light"},
    "dark": DESKTOP | {"color_scheme": "dark"},
    "phone": PHONE | {"color_scheme": "light"},
    "phone-dark": PHONE | {"color_scheme": "dark"},
}
READABLE = 4.5
"""Least contrast of text, WCAG 2.2, level AA."""
PAIRS = (
    ("ink", "theirs"),
    ("ink", "mine"),
    ("ink", "side"),
    ("muted", "theirs"),
    ("muted", "side"),
    ("muted", "soft"),
    ("mine-muted", "mine"),
    ("accent", "theirs"),
    ("accent", "mine"),
    ("accent", "side"),
    ("on-accent", "accent"),
    ("danger", "danger-soft"),
)


@pytest.mark.parametrize("look", LOOKS)
def test_a_conversation_is_pictured(address: str, visit: Visit, look: str) -> None:
    """A question and its answer fill the window, in light, dark and on a phone; nothing is cut off."""
    tab = visit(address, **LOOKS[look])
    tab.say("怎么处理投诉")
    expect(tab.replies).to_have_count(1, timeout=15_000)
    tab.page.wait_for_timeout(300)  # until what moves has come to rest
    OUTPUT.mkdir(exist_ok=True)
    picture = OUTPUT / f"page-{look}.png"
    tab.page.screenshot(path=picture)
    size = struct.unpack(">II", picture.read_bytes()[16:24])
    viewport = tab.page.viewport_size
    assert viewport is not None
    assert size == (2 * viewport["width"], 2 * viewport["height"])
    wide = tab.page.locator(".bubble, .composer, .head, .side, .foot").evaluate_all(
        "nodes => nodes.filter((n) => n.scrollWidth > n.clientWidth + 1).map((n) => n.className)"
    )
    assert wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_is_behind_it(address: str, visit: Visit, scheme: str) -> None:
    """Every pair of colours that is used for text has the contrast that readers with weak sight need."""
    tab = visit(address, color_scheme=scheme)
    colours = tab.page.evaluate(
        """(names) => {
            const probe = document.body.appendChild(document.createElement("i"));
            const seen = names.map((name) => {
                probe.style.color = `var(--${name})`;
                return getComputedStyle(probe).color.match(/[0-9.]+/g).map(Number);
            });
            probe.remove();
            return seen;
        }""",
        [name for pair in PAIRS for name in pair],
    )
    contrasts = {
        pair: round(contrast(colours[2 * place], colours[2 * place + 1]), 2)
        for place, pair in enumerate(PAIRS)
    }
    assert {pair: value for pair, value in contrasts.items() if value < READABLE} == {}


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_narrowest_phone_has_one_line_to_write_in(address: str, visit: Visit, locale: str) -> None:
    """What the empty input says is cut, not wrapped; nothing is wider than the screen."""
    tab = visit(address, **PHONE | {"locale": locale, "viewport": {"width": 320, "height": 568}})
    tab.say("/start")
    expect(tab.replies).to_have_count(1, timeout=15_000)
    expect(tab.page.locator("#keyboard")).to_be_visible()
    expect(tab.input).to_have_js_property("offsetHeight", 40)
    assert tab.page.evaluate("() => document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_an_audit_finds_nothing_that_shuts_people_out(address: str, visit: Visit, look: str) -> None:
    """Names, roles, contrast and order, by axe-core: in an empty chat, below an answer, with commands.

    And in the list of chats, which on a phone is all there is.
    """
    tab = visit(address, **LOOKS[look])
    found = {"empty": audit(tab)}
    tab.say("怎么处理投诉")
    expect(tab.replies).to_have_count(1, timeout=15_000)
    tab.page.wait_for_timeout(300)  # until what moves has come to rest
    found["answer"] = audit(tab)
    tab.input.fill("/")
    expect(tab.options.first).to_be_visible()
    found["commands"] = audit(tab)
    if LOOKS[look]["viewport"] == PHONE["viewport"]:
        tab.page.locator("#back").click()
        expect(tab.page.locator("#chats")).to_be_visible()
    found["list"] = audit(tab)
    assert found == {"empty": [], "answer": [], "commands": [], "list": []}


def audit(tab: Tab) -> list[str]:
    """Return what axe-core holds against the page as it is now, by rule and place."""
    # The popup is scrolled by the arrow keys from the input, which axe cannot know.
    rules = {"scrollable-region-focusable": {"enabled": False}}
    results = Axe().run(tab.page, options={"resultTypes": ["violations"], "rules": rules}).response
    return [
        f"{broken['id']}: {node['target']}" for broken in results["violations"] for node in broken["nodes"]
    ]


def contrast(one: list[float], other: list[float]) -> float:
    """Return the contrast of two sRGB colours (0–255), 1–21. Source: WCAG 2.2, contrast ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: list[float]) -> float:
    parts = [value / 255 for value in colour[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
