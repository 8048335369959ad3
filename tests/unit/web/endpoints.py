"""One door of the matrix as data: whom it opens to, what it names, and the signs of the roles."""

from collections.abc import Mapping
from dataclasses import dataclass

from tonnebook.core.api_keys import Scope
from tonnebook.core.roles import Role

SIGNS: Mapping[Role, str] = dict(zip(Role, "ORXVETADFBICLWS", strict=True))  # in the order of the enum
ALL = "ORXVETADFBICLWS"
PUBLIC = "-"
EVERYBODY = ALL + PUBLIC


@dataclass(frozen=True)
class Endpoint:
    """One address.

    Attributes:
        opens: signs of whom its door opens to.
        methods: what it offers.
        subject: what its address names that has an owner, such as "account"; "none" where nothing of the name exists.
        keepers: signs of those who may look at what belongs to others of their region.
        is_for_owners: whether an owner may look at their own.
        scope: what a program's key must open; None for pages and for operations without a key.
        sent: the query of a GET, or the body of a change, with `{subject}` for what has an owner.
    """

    opens: str
    methods: str = "GET"
    subject: str = ""
    keepers: str = ""
    is_for_owners: bool = True
    scope: Scope | None = None
    sent: str = ""
