"""Draws through the services: committed before the frame closes, published, repeated by a stranger's script."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.emissions.story import (
    NEXT_YEAR,
    NORTH_POWER,
    OTHER_VERIFIER,
    PLAIN_SCALE,
    RED_RIVER,
    REGION,
    STRANGER,
    TRUE_MEASURE,
    YEAR,
    ZHOU,
    Story,
)

from tonnebook.core import draw
from tonnebook.core.bodies import InterestKind
from tonnebook.core.draw import DrawKind, DrawRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import AccessRefusal
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import VerifierAssignment
from tonnebook.journal.models import JournalLeaf
from tonnebook_audit import draw as second


def refused(code: Refusal, action: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        action()
    assert caught.value.code is code


def announce(story: Story, kind: DrawKind = DrawKind.VERIFIERS) -> str:
    told = {"region": REGION, "year": YEAR, "kind": kind}
    answer = emissions.announce_draw(ZHOU, **told, key=story.key(), now=NEXT_YEAR)  # type: ignore[arg-type]
    return str(answer["draw"])


def hold(story: Story, number: str) -> object:
    return emissions.hold_draw(ZHOU, number=number, key=story.key(), now=NEXT_YEAR)


def reported(story: Story) -> None:
    for entity in (RED_RIVER, NORTH_POWER):
        story.plan(entity=entity)
        story.report(entity=entity)


def test_bodies_are_drawn_with_a_seed_that_was_committed_to_before_and_anybody_repeats_it(story: Story) -> None:
    number = announce(story)
    reported(story)
    hold(story, number)
    published: dict[str, Any] = dict(queries.published_draw(number))
    assert second.check(published) == []
    assigned = VerifierAssignment.objects.values_list("entity__uscc", "verifier__uscc")
    assert published["result"] == sorted([entity, body] for entity, body in assigned)
    assert set(VerifierAssignment.objects.values_list("draw", flat=True)) == {number}
    leaves = {leaf.kind: leaf.payload for leaf in JournalLeaf.objects.filter(kind__startswith="emissions.draw")}
    assert draw.commitment(str(published["seed"])) in leaves["emissions.draw.announced"]
    assert str(published["seed"]) not in leaves["emissions.draw.announced"]
    assert str(published["seed"]) in leaves["emissions.draw.held"]


def test_whoever_is_not_independent_is_not_in_the_draw(story: Story) -> None:
    reported(story)
    told = {"entity": RED_RIVER, "kind": InterestKind.ADVISED, "year": YEAR}
    emissions.declare_interest(OTHER_VERIFIER, **told, key=story.key(), now=NEXT_YEAR)  # type: ignore[arg-type]
    number = announce(story)
    hold(story, number)
    published: dict[str, Any] = dict(queries.published_draw(number))
    frame = {one["code"]: one["bodies"] for one in published["frame"]}
    assert frame == {RED_RIVER: [TRUE_MEASURE], NORTH_POWER: sorted([TRUE_MEASURE, PLAIN_SCALE])}


def test_a_draw_is_announced_once_and_held_once(story: Story) -> None:
    number = announce(story)
    refused(DrawRefusal.DRAW_OPEN_ALREADY, lambda: announce(story))
    refused(DrawRefusal.NO_SUCH_DRAW, lambda: queries.published_draw(number))
    refused(DrawRefusal.NOTHING_TO_DRAW, lambda: hold(story, number))
    reported(story)
    hold(story, number)
    refused(DrawRefusal.ALREADY_DRAWN, lambda: hold(story, number))
    refused(DrawRefusal.NO_SUCH_DRAW, lambda: hold(story, "DR-0"))
    refused(
        AccessRefusal.NOT_PERMITTED,
        lambda: emissions.hold_draw(STRANGER, number=number, key=story.key(), now=NEXT_YEAR),
    )


def test_re_checks_are_drawn_among_the_verified_by_risk(story: Story) -> None:
    story.verified()
    number = announce(story, DrawKind.RECHECKS)
    hold(story, number)
    published = dict(queries.published_draw(number))
    assert published["result"] == [[RED_RIVER]]
    assert second.check(published) == []
    (row,) = queries.draws(REGION)
    assert (row.number, row.drawn, row.kind) == (number, 1, DrawKind.RECHECKS)


def test_ratings_count_what_was_signed(story: Story) -> None:
    story.verified()
    rows = {row.body.organisation: row for row in queries.rated_bodies(REGION, YEAR, NEXT_YEAR.date())}
    assert rows[TRUE_MEASURE].record.signed == 1
    assert rows[TRUE_MEASURE].rating.value == 100
    assert rows[PLAIN_SCALE].record.signed == 0
