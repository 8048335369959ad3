"""What holders ask of the registry about their accounts, who may use an account, and what keeps it from closing."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from tonnebook.core import canonical
from tonnebook.core.applications import ApplicationKind, ApplicationRefusal, ApplicationState
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.representation import Right
from tonnebook.registry.models import Application, Representative
from tonnebook.registry.queries.books import Holding, holdings
from tonnebook.registry.queries.claims import HoldRow, standing_holds


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """An application as its holder and the registry see it; `digest` covers all that is asked."""

    number: str
    region: str
    kind: ApplicationKind
    organisation: str
    account: str
    details: dict[str, Json]
    documents: tuple[str, ...]
    state: ApplicationState
    asked_by: str
    asked_at: datetime
    checked_by: str
    approval: str
    decided_by: str
    decided_at: datetime | None
    reason: str

    @property
    def digest(self) -> str:
        """What the approval of two people covers beside the number."""
        asked = {"kind": self.kind, "account": self.account, "details": self.details, "documents": list(self.documents)}
        return canonical.digest(asked)


@dataclass(frozen=True, slots=True)
class RepresentativeRow:
    """Somebody who may use an account, since when and, if so, until when."""

    person: str
    rights: frozenset[Right]
    appointed_at: datetime
    ended_at: datetime | None

    @property
    def sorted_rights(self) -> list[Right]:
        """The rights in the order of the enum, for a page."""
        return [right for right in Right if right in self.rights]


@dataclass(frozen=True, slots=True)
class Obstacles:
    """What keeps an account from being closed: what is left in it, and what is set aside or waits to be."""

    holdings: tuple[Holding, ...]
    holds: tuple[HoldRow, ...]

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self.holdings or self.holds)


def application(number: str) -> ApplicationRow:
    """Find an application by its number.

    Raises:
        Refused: NO_SUCH_APPLICATION.
    """
    row = _applications().filter(number=number).first()
    if row is None:
        raise Refused(ApplicationRefusal.NO_SUCH_APPLICATION, application=number)
    return application_row(row)


def applications_of(organisation: str) -> tuple[ApplicationRow, ...]:
    """List what an organisation has asked, newest first."""
    return tuple(application_row(row) for row in _applications().filter(organisation__uscc=organisation))


def open_applications(region: str) -> tuple[ApplicationRow, ...]:
    """List what a region's registry has still to decide, oldest first."""
    states = [ApplicationState.ASKED.value, ApplicationState.CHECKED.value]
    rows = _applications().filter(region=region, state__in=states)
    return tuple(application_row(row) for row in rows.order_by("id"))


def application_row(row: Application) -> ApplicationRow:
    """Turn a stored application into its plain form."""
    return ApplicationRow(
        number=row.number,
        region=row.region,
        kind=ApplicationKind(row.kind),
        organisation=row.organisation_id,
        account=row.account.number,
        details=row.details,
        documents=tuple(row.documents),
        state=ApplicationState(row.state),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        checked_by=row.checked_by,
        approval=row.approval,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
    )


def representatives(account: str) -> tuple[RepresentativeRow, ...]:
    """List everybody who may or once might use an account, newest first."""
    rows = Representative.objects.filter(account__number=account).order_by("-id")
    return tuple(
        RepresentativeRow(row.person, frozenset(Right(right) for right in row.rights), row.appointed_at, row.ended_at)
        for row in rows
    )


def rights_at(account: str) -> dict[str, frozenset[Right]]:
    """Give the rights of everybody appointed to an account now, by number of the person; empty when nobody is."""
    rows = Representative.objects.filter(account__number=account, ended_at=None)
    return {row.person: frozenset(Right(right) for right in row.rights) for row in rows}


def closing_obstacles(account: str) -> Obstacles:
    """Tell what keeps an account from being closed."""
    return Obstacles(holdings(account), standing_holds(account))


def _applications() -> QuerySet[Application]:
    return Application.objects.select_related("account").order_by("-id")
