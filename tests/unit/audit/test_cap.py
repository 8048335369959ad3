"""The auditor finds a cap that was passed, whoever passed it: batches, or batches and auctions together."""

import pytest
from tests.unit.compliance.stage import REGION, YEAR, Stage, open_stage

from tonnebook import rulebook
from tonnebook.compliance.services import issuing
from tonnebook.journal import queries as journal
from tonnebook_audit.auditor import audit


def _breaks_at(cap_t: int, *, offered_t: int = 0, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    stage: Stage = open_stage()
    monkeypatch.setattr(issuing, "check_cap", lambda *_: None)
    stage.cover()
    stage.adopt(rulebook.overlay(REGION, YEAR).replace('"79000000"', f'"{cap_t}"'))
    stage.compute()
    assert stage.issue()["issued_t"] == 105_000
    if offered_t:
        stage.offer(offered_t)
    found = {one.check for one in audit(journal.audit_url()).breaks}
    # What was offered here belongs to no auction of the market, which is found as well.
    return sorted(found - {"offer", "carried"})


@pytest.mark.parametrize(("cap_t", "breaks"), [(105_000, []), (104_999, ["cap"])])
def test_batches_beyond_the_cap_are_found(
    fresh_database: str, cap_t: int, breaks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _breaks_at(cap_t, monkeypatch=monkeypatch) == breaks


@pytest.mark.parametrize(("offered_t", "breaks"), [(500, []), (501, ["cap"])])
def test_auctions_after_the_batches_count_against_the_cap(
    fresh_database: str, offered_t: int, breaks: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _breaks_at(105_500, offered_t=offered_t, monkeypatch=monkeypatch) == breaks
