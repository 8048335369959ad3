"""Credits of another registry: taken in by serial number, used whole and once, looked at again when confirmed."""

from dataclasses import replace
from datetime import date
from typing import cast

import pytest
from django.db import IntegrityError, transaction
from tests.unit.compliance.stage import NEXT_SUMMER, NORTH_POWER, RED_RIVER, REGION, STEELWORKER, YEAR, ZHOU, Stage

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.models import CancellationProof, SurrenderProof
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.foreign_credits import CancelledBlock, ForeignCreditRefusal
from tonnebook.core.surrender import SurrenderRefusal, SurrenderState

TODAY = NEXT_SUMMER.date()
BLOCK = CancelledBlock(
    scheme="CCER",
    serial_from=1001,
    serial_to=2000,
    entity=RED_RIVER,
    year=YEAR,
    project="CCER-01-001",
    project_kind="WIND",
    province="NM",
    gas="CO2",
    boundary="",
    reduced_from_on=date(2025, 1, 1),
    registered_on=date(2026, 1, 1),
    cancelled_on=date(2027, 5, 1),
    certificate="C-1",
)


@pytest.fixture
def due(stage: Stage) -> Stage:
    """60,000 t are due, of them at most 3,000 t in credits, and 1,000 t of CCER were cancelled for them."""
    stage.first_batch()
    stage.determine(red_t=60_000, north_t=50_000)
    _import(stage, BLOCK)
    return stage


def _import(stage: Stage, *blocks: CancelledBlock) -> None:
    compliance.import_cancellations(ZHOU, region=REGION, rows=blocks, key=stage.key(), now=NEXT_SUMMER)


def _submit(stage: Stage, proofs: list[str], lines: dict[str, int] | None = None, *, shown_t: int = 1_000) -> str:
    answer = compliance.submit_surrender(
        STEELWORKER,
        entity=RED_RIVER,
        year=YEAR,
        lines=[compliance.SurrenderLine(asset, quantity_t) for asset, quantity_t in (lines or {}).items()],
        proofs=proofs,
        shown_total_t=shown_t,
        key=stage.key(),
        now=NEXT_SUMMER,
    )
    return str(answer["surrender"])


def _refusal(stage: Stage, proofs: list[str], **changes: object) -> Refusal:
    with pytest.raises(Refused) as caught:
        _submit(stage, proofs, **changes)  # type: ignore[arg-type]
    return caught.value.code


def test_a_proof_counts_as_credits_and_moves_nothing_here(due: Stage) -> None:
    number = _submit(due, [BLOCK.serials], {"SHEA-2026": 59_000}, shown_t=60_000)
    place = queries.position(RED_RIVER, YEAR, TODAY)
    assert (place.submitted_t, place.due_t) == (60_000, 0)
    assert due.confirm(number) == {"confirmed": 1, "surrendered_t": 60_000, "credits_t": 1_000}
    (row,) = queries.surrenders(RED_RIVER, YEAR)
    assert row.lines == (("SHEA-2026", 59_000), (BLOCK.serials, 1_000))
    assert due.held(RED_RIVER) == {"SHEA-2026": 11_000}


def test_a_surrender_of_proofs_alone_needs_no_transfer(due: Stage) -> None:
    due.confirm(_submit(due, [BLOCK.serials]))
    (row,) = queries.surrenders(RED_RIVER, YEAR)
    assert (row.state, row.transfer) == (SurrenderState.CONFIRMED, "")


def test_a_proof_is_used_once_until_its_surrender_is_withdrawn(due: Stage) -> None:
    number = _submit(due, [BLOCK.serials])
    assert _refusal(due, [BLOCK.serials]) is ForeignCreditRefusal.PROOF_USED
    assert [one.used_in for one in queries.proofs_of(RED_RIVER, region=REGION, year=YEAR, today=TODAY)] == [number]
    compliance.withdraw_surrender(STEELWORKER, surrender=number, key=due.key(), now=NEXT_SUMMER)
    due.confirm(_submit(due, [BLOCK.serials]))
    assert _refusal(due, [BLOCK.serials]) is ForeignCreditRefusal.PROOF_USED


def test_a_proof_is_matched_by_its_very_numbers_and_its_owner(due: Stage) -> None:
    _import(due, replace(BLOCK, serial_from=1, serial_to=10, entity=NORTH_POWER))
    assert _refusal(due, ["CCER 1001-1999"]) is ForeignCreditRefusal.PROOF_UNKNOWN
    assert _refusal(due, ["CCER 1-10"]) is ForeignCreditRefusal.PROOF_UNKNOWN
    assert _refusal(due, [BLOCK.serials], shown_t=999) is SurrenderRefusal.TOTAL_DIFFERS


def test_proofs_share_the_limit_with_credits_held_here(due: Stage) -> None:
    _import(due, replace(BLOCK, serial_from=5001, serial_to=7001))
    assert _refusal(due, [BLOCK.serials, "CCER 5001-7001"], shown_t=3_001) is SurrenderRefusal.CREDITS_BEYOND_LIMIT


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"year": YEAR - 1}, ForeignCreditRefusal.PROOF_OF_OTHER_YEAR),
        ({"boundary": NORTH_POWER}, ForeignCreditRefusal.INSIDE_BOUNDARY),
        ({"scheme": "GEC"}, ForeignCreditRefusal.SCHEME_NOT_ADMITTED),
    ],
)
def test_a_proof_that_is_not_eligible_is_refused_and_its_ground_shown(
    stage: Stage, change: dict[str, object], expected: ForeignCreditRefusal
) -> None:
    barred = rulebook.overlay(REGION, YEAR) + _BARRED
    stage.cover()
    stage.adopt(barred)
    stage.determine(red_t=60_000)
    block = replace(BLOCK, **change)  # type: ignore[arg-type]
    _import(stage, block)
    assert _refusal(stage, [block.serials]) is expected
    for row in queries.proofs_of(RED_RIVER, region=REGION, year=YEAR, today=TODAY):
        assert row.refusal is not None
        assert row.refusal.code is expected


