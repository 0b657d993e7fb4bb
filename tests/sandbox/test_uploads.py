"""Multipart forms, byte for byte."""

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.refusals import ApiError
from bot.sandbox.uploads import Upload, read_form

_TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
# What a header can hold without a code of its own; clients write quotes and line ends in several ways.
_NAME = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters='"\\\\%'), min_size=1
)


@settings(deadline=None)
@given(
    st.dictionaries(
        _NAME, st.one_of(_TEXT, st.tuples(_NAME, st.binary(max_size=200))), min_size=1, max_size=4
    )
)
def test_a_form_is_read_as_it_was_written(parts: dict[str, str | tuple[str, bytes]]) -> None:
    """Law: names, texts and bytes come out as a client put them in, in order."""
    files = [(name, (None, part.encode()) if isinstance(part, str) else part) for name, part in parts.items()]
    request = httpx.Request("POST", "http://127.0.0.1/", files=files)
    read = list(read_form(request.headers["content-type"], request.read()))
    assert [name for name, _ in read] == list(parts)
    for (_, found), part in zip(read, parts.values(), strict=True):
        if isinstance(part, str):
            assert found == part
        else:
            assert isinstance(found, Upload)
            assert (found.name, found.data) == part


@settings(deadline=None)
@given(st.sampled_from(["multipart/form-data; boundary=x", "multipart/form-data"]), st.binary(max_size=80))
def test_any_bytes_are_a_form_or_refused(content_type: str, body: bytes) -> None:
    """Law: nothing but an ApiError comes out of nonsense, also when it begins like a form."""
    for whole in (
        body,
        b"--x\r\n" + body,
        b'--x\r\ncontent-disposition: form-data; name="a"\r\n' + body + b"\r\n--x--\r\n",
    ):
        try:
            list(read_form(content_type, whole))
        except ApiError:
            continue
