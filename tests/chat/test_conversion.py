"""Passages in Traditional characters."""

from hypothesis import given
from hypothesis import strategies as st

from bot.chat.conversion import converted, converted_hit, converted_passage, traditional
from bot.domain import Hit, Passage, Span

CONVERT = traditional()
HAN = st.text("头发干后面条软件信息里说只台湾着複雜，。a1 ", max_size=30)


def passage(text: str) -> Passage:
    return Passage("p", "r", "投诉报告", ("一、处理", "电话"), "corpus/投诉.md", 3, 3 + len(text), text)


def blog(text: str) -> str:
    """A conversion that changes lengths, as dictionaries of words do."""
    return text.replace("博客", "部落格").replace("客户", "戶")


def test_characters_change_and_words_stay() -> None:
    """One character may become several others; which, its word tells."""
    new = converted("软件里的头发，皇后在后面", (), CONVERT)
    assert new.text == "軟件裡的頭髮，皇后在後面"
    assert new.changed


def test_what_is_traditional_already_is_unchanged() -> None:
    """And is not to be marked as converted."""
    assert not converted("客服接到投訴後 ABC", (), CONVERT).changed


def test_marks_stay_with_their_words_when_lengths_change() -> None:
    """The pieces between the marks' edges are converted apart."""
    text = "写博客的客户看博客"
    spans = (Span(1, 3), Span(4, 6), Span(7, 9))
    new = converted(text, spans, blog)
    assert new.text == "写部落格的戶看部落格"
    assert [new.text[span.start : span.end] for span in new.spans] == ["部落格", "戶", "部落格"]


@given(HAN, st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4))
def test_marks_lie_in_the_text_in_their_order(text: str, edges: list[tuple[int, int]]) -> None:
    """With a conversion that keeps lengths and one that does not."""
    spans = [Span(min(a, b, len(text)), min(max(a, b), len(text))) for a, b in edges]
    for convert in (CONVERT, blog):
        new = converted(text, spans, convert)
        assert len(new.spans) == len(spans)
        assert all(0 <= span.start <= span.end <= len(new.text) for span in new.spans)
        order = sorted(range(len(spans)), key=lambda at: spans[at].start)
        starts = [new.spans[at].start for at in order]
        assert starts == sorted(starts)
        assert new.changed == (new.text != text)


@given(st.text(max_size=50))
def test_any_text_can_be_converted(text: str) -> None:
    """Whatever a report holds; without Han characters it stays as it is."""
    sound = text.encode("utf-8", "replace").decode("utf-8")
    new = converted(sound, (), CONVERT).text
    if sound.isascii():
        assert new == sound


def test_a_hit_is_converted_with_its_marks_and_names() -> None:
    """What is read changes, its place in the report does not."""
    hit = Hit(passage("接听电话后登记"), 1.0, 1, (Span(2, 4),), (Span(0, 7),), also=(passage("说"),))
    shown, changed = converted_hit(hit, CONVERT)
    assert changed
    assert shown.passage.text == "接聽電話後登記"
    assert (shown.passage.report, shown.passage.section) == ("投訴報告", ("一、處理", "電話"))
    assert (shown.highlights, shown.excerpt) == (hit.highlights, hit.excerpt)
    assert shown.also[0].text == "說"
    assert (shown.passage.passage_id, shown.passage.source) == ("p", "corpus/投诉.md")


def test_a_title_alone_does_not_make_a_passage_converted() -> None:
    """The note speaks of the text."""
    assert not converted_passage(passage("ABC"), CONVERT)[1]
