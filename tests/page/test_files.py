"""Files on the page: what people send, and what the bot sends; the test is the bot."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from .browsing import Tab
from .script import Script

Visit = Callable[..., Tab]
REPORT = "# 报告\n\n投诉先登记。\n".encode()
NAME = "年度总结 <1>.md"


def picture(width: int, height: int) -> bytes:
    """Return a grey PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def send(script: Script, method: str, field: str, file: tuple[str, bytes], **given: str) -> None:
    """Send a file as the bot."""
    script.sandbox.world.open(script.jia.chat.chat_id)
    form = {"chat_id": str(script.jia.chat.chat_id), **given}
    told = httpx.post(script.server.method_url + method, data=form, files={field: file}).json()
    assert told["ok"], told


def upload(script: Script, data: bytes, **given: str | int) -> httpx.Response:
    jia = script.jia
    place: dict[str, str | int] = {"person": jia.user.user_id, "chat": jia.chat.chat_id, "name": NAME}
    return script.http.post("page/upload", params=place | given, content=data)


def test_an_uploaded_file_reaches_the_bot(script: Script) -> None:
    """With its name and its bytes."""
    assert upload(script, REPORT, type="text/markdown").status_code == 200
    (update,) = script.bot("getUpdates")
    document = update["message"]["document"]
    assert (document["file_name"], document["mime_type"]) == (NAME, "text/markdown")
    assert script.jia.download(script.jia.transcript()[0]) == REPORT


def test_a_picture_is_sent_as_a_photo(script: Script) -> None:
    """As people send them; what only says that it is a picture is refused."""
    assert upload(script, picture(30, 20), type="image/png").status_code == 200
    (update,) = script.bot("getUpdates")
    assert [(size["width"], size["height"]) for size in update["message"]["photo"]] == [(30, 20)]
    assert upload(script, b"no picture", type="image/png").status_code == 400


@pytest.mark.parametrize(
    ("data", "given", "status"),
    [
        (b"", {}, 400),
        (b"x", {"person": 7}, 400),
        (b"x", {"person": "me"}, 400),
        (b"x", {"chat": 1002}, 400),
        (b"x", {"name": "n" * 257}, 400),
        (b"x" * (50 * 2**20 + 1), {}, 413),
    ],
)
def test_what_cannot_be_sent_is_refused(
    script: Script, data: bytes, given: dict[str, str | int], status: int
) -> None:
    """The bot hears of nothing."""
    assert upload(script, data, **given).status_code == status
    assert script.bot("getUpdates") == []


def test_a_document_is_never_run_by_the_browser(script: Script) -> None:
    """Whatever it is called and says that it is: it is bytes to be saved."""
    page = b"<script>alert(1)</script>"
    send(script, "sendDocument", "document", ('a"\r\n.html', page))
    (message,) = script.jia.transcript()
    assert message.file is not None
    answer = script.http.get(f"page/files/{message.file.file_id}")
    assert answer.content == page
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert script.http.get("page/files/nothing").status_code == 404


@pytest.mark.browser
def test_a_document_can_be_saved(script: Script, visit: Visit, tmp_path: Path) -> None:
    """Under its own name, with its own bytes."""
    tab = visit(script.address)
    send(script, "sendDocument", "document", (NAME, REPORT), caption="整份报告")
    file = tab.page.get_by_role("link", name=f"下载 {NAME}")
    expect(file).to_contain_text(f"{len(REPORT)} B")
    expect(tab.replies.locator(".text")).to_contain_text("整份报告")
    with tab.page.expect_download() as download:
        file.click()
    download.value.save_as(tmp_path / "saved")
    assert download.value.suggested_filename.startswith("年度总结")
    assert (tmp_path / "saved").read_bytes() == REPORT


@pytest.mark.browser
def test_a_photo_is_shown(script: Script, visit: Visit) -> None:
    """With its caption, and as large as the chat is wide at most."""
    tab = visit(script.address)
    send(script, "sendPhoto", "photo", ("chart.png", picture(2000, 900)), caption="每天的提问")
    image = tab.page.get_by_role("img", name="每天的提问")
    expect(image).to_be_visible()
    assert image.evaluate("node => node.decode().then(() => node.naturalWidth)") == 2000
    box = image.bounding_box()
    assert box is not None
    assert box["width"] / box["height"] == pytest.approx(2000 / 900, rel=0.02)
    assert box["width"] < 700


@pytest.mark.browser
def test_a_photo_has_its_place_before_it_is_loaded(script: Script, visit: Visit) -> None:
    """Whoever is at the end of the chat still is once the picture is there."""
    for number in range(20):
        script.say(f"line {number}")
    tab = visit(script.address)
    send(script, "sendPhoto", "photo", ("chart.png", picture(900, 700)), caption="每天的提问")
    image = tab.page.get_by_role("img", name="每天的提问")
    image.evaluate("node => node.decode()")
    below = "node => node.scrollHeight - node.scrollTop - node.clientHeight"
    assert tab.page.locator("#scroller").evaluate(below) < 2
    expect(tab.page.locator("#to-end")).to_be_hidden()


@pytest.mark.browser
def test_a_file_is_chosen_or_dropped(script: Script, visit: Visit) -> None:
    """Both send it; the other one in the group sees it too."""
    tab = visit(script.address)
    tab.open_chat("客服小组 Team")
    with tab.page.expect_file_chooser() as chooser:
        tab.press("发送文件")
    chooser.value.set_files({"name": "一.md", "mimeType": "text/markdown", "buffer": REPORT})
    expect(tab.messages).to_have_count(1)
    tab.page.evaluate(
        """() => {
            const files = new DataTransfer();
            files.items.add(new File(["x"], "二.txt", { type: "text/plain" }));
            document.dispatchEvent(new DragEvent("dragover", { dataTransfer: files, bubbles: true }));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true }));
        }"""
    )
    expect(tab.messages).to_have_count(2)
    tab.sit_as("User B")
    expect(tab.replies).to_have_count(2)
    expect(tab.replies.last).to_contain_text("二.txt")
