"""Documents and photos: sent by the bot, sent by people, fetched.

| rule | test |
| --- | --- |
| what can be sent, and what not | test_what_cannot_be_sent |
| captions of at most 1024 characters after parsing | test_what_cannot_be_sent, test_a_caption_may_be_long |
| uploads of at most 50 MB, photos of at most 10 | test_uploads_have_a_largest_size |
| getFile of at most 20 MB | test_files_to_be_fetched_have_a_largest_size |
| only captions of files can be edited as captions | test_a_caption_is_edited_as_a_caption |
"""

import json
from collections.abc import Mapping
from io import BytesIO

import httpx
import pytest
from PIL import Image

from bot.sandbox.faults import ANY, DOWNLOAD
from bot.sandbox.nouns import FileKind
from bot.sandbox.people import Person
from bot.sandbox.storage import MAX_DOWNLOAD, MAX_PHOTO, MAX_UPLOAD

from .client import Answer, Api, answer_of, encode

REPORT = "一、投诉处理\r\n先听完。\n".encode() + bytes(range(256))


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    held = BytesIO()
    Image.new("RGB", (width, height), "teal").save(held, kind)
    return held.getvalue()


def upload(api: Api, method: str, person: Person, files: Mapping[str, object], **given: object) -> Answer:
    flat = encode({"chat_id": person.chat.chat_id, **given})
    return answer_of(api.http.post(method, data=flat, files=files))  # type: ignore[arg-type]


def download(api: Api, path: str, token: str = "") -> httpx.Response:
    return httpx.get(f"{api.server.file_url}{token or api.sandbox.token}/{path}")


def fetch(api: Api, file_id: str) -> httpx.Response:
    return download(api, api.call("getFile", file_id=file_id).result["file_path"])


def test_a_document_arrives_as_it_was_sent(shared: Api, ada: Person) -> None:
    """Whatever bytes are in it, line ends included."""
    given = {"caption": "<b>报告</b>", "parse_mode": "HTML"}
    sent = upload(shared, "sendDocument", ada, {"document": ("投诉 07.md", REPORT)}, **given).result
    assert (sent["document"]["file_name"], sent["document"]["mime_type"]) == ("投诉 07.md", "text/markdown")
    assert sent["document"]["file_size"] == len(REPORT)
    assert (sent["caption"], sent["caption_entities"][0]["type"]) == ("报告", "bold")
    assert "text" not in sent
    message = ada.replies()[-1]
    assert (ada.download(message), message.text) == (REPORT, "报告")
    assert shared.sandbox.calls("sendDocument")[-1].given["document"] == "投诉 07.md"


def test_a_file_is_sent_again_by_its_id(shared: Api, ada: Person) -> None:
    """With a keyboard and in answer to a message, like any text; each time it has an id of its own kind."""
    asked = ada.send("report?")
    first = upload(shared, "sendDocument", ada, {"document": ("a.md", REPORT)}).result["document"]
    keyboard = {"inline_keyboard": [[{"text": "more", "callback_data": "x"}]]}
    again = shared.call(
        "sendDocument",
        chat_id=ada.chat.chat_id,
        document=first["file_id"],
        reply_markup=keyboard,
        reply_parameters={"message_id": asked.message_id},
    ).result
    assert again["document"] == first
    assert again["reply_markup"] == keyboard
    assert again["reply_to_message"]["message_id"] == asked.message_id
    photo = {"photo": ("a.png", picture(4, 3))}
    photo_id = upload(shared, "sendPhoto", ada, photo).result["photo"][0]["file_id"]
    refused = shared.call("sendDocument", chat_id=ada.chat.chat_id, document=photo_id)
    assert refused.error == (400, "Bad Request: can't use file of type Photo as Document")


def test_an_upload_may_lie_in_another_part(shared: Api, ada: Person) -> None:
    parts = {"part-1": ("a.txt", b"hello")}
    sent = upload(shared, "sendDocument", ada, parts, document="attach://part-1").result
    assert sent["document"]["file_name"] == "a.txt"
    refused = upload(shared, "sendDocument", ada, parts, document="attach://part-2")
    assert refused.error[0] == 400


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_photo_tells_its_size(shared: Api, ada: Person, kind: str) -> None:
    data = picture(40, 30, kind)
    sent = upload(shared, "sendPhoto", ada, {"photo": ("a", data)}, caption="图").result
    assert [(size["width"], size["height"]) for size in sent["photo"]] == [(40, 30)]
    assert (sent["caption"], ada.download(ada.replies()[-1])) == ("图", data)


