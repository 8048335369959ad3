"""Erase the private fields of leaves for good: their proofs still hold, what they said is gone."""

from collections.abc import Sequence
from datetime import datetime

from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members.services.people import require, use_approval


@journal.command("members.erase_secrets")
def erase_secrets(
    actor: Actor, *, leaves: Sequence[str], reason: str, approval: str, key: str, now: datetime
) -> Answer:
    """Destroy the salts and the private fields of leaves, when a person's data must be erased.

    What remains in the log is a commitment that nobody can open or guess again; every receipt and proof still holds.
    Backups must be let run out by their own term.

    Args:
        actor: officer.
        leaves: leaf hashes, 64 hexadecimal digits each.
        reason: why, in words; itself private.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        `erased`: how many leaves lost their private fields; `leaf`: hash of the leaf that says so.

    Raises:
        Refused: NOT_PERMITTED for others than officers; NOTHING_SEALED when a leaf has no private fields (any more);
            KIND_DIFFERS, NOT_APPROVED, APPROVAL_EXPIRED or DIGEST_DIFFERS as `use_approval`.

    Source: design choice, no legal source (features L5 and O23).
    """
    require(actor, Act.ERASE)
    named = list(leaves)
    people = use_approval(approval, kind="members.erase_secrets", payload={"leaves": named, "reason": reason}, now=now)
    erased = journal.erase_secrets(named)
    facts = {"leaves": named, "initiator": people.initiator, "approver": people.approver}
    leaf = journal.append(Entry("members.secrets.erased", facts, {"reason": reason}), now=now)
    return {"erased": erased, "leaf": leaf}
