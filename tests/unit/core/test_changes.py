"""What a change does to the past of entities: nothing is lost but what goes to nobody."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonnebook.core import trace
from tonnebook.core.allocation import changes
from tonnebook.core.allocation.changes import Change, ChangeKind, ChangeRefusal
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.errors import Refused
from tonnebook.core.examples import parameters
from tonnebook.core.rules import RulesAt

YEAR = 2026
TODAY = date(2026, 9, 1)


def _rules(by: str = "MONTHS") -> RulesAt:
    return parameters.rules({"allocation.change.pro_rata": by}, year=YEAR)


def _facts(entity: str, tonnes: int, made: str) -> EntityFacts:
    years = range(YEAR - 3, YEAR)
    return EntityFacts(
        entity,
        "industry",
        dict.fromkeys(years, tonnes),
        {year: {"goods": Decimal(made)} for year in years},
        {"goods": Decimal(made)},
    )


def _change(kind: ChangeKind = ChangeKind.MERGER, share: str = "1", successor: str = "B", **other: object) -> Change:
    return Change("EC-1", "A", kind, other.get("on", date(YEAR, 7, 1)), Decimal(share), successor)  # type: ignore[arg-type]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.decimals("0.000001", "1", places=6))),
    st.integers(0, 10**7),
    st.sampled_from(["MONTHS", "DAYS"]),
)
def test_what_one_gives_up_another_takes_over_to_the_tonne(
    given_up: Sequence[tuple[date, Decimal]], tonnes: int, by: str
) -> None:
    facts = {"A": _facts("A", tonnes, "1234.567891"), "B": _facts("B", 500, "7")}
    several = [
        Change(f"EC-{count:03d}", "A", ChangeKind.DIVISION, on, share, "B")
        for count, (on, share) in enumerate(given_up)
    ]
    found = changes.applied(facts, several, _rules(by))
    for year in range(YEAR - 3, YEAR):
        assert sum(one.emissions_t[year] for one in found.values()) == tonnes + 500
        assert sum(one.outputs[year]["goods"] for one in found.values()) == Decimal("1241.567891")
        assert min(one.emissions_t[year] for one in found.values()) >= 0
    for one in found.values():
        assert all(trace.replay(emission) == one.emissions_t[year] for year, emission in one.derived_t.items())


def test_whoever_is_not_concerned_stays_as_they_were() -> None:
    facts = {"A": _facts("A", 100, "1"), "C": _facts("C", 50, "1")}
    found = changes.applied(facts, [_change(ChangeKind.CLOSURE, successor="")], _rules())
    assert found["C"] is facts["C"]
    assert found["A"].emissions_t[2025] == 50
    later = _change(on=date(YEAR + 1, 1, 1))
    assert changes.applied(facts, [later], _rules()) == facts


def test_a_first_batch_is_weighed_with_the_output_that_goes_with_the_base_years() -> None:
    found = changes.applied({"A": _facts("A", 100, "10"), "B": _facts("B", 50, "6")}, [_change()], _rules())
    assert (found["A"].output["goods"], found["B"].output["goods"]) == (Decimal(5), Decimal(11))


def test_a_declared_split_of_one_side_does_not_swallow_what_the_other_made() -> None:
    own = _facts("A", 100, "10")
    split = {year: {"goods": Decimal(80)} for year in own.outputs}
    giver = EntityFacts("A", "industry", own.emissions_t, own.outputs, own.output, product_emissions=split)
    found = changes.applied({"A": giver, "B": _facts("B", 60, "5")}, [_change(on=date(YEAR, 1, 1))], _rules())
    assert found["B"].product_emissions[2025] == {"goods": Decimal(140)}
    assert found["A"].product_emissions[2025] == {"goods": Decimal(0)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_change(on=date(2026, 9, 2)), ChangeRefusal.CHANGE_NOT_YET),
        (_change(share="0.999999"), ChangeRefusal.WRONG_SHARE),
        (_change(ChangeKind.DIVISION, "1"), ChangeRefusal.WRONG_SHARE),
        (_change(ChangeKind.BOUNDARY, "0"), ChangeRefusal.WRONG_SHARE),
        (_change(successor=""), ChangeRefusal.SUCCESSOR_NEEDED),
        (_change(ChangeKind.DIVISION, "0.5", successor="A"), ChangeRefusal.SUCCESSOR_NEEDED),
        (_change(ChangeKind.CLOSURE), ChangeRefusal.NO_SUCCESSOR),
        (_change(ChangeKind.RELOCATION), ChangeRefusal.NO_SUCCESSOR),
    ],
)
def test_a_change_that_cannot_be_is_refused(change: Change, code: ChangeRefusal) -> None:
    with pytest.raises(Refused) as refused:
        changes.check(change, document="Order 7", before=(), today=TODAY)
    assert refused.value.code is code


def test_a_change_needs_its_paper_and_somebody_who_is_still_there() -> None:
    changes.check(_change(on=TODAY), document="Order 7", before=[_change(ChangeKind.DIVISION, "0.5")], today=TODAY)
    changes.check(_change(ChangeKind.BOUNDARY, "0.999999", ""), document="Order 7", before=(), today=TODAY)
    for document, before, code in (
        (" ", (), ChangeRefusal.DOCUMENT_NEEDED),
        ("Order 7", [_change()], ChangeRefusal.ALREADY_GONE),
    ):
        with pytest.raises(Refused) as refused:
            changes.check(_change(), document=document, before=before, today=TODAY)
        assert refused.value.code is code