def test_credits_from_afar_share_a_limit_of_their_own_until_they_are_confirmed(stage: Stage) -> None:
    stage.cover()
    stage.adopt(rulebook.overlay(REGION, YEAR) + _FAR)
    stage.determine(red_t=60_000)
    near, far = replace(BLOCK, province="JS", serial_from=1, serial_to=600), replace(BLOCK, serial_to=1600)
    further = [replace(BLOCK, serial_from=first, serial_to=last) for first, last in ((2001, 2600), (3001, 3601))]
    _import(stage, near, far, *further)
    first = _submit(stage, [far.serials, near.serials], shown_t=1_200)
    assert _refusal(stage, [further[1].serials], shown_t=601) is SurrenderRefusal.SUB_LIMIT_EXCEEDED
    stage.confirm(first)
    assert _refusal(stage, [further[1].serials], shown_t=601) is SurrenderRefusal.SUB_LIMIT_EXCEEDED
    stage.confirm(_submit(stage, [further[0].serials], shown_t=600))


def test_a_proof_is_asked_about_again_when_it_is_confirmed(due: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    number = _submit(due, [BLOCK.serials])
    refused = Refused(ForeignCreditRefusal.INSIDE_BOUNDARY, serials=BLOCK.serials, boundary=NORTH_POWER)
    monkeypatch.setattr("tonnebook.core.foreign_credits.unusable", lambda *_given, **_named: refused)
    with pytest.raises(Refused) as caught:
        due.confirm(number)
    assert caught.value.code is ForeignCreditRefusal.INSIDE_BOUNDARY


def test_a_number_comes_in_once_whoever_it_is_for(due: Stage) -> None:
    for other in (BLOCK, replace(BLOCK, serial_from=2000, serial_to=2100, entity=NORTH_POWER)):
        with pytest.raises(Refused) as caught:
            _import(due, other)
        assert caught.value.code is ForeignCreditRefusal.SERIALS_TAKEN
    with pytest.raises(Refused) as caught:
        _import(due, replace(BLOCK, serial_from=10, serial_to=20), replace(BLOCK, serial_from=20, serial_to=30))
    assert caught.value.code is ForeignCreditRefusal.SERIALS_TAKEN
    _import(due, replace(BLOCK, serial_from=2001, serial_to=2100))


def test_the_database_takes_no_number_twice(due: Stage) -> None:
    row = CancellationProof.objects.get()
    row.pk, row.line_from, row.line_to = None, row.line_from + 1, row.line_to + 1
    with pytest.raises(IntegrityError, match="compliance_proof_one_line"), transaction.atomic():
        row.save(force_insert=True)


def test_the_database_uses_no_proof_twice_and_gives_none_back_after_the_confirmation(due: Stage) -> None:
    due.confirm(_submit(due, [BLOCK.serials]))
    use = SurrenderProof.objects.get()
    with pytest.raises(IntegrityError, match="compliance_proof_used_once"), transaction.atomic():
        SurrenderProof.objects.create(surrender=use.surrender, proof=use.proof, quantity_t=1_000)
    with pytest.raises(IntegrityError, match="A7"), transaction.atomic():
        SurrenderProof.objects.update(is_withdrawn=True)
    with pytest.raises(IntegrityError, match="A7"), transaction.atomic():
        SurrenderProof.objects.all().delete()


def test_many_surrenders_may_name_proofs(due: Stage) -> None:
    drafts = [compliance.SurrenderDraft(RED_RIVER, (), (BLOCK.serials,))]
    answer = compliance.submit_surrenders(ZHOU, region=REGION, year=YEAR, rows=drafts, key=due.key(), now=NEXT_SUMMER)
    assert len(cast("list[str]", answer["surrenders"])) == 1


_BARRED = """
surrender.credit.own_boundary_barred:
  description: {zh: "是否排除纳管单位边界内的减排量", en: "Whether credits from inside a covered boundary are barred"}
  unit: flag
  values:
    CY2026: {value: "yes", reference: {source: D00, article: "test"}, status: scenario, published_on: null,
      last_checked_on: 2026-11-21}
"""
_FAR = """
surrender.sub_limit.outside_yangtze_delta:
  description: {zh: "长三角以外减排量上限（占比）", en: "Limit of credits from outside the Yangtze delta (share)"}
  unit: share
  values:
    CY2026: {value: "0.02", reference: {source: D00, article: "test"}, status: scenario, published_on: null,
      last_checked_on: 2026-11-21}
surrender.sub_limit_spares.outside_yangtze_delta:
  description: {zh: "长三角省市", en: "Provinces and cities of the Yangtze delta"}
  unit: words
  values:
    CY2026: {value: "SH | JS | ZJ | AH", reference: {source: D00, article: "test"}, status: scenario,
      published_on: null, last_checked_on: 2026-11-21}
"""