def test_what_people_send_reaches_the_bot(fresh: Api) -> None:
    ada = fresh.sandbox.join("Ada")
    document = ada.send_document(REPORT, "报告.md", caption="/import 七月")
    photo = ada.send_photo(picture(8, 6), caption="看")
    first, second = (update["message"] for update in fresh.call("getUpdates").result)
    assert (first["document"]["file_name"], first["caption"]) == ("报告.md", "/import 七月")
    assert first["caption_entities"] == [{"type": "bot_command", "offset": 0, "length": 7}]
    assert (second["photo"][0]["width"], second["caption"]) == (8, "看")
    assert document.file is not None
    assert document.file.kind is FileKind.DOCUMENT
    assert fetch(fresh, first["document"]["file_id"]).content == REPORT
    assert fetch(fresh, second["photo"][0]["file_id"]).content == ada.download(photo)


def test_people_can_send_only_what_clients_let_them(shared: Api, ada: Person) -> None:
    with pytest.raises(ValueError, match="a file needs a content"):
        ada.send_document(b"", "a.txt")
    with pytest.raises(ValueError, match="at most 1024"):
        ada.send_document(b"a", "a.txt", caption="x" * 1025)
    with pytest.raises(ValueError, match="cannot be sent as a photo"):
        ada.send_photo(b"no picture")
    with pytest.raises(ValueError, match="has no file"):
        ada.download(ada.send("text"))
    with pytest.raises(ValueError, match="Ada is not in"):
        ada.send_document(b"a", "a.txt", chat=shared.sandbox.group("others", []))


def test_privacy_mode_holds_for_files(fresh: Api) -> None:
    ada = fresh.sandbox.join("Ada")
    team = fresh.sandbox.group("Team", [ada])
    ada.send_document(b"a", "a.txt", chat=team)
    ada.send_document(b"a", "b.txt", chat=team, caption="@wenbao_bot")
    names = [update["message"]["document"]["file_name"] for update in fresh.call("getUpdates").result]
    assert names == ["b.txt"]


TEXT = {"document": ("a.txt", b"hello")}
REFUSED: list[tuple[str, Mapping[str, object], dict[str, object], str]] = [
    ("sendDocument", {}, {}, "there is no document in the request"),
    ("sendPhoto", {}, {}, "there is no photo in the request"),
    ("sendDocument", {"document": ("a.txt", b"")}, {}, "file must be non-empty"),
    (
        "sendDocument",
        {},
        {"document": "AgAD"},
        "wrong remote file identifier specified: can't unserialize it",
    ),
    ("sendDocument", {}, {"document": "https://a.cn/a.txt"}, "sandbox: files are not fetched from other"),
    ("sendDocument", TEXT, {"caption": "x" * 1025}, "message caption is too long"),
    ("sendDocument", TEXT, {"caption": "<b>x", "parse_mode": "HTML"}, "can't parse entities: Can't find end"),
    ("sendDocument", TEXT, {"chat_id": 1}, "chat not found"),
    ("sendDocument", TEXT, {"text": "x"}, 'sandbox: sendDocument has no parameter "text" here'),
    ("sendDocument", TEXT | {"spare": ("b.txt", b"b")}, {}, 'sandbox: sendDocument has no parameter "spare"'),
    ("sendDocument", TEXT, {"reply_markup": {"inline_keyboard": [[{"text": "a"}]]}}, "can't parse inline"),
    ("sendPhoto", {"photo": ("a.png", b"no picture")}, {}, "IMAGE_PROCESS_FAILED"),
    ("sendPhoto", {"photo": ("a.png", picture(60, 40)[:60])}, {}, "IMAGE_PROCESS_FAILED"),
    ("sendPhoto", {"photo": ("a.png", picture(2100, 100))}, {}, "PHOTO_INVALID_DIMENSIONS"),
    ("sendPhoto", {"photo": ("a.png", picture(9900, 600))}, {}, "PHOTO_INVALID_DIMENSIONS"),
]


@pytest.mark.parametrize(("method", "files", "given", "description"), REFUSED)
def test_what_cannot_be_sent(
    shared: Api,
    ada: Person,
    method: str,
    files: Mapping[str, object],
    given: dict[str, object],
    description: str,
) -> None:
    code, said = upload(shared, method, ada, files, **given).error
    assert code == 400
    assert said.startswith(f"Bad Request: {description}")
    assert ada.replies() == ()


@pytest.mark.parametrize(
    ("caption", "shown"), [("长" * 1024, "长" * 1024), ("<b>" + "x" * 1024 + "</b>", "x" * 1024), ("", "")]
)
def test_a_caption_may_be_long(shared: Api, ada: Person, caption: str, shown: str) -> None:
    """It counts without markup, and there need not be one."""
    sent = upload(shared, "sendDocument", ada, TEXT, caption=caption, parse_mode="HTML").result
    assert sent.get("caption", "") == shown


