"""Between any two sizes the log proves that it was not rewritten; the second pair of eyes checks."""

import pytest
from tests.unit.web.town import NOW, Town

from tonnebook.core.errors import Refused
from tonnebook.core.keys import LogRefusal
from tonnebook.journal import queries as log
from tonnebook.journal import services as journal
from tonnebook_audit import consistency


@pytest.fixture
def signed(town: Town) -> Town:
    """Two checkpoints with entries between them."""
    for step in (lambda: None, town.stage.cover):
        step()
        journal.integrate(now=NOW)
        journal.publish_checkpoint(now=NOW)
    return town


def test_the_page_compares_the_first_checkpoint_with_the_latest(signed: Town) -> None:
    for language in ("en", "zh-hans"):
        answer = signed.browser(language=language).get("/public/log/consistency")
        assert answer.context["comparison"].holds
    first, last = log.first_checkpoint(), log.latest_checkpoint()
    assert first
    assert last
    assert first.size < last.size
    row = answer.context["comparison"].row
    assert (row.old_root, row.new_root) == (first.root, last.root)


def test_the_file_holds_what_anybody_needs_to_check(signed: Town) -> None:
    told = signed.browser().get("/public/log/consistency.json?from=1").json()
    roots = {name: bytes.fromhex(told[name]) for name in ("old_root", "new_root")}
    proof = [bytes.fromhex(node) for node in told["proof"]]
    assert consistency.holds(old_size=told["old_size"], new_size=told["new_size"], proof=proof, **roots)
    assert not consistency.holds(old_size=told["old_size"], new_size=told["new_size"], proof=proof[1:], **roots)


@pytest.mark.parametrize("sizes", ["from=0&to=1", "from=9&to=2", "from=1&to=999999"])
def test_sizes_the_log_never_had_are_refused(signed: Town, sizes: str) -> None:
    answer = signed.browser().get(f"/public/log/consistency?{sizes}")
    assert answer.status_code == 404
    assert "The log never had" in answer.content.decode()


def test_every_pair_of_sizes_has_a_proof(signed: Town) -> None:
    size = log.log_size()
    for old_size in range(1, size + 1):
        row = log.consistency(old_size=old_size, new_size=size)
        roots = bytes.fromhex(row.old_root), bytes.fromhex(row.new_root)
        proof = [bytes.fromhex(node) for node in row.proof]
        checked = {"old_size": old_size, "new_size": size}
        assert consistency.holds(**checked, old_root=roots[0], new_root=roots[1], proof=proof)
        assert old_size == size or not consistency.holds(**checked, old_root=roots[1], new_root=roots[0], proof=proof)


def test_an_empty_log_has_no_sizes(town: Town) -> None:
    assert "No checkpoint yet" in town.browser().get("/public/log/consistency").content.decode()
    with pytest.raises(Refused) as refused:
        log.consistency(old_size=1, new_size=1)
    assert refused.value.code is LogRefusal.NO_SUCH_SIZES
