"""Which leaves of the log still keep private fields about somebody."""

from tonnebook.journal import queries as journal
from tonnebook.journal.queries import SealedLeaf
from tonnebook.members.models import Person

# What is about people themselves; other leaves say who did something, and seal what it was.
ABOUT_PEOPLE = frozenset(
    {
        "members.person.registered",
        "members.bar.placed",
        "members.insider.named",
        "members.identity.linked",
        "members.identity.unlinked",
    }
)
_MOST = 200


def private_leaves(person: str, *, region: str) -> tuple[SealedLeaf, ...]:
    """List the leaves with private fields that name a person of a region, openly or in private, oldest first.

    Args:
        person: number.
        region: of the person's organisation.

    Returns:
        At most two hundred; none when nobody of the region has this number.

    Source: design choice, no legal source (feature L5).
    """
    if not Person.objects.filter(number=person, organisation__region=region).exists():
        return ()
    return journal.sealed_leaves_naming(person, limit=_MOST)
