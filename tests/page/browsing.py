"""A browser's window on the page, in the words of somebody who uses it."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}


@dataclass
class Tab:
    """A window.

    Attributes:
        page: Playwright's.
        problems: Requests that left this machine, errors of the script, complaints of the browser.
    """

    context: BrowserContext
    page: Page
    problems: list[str] = field(default_factory=list)

    def close(self) -> None:
        self.context.close()

    @property
    def input(self) -> Locator:
        return self.page.locator("#input")

    @property
    def messages(self) -> Locator:
        return self.page.locator(".message")

    @property
    def replies(self) -> Locator:
        """What others wrote."""
        return self.page.locator(".message.theirs")

    @property
    def options(self) -> Locator:
        """What the popup above the input offers."""
        return self.page.locator("#options .option")

    def say(self, text: str) -> None:
        self.input.fill(text)
        self.input.press("Enter")

    def press(self, name: str) -> None:
        """Press the last button of this name."""
        self.page.get_by_role("button", name=name, exact=True).last.click()

    def open_chat(self, title: str) -> None:
        self.page.locator(".chat", has_text=title).click()
        expect(self.page.locator("#head-title")).to_have_text(title)

    def sit_as(self, name: str) -> None:
        self.page.locator("#people label", has_text=name).click()


def open_tab(browser: Browser, address: str, **options: object) -> Tab:
    """Open an address in a window of its own, by default a Chinese one of a desktop's size."""
    wanted: dict[str, object] = {"locale": "zh-CN", "viewport": {"width": 1180, "height": 800}} | options
    context = browser.new_context(**wanted)  # type: ignore[arg-type]
    opened = Tab(context, context.new_page())

    # Heard, not routed: a route waits for this thread, which waits for the server as the bot.
    context.on("request", lambda request: _check(opened, request.url))
    opened.page.on("pageerror", lambda error: opened.problems.append(f"error: {error}"))
    opened.page.on("console", lambda told: _note(opened, told.type, told.text))
    opened.page.goto(address)
    expect(opened.page.locator(".chat")).to_have_count(2)
    return opened


def _check(opened: Tab, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "data" and parts.hostname != "127.0.0.1":
        opened.problems.append(f"left this machine: {url}")


def _note(opened: Tab, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        opened.problems.append(f"{kind}: {text}")
