"""Whom the private fields of a leaf concern, and who therefore gets its receipt opened.

Opened, a receipt proves what it says: the figures of a monthly filing, of a report, of a determination, of a surrender.
It stays with whom it was given, whatever is erased here afterwards. A transfer seals the serial numbers of units in use
beside its legs, so its receipt is opened for those alone who may see them. Everybody else gets the receipt closed.
"""

from collections.abc import Mapping
from typing import cast

from tonnebook.compliance import queries as compliance
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor
from tonnebook.core.trail import LookKind
from tonnebook.journal import queries as journal
from tonnebook.journal import trail
from tonnebook.registry import queries as registry

# Leaves that name a company and seal figures of its own.
_OF_ENTITIES = frozenset(
    {"emissions.month.filed", "emissions.report.submitted", "emissions.determined", "emissions.redetermined"}
)
_OF_SURRENDERS = frozenset({"compliance.surrender.submitted", "compliance.surrender.confirmed"})
_OF_TRANSFERS = frozenset({"registry.transfer.posted"})


def receipt(leaf_hash: str, *, actor: Actor | None) -> dict[str, Json]:
    """Give the receipt of a leaf, opened for whom its private fields concern.

    Args:
        leaf_hash: 64 hexadecimal digits.
        actor: who asks, None for the public.

    Returns:
        The receipt; its `sealed` and `salt` are None for all others, and after an erasure.

    Raises:
        Refused: NO_SUCH_LEAF.

    Source: design choice, no legal source.
    """
    closed = journal.receipt(leaf_hash)
    leaf = cast(Mapping[str, Json], closed["leaf"])
    if actor is None or not leaf.get("sealed") or not _concerns(leaf, actor):
        return closed
    return journal.receipt(leaf_hash, with_sealed=True)


def _concerns(leaf: Mapping[str, Json], actor: Actor) -> bool:
    kind, facts = leaf["kind"], cast(Mapping[str, Json], leaf["facts"])
    if kind in _OF_ENTITIES:
        return facts["entity"] == actor.organisation
    if kind in _OF_SURRENDERS:
        own = compliance.surrenders(actor.organisation, int(str(facts["year"])))
        return facts["number"] in {row.number for row in own}
    return kind in _OF_TRANSFERS and bool(actor.roles & registry.KEEPERS) and _is_kept_by(actor, str(facts["number"]))


def _is_kept_by(actor: Actor, number: str) -> bool:
    try:
        found = registry.transfer(number)
    except Refused:
        # Of another region, whose rows this one does not see.
        return False
    if found.region == actor.region:
        trail.looked(LookKind.NUMBER, number)
    return found.region == actor.region
