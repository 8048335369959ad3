"""Credits of other registries: which proofs come in, and which may be used."""

import itertools
from dataclasses import replace
from datetime import date

import pytest

from tonnebook.core import foreign_credits
from tonnebook.core.errors import Refused
from tonnebook.core.examples import parameters
from tonnebook.core.foreign_credits import CancelledBlock, ForeignCreditRefusal
from tonnebook.core.ledger import AssetKind

ENTITY, OTHER = "91310000MA1FL0001K", "91310000MA1FL0002H"
BLOCK = CancelledBlock(
    scheme="CCER",
    serial_from=1001,
    serial_to=1500,
    entity=ENTITY,
    year=2026,
    project="CCER-01-001",
    project_kind="WIND",
    province="NM",
    gas="CO2",
    boundary="",
    reduced_from_on=date(2024, 1, 1),
    registered_on=date(2025, 6, 1),
    cancelled_on=date(2027, 5, 1),
    certificate="C-1",
)
RULES = parameters.rules(
    {
        "region.credit_scheme": "SHCER",
        "surrender.credit_schemes": "CCER | SHCER",
        "surrender.credit.generated_from_on": "2013-01-01",
        "surrender.credit.registered_from_on": "2024-01-22",
        "surrender.credit.excluded_types": "HYDROPOWER | NUCLEAR",
        "surrender.credit.own_boundary_barred": "yes",
        "surrender.credit.gases": "CO2",
        "surrender.vintage.old_credit_filed_before_on": "2025-06-01",
        "surrender.credit_filed_before_last_use_on": "2025-12-31",
    }
)


def test_a_block_counts_one_tonne_per_number() -> None:
    assert (BLOCK.quantity_t, BLOCK.serials) == (500, "CCER 1001-1500")
    assert (BLOCK.asset.kind, BLOCK.asset.scheme) == (AssetKind.CREDIT, "CCER")


def test_blocks_of_different_schemes_never_meet_on_the_line() -> None:
    ends = [foreign_credits.line_of(scheme, 1, 10**15 - 1) for scheme in foreign_credits.SCHEMES]
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(ends))
    assert foreign_credits.line_of("CCER", 1, 1) == (1, 2)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"scheme": "ABC"}, ForeignCreditRefusal.SCHEME_UNKNOWN),
        ({"scheme": "SHCER"}, ForeignCreditRefusal.ISSUED_HERE),
        ({"serial_from": 0}, ForeignCreditRefusal.WRONG_SERIALS),
        ({"serial_from": 1501}, ForeignCreditRefusal.WRONG_SERIALS),
        ({"serial_to": 10**15}, ForeignCreditRefusal.WRONG_SERIALS),
    ],
)
def test_a_proof_that_cannot_be_one_does_not_come_in(change: dict[str, object], expected: ForeignCreditRefusal) -> None:
    with pytest.raises(Refused) as caught:
        foreign_credits.check_arrival(replace(BLOCK, **change), RULES)  # type: ignore[arg-type]
    assert caught.value.code is expected


# Each row keeps the fault of the rows below it: the earlier one speaks first.
FAULTS: list[tuple[ForeignCreditRefusal, dict[str, object]]] = [
    (ForeignCreditRefusal.PROOF_OF_ANOTHER, {"entity": OTHER}),
    (ForeignCreditRefusal.PROOF_OF_OTHER_YEAR, {"year": 2025}),
    (ForeignCreditRefusal.SCHEME_NOT_ADMITTED, {"scheme": "GEC"}),
    (ForeignCreditRefusal.REDUCED_TOO_EARLY, {"reduced_from_on": date(2012, 12, 31)}),
    (ForeignCreditRefusal.REGISTERED_TOO_EARLY, {"registered_on": date(2024, 1, 21)}),
    (ForeignCreditRefusal.LAST_USE_OVER, {"registered_on": date(2025, 5, 31)}),
    (ForeignCreditRefusal.GAS_NOT_COUNTED, {"gas": "CH4"}),
    (ForeignCreditRefusal.KIND_EXCLUDED, {"project_kind": "HYDROPOWER"}),
    (ForeignCreditRefusal.INSIDE_BOUNDARY, {"boundary": OTHER}),
]


@pytest.mark.parametrize("place", range(len(FAULTS)))
def test_the_first_ground_against_a_proof_is_named(place: int) -> None:
    change = {name: value for _, faults in reversed(FAULTS[place:]) for name, value in faults.items()}
    found = foreign_credits.unusable(replace(BLOCK, **change), entity=ENTITY, covered=[OTHER], rules=RULES)  # type: ignore[arg-type]
    assert found is not None
    assert found.code is FAULTS[place][0]
    assert found.zh


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"reduced_from_on": date(2013, 1, 1)},
        {"registered_on": date(2025, 6, 1)},
        {"boundary": OTHER},
    ],
)
def test_a_proof_on_the_right_side_of_every_limit_may_be_used(change: dict[str, object]) -> None:
    block = replace(BLOCK, **change)  # type: ignore[arg-type]
    assert foreign_credits.unusable(block, entity=ENTITY, covered=[ENTITY], rules=RULES) is None


DELTA = parameters.rules(
    {
        "surrender.sub_limit.outside_delta": "0.02",
        "surrender.sub_limit_spares.outside_delta": "SH | JS | ZJ | AH",
    }
)


@pytest.mark.parametrize(("province", "labels"), [("AH", set()), ("NM", {"outside_delta"}), ("", {"outside_delta"})])
def test_a_limit_of_its_own_spares_the_provinces_it_names(province: str, labels: set[str]) -> None:
    assert foreign_credits.labels(replace(BLOCK, province=province), DELTA) == labels
    assert foreign_credits.labels(replace(BLOCK, province=province), RULES) == set()


def test_own_boundary_is_barred_whoever_is_covered() -> None:
    block = replace(BLOCK, boundary=ENTITY)
    assert foreign_credits.unusable(block, entity=ENTITY, covered=[], rules=RULES) is not None
