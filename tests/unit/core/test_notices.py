"""What a notice says, and when one that nobody took is tried again."""

from datetime import UTC, datetime, timedelta

from tonnebook.core import notices
from tonnebook.core.notices import NoticeKind

NOW = datetime(2027, 6, 10, 1, tzinfo=UTC)
FACTS = {
    "year": 2026,
    "surrender": "SU-2026",
    "objection": "OB-2026",
    "trade": "SHEA-T-2026",
    "account": "SH-HOLDING-2026",
    "deadline_zh": "清缴截止日",
    "deadline_en": "Surrender: last day",
    "due_on": "2026-06-30",
    "paper": "沪环气候〔2026〕1号",
    "consultation": "CO-2026",
    "answer_until": "2026-03-06",
}


def test_every_kind_has_its_words_in_both_languages() -> None:
    for kind in NoticeKind:
        zh, en = notices.words(kind, FACTS)
        assert "2026" in zh
        assert "2026" in en


def test_the_wait_doubles_up_to_six_hours_and_never_overflows() -> None:
    waits = [notices.next_try_at(attempts, now=NOW) - NOW for attempts in (1, 2, 3, 9, 10, 30_000)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[3:] == [timedelta(minutes=256), timedelta(hours=6), timedelta(hours=6)]
