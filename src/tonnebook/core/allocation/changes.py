"""What happens to entities within a year (关停、迁出、合并、分立、边界变化), and whose past is whose from then on.

A change takes a share of an entity's past from its day on: to a successor (merger, division, a facility sold) or to
nobody (closure, move out of the region, a line shut down). In the year of the change the share counts for what is left
of the year, later in full. Base years then add up to what they were before, to the tonne, less what goes to nobody.
Output and emission of the year itself are reported by each entity for its own part and are not touched.
"""

from calendar import isleap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import trace, units
from tonnebook.core.allocation import history
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced

_MONTHS = 12
_PLACES = 6


class ChangeKind(StrEnum):
    """What happened to an entity."""

    CLOSURE = "CLOSURE"
    RELOCATION = "RELOCATION"
    MERGER = "MERGER"
    DIVISION = "DIVISION"
    BOUNDARY = "BOUNDARY"


class ProRata(StrEnum):
    """How the rest of a year is counted, as `allocation.change.pro_rata` names it."""

    MONTHS = "MONTHS"
    DAYS = "DAYS"


class ChangeRefusal(Refusal):
    """Why a change is not recorded, in order of precedence."""

    CHANGE_NOT_YET = Sentence("{on} 尚未到来。", "{on} has not come.", "design choice", status=422)
    WRONG_SHARE = Sentence(
        "“{kind}”的转移比例不能是 {share}：关停、迁出、合并为 1，分立、边界变化在 0 与 1 之间。",
        "“{kind}” cannot take a share of {share}: 1 for closure, move and merger, between 0 and 1 for division and "
        "boundary.",
        "design choice",
        status=422,
    )
    SUCCESSOR_NEEDED = Sentence(
        "合并、分立须写明承继单位，且不能是本单位。",
        "A merger or division names its successor, which is another company.",
        "design choice",
        status=422,
    )
    NO_SUCCESSOR = Sentence(
        "关停、迁出没有承继单位。", "A closure or move has no successor.", "design choice", status=422
    )
    DOCUMENT_NEEDED = Sentence(
        "须写明所依据的文件。", "Name the document it rests on.", "S02 item 10; S30 Art. 18", status=422
    )
    ALREADY_GONE = Sentence(
        "{entity} 已于 {on} 关停、迁出或并入其他单位。",
        "{entity} closed, moved away or merged into another on {on}.",
        "design choice",
    )
    CHANGE_TOO_LATE = Sentence(
        "{entity} 的 {year} 年度第二批次已核发；请通过异议程序更正。",
        "The second batch of {year} has been issued to {entity}; correct it by an objection.",
        "S02 item 4",
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one entity.

    Attributes:
        number: of the record.
        entity: unified social credit code of whoever gives its past up.
        kind: what happened.
        on: first day it is so.
        share: part of the past that is given up, > 0 and <= 1, of what was left after earlier changes.
        successor: code of who takes it over; empty for nobody.
    """

    number: str
    entity: str
    kind: ChangeKind
    on: date
    share: Decimal
    successor: str = ""


_WHOLE = frozenset({ChangeKind.CLOSURE, ChangeKind.RELOCATION, ChangeKind.MERGER})
_ENDING = frozenset({ChangeKind.CLOSURE, ChangeKind.RELOCATION})
_HANDING_ON = frozenset({ChangeKind.MERGER, ChangeKind.DIVISION})


def check(change: Change, *, document: str, before: Iterable[Change], today: date) -> None:
    """Check a change before it is recorded.

    Args:
        change: what is to be recorded.
        document: paper it rests on.
        before: changes recorded of the same entity.
        today: the day.

    Raises:
        Refused: CHANGE_NOT_YET, WRONG_SHARE, SUCCESSOR_NEEDED, NO_SUCCESSOR, DOCUMENT_NEEDED, ALREADY_GONE.

    Source: S02 item 10, S30 Art. 18 (closure and move are reported); the shares: design choice, no legal source.
    """
    if change.on > today:
        raise Refused(ChangeRefusal.CHANGE_NOT_YET, on=change.on)
    fits = change.share == 1 if change.kind in _WHOLE else 0 < change.share < 1
    if not fits:
        raise Refused(ChangeRefusal.WRONG_SHARE, kind=change.kind.value, share=format(change.share, "f"))
    if change.successor == change.entity or (change.kind in _HANDING_ON and not change.successor):
        raise Refused(ChangeRefusal.SUCCESSOR_NEEDED)
    if change.kind in _ENDING and change.successor:
        raise Refused(ChangeRefusal.NO_SUCCESSOR)
    if not document.strip():
        raise Refused(ChangeRefusal.DOCUMENT_NEEDED)
    gone_on = min((one.on for one in before if one.kind in _WHOLE), default=None)
    if gone_on is not None:
        raise Refused(ChangeRefusal.ALREADY_GONE, entity=change.entity, on=gone_on)


def is_end(kind: ChangeKind) -> bool:
    """Say whether an entity is gone after such a change."""
    return kind in _WHOLE


def applied(facts: Mapping[str, EntityFacts], changes: Iterable[Change], rules: RulesAt) -> dict[str, EntityFacts]:
    """Let changes take effect on what the allowances of a year are computed from.

    Args:
        facts: by entity; those who gave something up stand in it as well, inside the scheme or not.
        changes: of these entities.
        rules: rules of the compliance year; `allocation.change.pro_rata` counts the rest of a year.

    Returns:
        Facts by entity; whoever no change concerns as before. Base years keep their sum, to the tonne and the millionth
            of a product's unit, but for what goes to nobody.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE when the rules do not say how the rest of a year is counted.

    Source: design choice, no legal source (the sources name the events and what they cost, S02 item 10, S30 Art. 18,
        but no formula for base years).
    """
    year, past = rules.year or 0, {entity: _Past.of(one) for entity, one in facts.items()}
    touched: set[str] = set()
    for change in sorted(changes, key=lambda one: (one.on, one.number)):
        giver, taker = past.get(change.entity), past.get(change.successor)
        if change.on.year > year or giver is None:
            continue
        touched |= {change.entity, change.successor}
        for base_year in [one for one in giver.emissions if one <= change.on.year]:
            share = moved_share(change, base_year, rules)
            giver.give(base_year, share, change, taker)
    return {entity: past[entity].on(one, year) if entity in touched else one for entity, one in facts.items()}


def moved_share(change: Change, base_year: int, rules: RulesAt) -> Traced:
    """Compute which share of a base year's figures an entity gives up by a change.

    Args:
        change: the change.
        base_year: not after the year of the change.
        rules: rules of the compliance year, which is not before the year of the change.

    Returns:
        In the year of the change: the share times what is left of that year. Later: the share of the years before, and
            of the year of the change itself what belongs to its days before the change. 0 to 1.

    Source: design choice, no legal source; counting by months or days: `allocation.change.pro_rata`.
    """
    share = trace.given(change.share, "", zh=f"转移比例（{change.number}）", en=f"share given up ({change.number})")
    if base_year < change.on.year < (rules.year or 0):
        return share
    rest = rest_of_year(change.on, rules)
    counted = trace.product([share, rest], "", zh="转移比例×当年剩余时间", en="share × what is left of the year")
    if change.on.year == rules.year:
        return counted
    one = trace.given(1, "", zh="一", en="one")
    kept = trace.difference(one, counted, "", zh="变更当年仍由本单位承担", en="its own part of the year of the change")
    if not kept.value:
        return trace.given(0, "", zh="变更当年全部在变更之后", en="all of that year is after the change")
    early = trace.difference(one, rest, "", zh="变更前的时间", en="part of the year before the change")
    top = trace.product([share, early], "", zh="转移比例×变更前时间", en="share × part before")
    return trace.quotient(top, kept, "", zh="变更当年应转移比例", en="share of the year of the change given up")


def rest_of_year(on: date, rules: RulesAt) -> Traced:
    """Compute which part of a year is left from a day on, that day included; a month begun counts as gone.

    Source: design choice, no legal source; by months or days: `allocation.change.pro_rata`.
    """
    if ProRata(rules.text("allocation.change.pro_rata")) is ProRata.DAYS:
        left, whole, zh, en = (date(on.year, 12, 31) - on).days + 1, 365 + isleap(on.year), "天", "days"
    else:
        left, whole, zh, en = _MONTHS - on.month + (on.day == 1), _MONTHS, "月", "months"
    parts = (
        trace.given(left, "", zh=f"自{on}起剩余（{zh}）", en=f"left from {on} on ({en})"),
        trace.given(whole, "", zh=f"全年（{zh}）", en=f"of the year ({en})"),
    )
    return trace.quotient(*parts, "", zh="当年剩余时间占比", en="part of the year that is left")


# The past of one entity while changes move parts of it.
@dataclass(slots=True)
class _Past:
    emissions: dict[int, Traced]
    outputs: dict[int, dict[str, Decimal]]
    split: dict[int, dict[str, Decimal]]

    @classmethod
    def of(cls, facts: EntityFacts) -> "_Past":
        emissions = {
            year: facts.derived_t.get(year)
            or trace.given(tonnes, "t", zh=f"{year}年审定排放量", en=f"determined emission of {year}")
            for year, tonnes in facts.emissions_t.items()
        }
        outputs = {year: dict(made) for year, made in facts.outputs.items()}
        return cls(emissions, outputs, {year: dict(split) for year, split in facts.product_emissions.items()})

    def give(self, year: int, share: Traced, change: Change, taker: "_Past | None") -> None:
        sides = [self] if taker is None else [self, taker]
        if any(side.split.get(year) for side in sides):
            for side in sides:
                side.split_up(year)
        emission = self.emissions[year]
        exact = trace.product([emission, share], "t", zh="排放量×转移比例", en="emission × share given up")
        moved = trace.floor(exact, zh="转出的基准年排放量（舍去小数）", en="emission given up, rounded down")
        self.emissions[year] = trace.difference(
            emission, moved, "t", zh=f"变更后{year}年排放量", en=f"emission of {year} after the change"
        )
        if taker is not None:
            taker.take(year, moved, change)
        for name in ("outputs", "split"):
            own, others = getattr(self, name), getattr(taker, name) if taker else {}
            for product, quantity in own.get(year, {}).items():
                part = units.floor(units.EXACT.multiply(quantity, share.value), _PLACES)
                own[year][product] = quantity - part
                target = others.setdefault(year, {})
                target[product] = target.get(product, Decimal(0)) + part

    def take(self, year: int, moved: Traced, change: Change) -> None:
        words = {
            "zh": f"承继自{change.entity}（{change.number}）",
            "en": f"taken over from {change.entity} ({change.number})",
        }
        parts = [self.emissions[year]] if year in self.emissions else []
        parts.append(trace.given(moved.whole, "t", **words))
        self.emissions[year] = trace.total(
            parts, "t", zh=f"变更后{year}年排放量", en=f"emission of {year} after the change"
        )

    # So that a product whose emission one side declares does not swallow what the other side made of it.
    def split_up(self, year: int) -> None:
        made = {name: quantity for name, quantity in self.outputs.get(year, {}).items() if quantity}
        if made and year in self.emissions:
            parts = history.attribute(self.emissions[year].whole, made, self.split.get(year, {}))
            self.split[year] = {name: units.floor(units.settled(tonnes), _PLACES) for name, tonnes in parts.items()}

    def on(self, facts: EntityFacts, year: int) -> EntityFacts:
        stands_in = facts.determined_t is None and year - 1 in self.outputs
        return replace(
            facts,
            emissions_t={one: emission.whole for one, emission in self.emissions.items()},
            outputs=self.outputs,
            output=self.outputs[year - 1] if stands_in else facts.output,
            derived_t={one: emission for one, emission in self.emissions.items() if emission.inputs},
            product_emissions={one: split for one, split in self.split.items() if split},
        )