def test_uploads_have_a_largest_size(shared: Api, ada: Person) -> None:
    assert (MAX_UPLOAD, MAX_PHOTO) == (50 * 1024 * 1024, 10 * 1024 * 1024)
    large = bytes(MAX_UPLOAD + 1)
    too_large = upload(shared, "sendDocument", ada, {"document": ("a.bin", large)})
    assert too_large.error == (413, "Request Entity Too Large")
    assert upload(shared, "sendDocument", ada, {"document": ("a.bin", large[1:])}).status == 200
    photo = {"photo": ("a.png", large[: MAX_PHOTO + 1])}
    said = "file of size 10485761 bytes is too big for a photo; the maximum size is 10485760 bytes"
    assert upload(shared, "sendPhoto", ada, photo).error == (400, f"Bad Request: {said}")


def test_files_to_be_fetched_have_a_largest_size(fresh: Api) -> None:
    assert MAX_DOWNLOAD == 20 * 1024 * 1024
    ada = fresh.sandbox.join("Ada")
    ada.send_document(bytes(MAX_DOWNLOAD), "a.bin")
    ada.send_document(bytes(MAX_DOWNLOAD + 1), "b.bin")
    ids = [update["message"]["document"]["file_id"] for update in fresh.call("getUpdates").result]
    assert len(fetch(fresh, ids[0]).content) == MAX_DOWNLOAD
    assert fresh.call("getFile", file_id=ids[1]).error == (400, "Bad Request: file is too big")
    assert download(fresh, "documents/file_2.bin").status_code == 404


@pytest.mark.parametrize(
    ("file_id", "description"), [("", "file_id not specified"), ("nonsense", "invalid file_id")]
)
def test_unknown_files_cannot_be_fetched(shared: Api, file_id: str, description: str) -> None:
    assert shared.call("getFile", file_id=file_id).error == (400, f"Bad Request: {description}")


def test_only_the_token_s_owner_can_fetch(shared: Api, ada: Person) -> None:
    file = ada.send_document(b"hello", "a.txt").file
    assert file is not None
    path = shared.sandbox.world.files.path(file)
    assert download(shared, path).content == b"hello"
    assert answer_of(download(shared, path, "123456789:other")).error == (401, "Unauthorized")
    assert answer_of(download(shared, path, "nonsense")).error == (404, "Not Found")
    assert answer_of(download(shared, "documents/file_0.txt")).error == (404, "Not Found")
    assert answer_of(download(shared, "../../etc/passwd")).error == (404, "Not Found")


def test_a_caption_is_edited_as_a_caption(shared: Api, ada: Person) -> None:
    """And a text as a text; the file stays."""
    file = upload(shared, "sendDocument", ada, TEXT, caption="a").result
    text = shared.send(ada, "b")
    place = {"chat_id": ada.chat.chat_id, "message_id": file["message_id"]}
    other = {"chat_id": ada.chat.chat_id, "message_id": text.message_id}
    no_text = "Bad Request: there is no text in the message to edit"
    assert shared.call("editMessageText", **place, text="c").error == (400, no_text)
    no_caption = "Bad Request: there is no caption in the message to edit"
    assert shared.call("editMessageCaption", **other, caption="c").error == (400, no_caption)
    same = shared.call("editMessageCaption", **place, caption="a")
    assert same.error[1].startswith("Bad Request: message is not modified")
    edited = shared.call("editMessageCaption", **place, caption="<i>c</i>", parse_mode="HTML").result
    assert (edited["caption"], edited["document"]["file_name"]) == ("c", "a.txt")
    assert "caption" not in shared.call("editMessageCaption", **place).result
    long = shared.call("editMessageCaption", **place, caption="x" * 1025)
    assert long.error == (400, "Bad Request: message caption is too long")


def test_transfers_can_be_disturbed(fresh: Api) -> None:
    """Uploads like any call; downloads by the name DOWNLOAD, which ANY does not mean."""
    ada = fresh.sandbox.join("Ada")
    message = ada.send_document(b"hello", "a.txt")
    assert message.file is not None
    path = fresh.sandbox.world.files.path(message.file)
    fresh.sandbox.faults.lose("sendDocument")
    with pytest.raises(httpx.RemoteProtocolError):
        upload(fresh, "sendDocument", ada, TEXT)
    assert len(ada.replies()) == 1
    fresh.sandbox.faults.drop(DOWNLOAD)
    with pytest.raises(httpx.RemoteProtocolError):
        download(fresh, path)
    fresh.sandbox.faults.answer(DOWNLOAD, 500)
    fresh.sandbox.faults.answer(ANY, 502)
    assert answer_of(download(fresh, path)).error == (500, "Internal Server Error")
    assert download(fresh, path).content == b"hello"
    assert fresh.call("getMe").status == 502


def test_a_text_in_a_form_must_be_utf_8(shared: Api) -> None:
    parts = {
        "document": ("a.txt", b"a"),
        "caption": (None, b"\xff"),
        "chat_id": (None, json.dumps(1).encode()),
    }
    refused = answer_of(shared.http.post("sendDocument", files=parts))
    assert refused.error == (400, "Bad Request: strings must be encoded in UTF-8")
