"""A receipt proves its leaf offline, and no altered receipt does."""

import json
from datetime import UTC, datetime

import pytest

from tonnebook.core.errors import Refused
from tonnebook.core.keys import LogRefusal
from tonnebook.journal import queries
from tonnebook.journal import services as journal
from tonnebook.journal.services import Entry
from tonnebook_audit import receipt

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
SEALED = {"name": "红河", "quantity_t": 5}


def logged(count: int = 1) -> str:
    """Log leaves, number them, publish; give the hash of the last one."""
    hashes = journal.append_many(
        [Entry("trial.taken", {"i": i, "name": 'a"\n\u00f6'}, SEALED) for i in range(count)], now=NOW
    )
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    return hashes[-1]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 600, 1025])
def test_every_receipt_of_a_log_holds_whatever_its_size(count: int) -> None:
    hashes = journal.append_many([Entry("trial.taken", {"i": i}) for i in range(count)], now=NOW)
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    for leaf in {hashes[0], hashes[count // 2], hashes[-1]}:
        document = queries.receipt(leaf)
        assert not document["pending"]
        assert receipt.check(json.dumps(document)) == []


@pytest.mark.django_db
def test_a_leaf_without_number_has_a_signed_promise() -> None:
    leaf = journal.append(Entry("trial.taken", {}), now=NOW)
    document = queries.receipt(leaf)
    assert document["pending"]
    assert receipt.check(json.dumps(document)) == []
    other = queries.receipt(journal.append(Entry("trial.taken", {"i": 1}), now=NOW))
    findings = receipt.check(json.dumps({**document, "leaf": other["leaf"]}))
    assert findings == [receipt.PROMISE_DIFFERS]


@pytest.mark.django_db
def test_private_fields_are_shown_only_when_asked_for() -> None:
    leaf = logged()
    assert queries.receipt(leaf)["sealed"] is None
    assert "红河" not in json.dumps(queries.receipt(leaf), ensure_ascii=False)
    opened = queries.receipt(leaf, with_sealed=True)
    assert opened["sealed"] == {"name": "红河", "quantity_t": "5"}
    assert receipt.check(json.dumps(opened)) == []
    forged = {**opened, "sealed": {"name": "红河", "quantity_t": "6"}}
    assert receipt.check(json.dumps(forged)) == [receipt.SEAL_BROKEN]


@pytest.mark.django_db
@pytest.mark.parametrize("is_pending", [False, True])
def test_no_altered_byte_of_a_receipt_goes_unnoticed(*, is_pending: bool) -> None:
    leaf = journal.append(Entry("trial.taken", {"i": 1}, SEALED), now=NOW) if is_pending else logged(20)
    document = queries.receipt(leaf, with_sealed=True)
    text = json.dumps(document, ensure_ascii=False)
    for at in range(len(text)):
        altered = text[:at] + ("0", "A", "b", '"')[at % 4] + text[at + 1 :]
        assert altered == text or receipt.check(altered) or json.loads(altered) == document


@pytest.mark.django_db
def test_a_receipt_signed_by_another_key_is_refused_by_who_knows_the_key() -> None:
    document = queries.receipt(logged())
    text = json.dumps(document)
    assert receipt.check(text, trusted_key=str(document["public_key"])) == []
    assert receipt.check(text, trusted_key="tonnebook/other+00000000+AQ==") == [receipt.KEY_NOT_TRUSTED]


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", '"\ud800"', "[" * 100_000, '{"a":1,"a":1}', "NaN"])
def test_what_is_no_receipt_is_called_so(text: str) -> None:
    assert receipt.check(text) == [receipt.NOT_A_RECEIPT]


@pytest.mark.django_db
@pytest.mark.parametrize("leaf", ["00" * 32, "no hash", ""])
def test_a_leaf_nobody_wrote_has_no_receipt(leaf: str) -> None:
    with pytest.raises(Refused) as refused:
        queries.receipt(leaf)
    assert refused.value.code is LogRefusal.NO_SUCH_LEAF
