"""Who acts for whom, as the two of them and the exchange see it."""

from dataclasses import dataclass
from datetime import datetime

from tonnebook.core.clients import ClientState
from tonnebook.market.models import Client


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client and the member that trades for it, or wants to."""

    member: str
    client: str
    state: ClientState
    asked_at: datetime
    agreed_at: datetime | None
    ended_at: datetime | None


def clients(region: str) -> tuple[ClientRow, ...]:
    """List who acts for whom in a region, newest first, as far as whoever asks may see it."""
    return tuple(_row(row) for row in Client.objects.filter(region=region).order_by("-id"))


def _row(row: Client) -> ClientRow:
    return ClientRow(row.member, row.client, ClientState(row.state), row.asked_at, row.agreed_at, row.ended_at)
