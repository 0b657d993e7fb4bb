"""Sending documents and photos, and fetching what people sent."""

import mimetypes
from dataclasses import dataclass, replace

from bot.sandbox.contents import file_content
from bot.sandbox.context import Context
from bot.sandbox.images import ImageError, measure
from bot.sandbox.nouns import File, FileKind, JsonObject
from bot.sandbox.parameters import Entities, GivenFile, Text
from bot.sandbox.posting import Sent, post
from bot.sandbox.refusals import ApiError, bad_request, stricter
from bot.sandbox.storage import MAX_DOWNLOAD, MAX_PHOTO, MAX_UPLOAD
from bot.sandbox.uploads import Upload
from bot.sandbox.wire import file_json


@dataclass(frozen=True, slots=True)
class SentFile(Sent):
    """What all methods that send a file take."""

    caption: Text = ""
    parse_mode: Text = ""
    caption_entities: Entities = ()


@dataclass(frozen=True, slots=True)
class SendDocument(SentFile):
    """Of sendDocument."""

    document: GivenFile = ""


@dataclass(frozen=True, slots=True)
class SendPhoto(SentFile):
    """Of sendPhoto."""

    photo: GivenFile = ""


@dataclass(frozen=True, slots=True)
class GetFile:
    """Of getFile."""

    file_id: Text = ""


def send_document(context: Context, given: SendDocument) -> JsonObject:
    """Put a file into a chat, uploaded or by the id of one that Telegram has, and return the message.

    Raises:
        ApiError: no file, an empty one, more than 50 MB, an unknown id, a caption longer than 1024
            characters, or as for sending a text.
    """
    return _send(context, given, given.document, FileKind.DOCUMENT)


def send_photo(context: Context, given: SendPhoto) -> JsonObject:
    """Put a picture of at most 10 MB into a chat; see `send_document`. It is kept as it is."""
    return _send(context, given, given.photo, FileKind.PHOTO)


def get_file(context: Context, given: GetFile) -> JsonObject:
    """Return where a file of at most 20 MB can be fetched."""
    if not given.file_id:
        raise bad_request("file_id not specified")
    file = context.world.files.find(given.file_id)
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    whole = {name: value for name, value in file_json(file).items() if name.startswith("file_")}
    whole.pop("file_name", None)
    return whole | {"file_path": context.world.files.path(file)}


def _send(context: Context, given: SentFile, source: str | Upload, kind: FileKind) -> JsonObject:
    if not source:
        raise bad_request(f"there is no {kind} in the request")
    if isinstance(source, str):
        file = _known(context, source, kind)
        return post(context, given, file_content(context, given, file))
    content = file_content(context, given, None)
    size = _measured(source, kind)
    return post(context, given, replace(content, file=_keep(context, source, kind, size)))


def _known(context: Context, file_id: str, kind: FileKind) -> File:
    if file_id.startswith(("http://", "https://")):
        raise stricter("files are not fetched from other servers; upload it")
    if file_id.startswith("attach://"):
        raise stricter(f"the form has no part {file_id.removeprefix('attach://')!r}")
    file = context.world.files.find(file_id)
    if file is None:
        raise bad_request("wrong remote file identifier specified: can't unserialize it")
    if file.kind is not kind:
        raise bad_request(f"can't use file of type {file.kind.title()} as {kind.title()}")
    return file


def _measured(upload: Upload, kind: FileKind) -> tuple[int, int]:
    """Width and height of what may be sent; 0 by 0 for a document."""
    if not upload.data:
        raise bad_request("file must be non-empty")
    if len(upload.data) > MAX_UPLOAD:
        raise ApiError(413, "Request Entity Too Large")
    if kind is FileKind.DOCUMENT:
        return 0, 0
    if len(upload.data) > MAX_PHOTO:
        raise bad_request(
            f"file of size {len(upload.data)} bytes is too big for a photo; "
            f"the maximum size is {MAX_PHOTO} bytes"
        )
    try:
        return measure(upload.data)
    except ImageError as error:
        raise bad_request(str(error)) from error


def _keep(context: Context, upload: Upload, kind: FileKind, size: tuple[int, int]) -> File:
    if kind is FileKind.PHOTO:
        return context.world.files.keep(kind, upload.data, mime_type="image/jpeg", size=size)
    mime_type = mimetypes.guess_type(upload.name)[0] or upload.mime_type
    return context.world.files.keep(kind, upload.data, name=upload.name, mime_type=mime_type)
