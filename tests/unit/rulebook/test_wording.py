"""Notes and articles in Chinese."""

import pytest

from tonnebook import rulebook
from tonnebook.rulebook import loader, wording


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Art. 29", "第29条"),
        ("Art. 23(1)", "第23(1)条"),
        ("item 7", "第7项"),
        ("balance values", "平衡值"),
        ("沪环气〔2022〕34号", "沪环气〔2022〕34号"),
        ("a note of somebody's own plan", "a note of somebody's own plan"),
    ],
)
def test_what_is_english_in_a_rule_file_is_said_in_chinese(english: str, chinese: str) -> None:
    assert wording.in_chinese(english) == chinese


def test_notes_and_articles_of_the_rule_files_have_their_chinese() -> None:
    books = [loader.book(region) for region in rulebook.regions()]
    values = [value for book in books for leaf in book.leaves.values() for value in leaf.values]
    texts = {text for value in values for text in (value.article, value.notes) if text}
    lacking = sorted(text for text in texts if not wording.has_chinese(text))
    assert len(texts) > 300
    assert len(lacking) <= len(texts) // 20, lacking
