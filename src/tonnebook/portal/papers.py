"""What anybody may check of an official paper: its digests, its seal, and that its stamped print is the same paper."""

from dataclasses import dataclass

from tonnebook.core.seals import SealKind
from tonnebook.members import queries as members
from tonnebook.members import services as members_services
from tonnebook.members.queries import OrganisationRow, PaperRow, TwinRow


@dataclass(frozen=True, slots=True)
class CheckedTwin:
    """A seal or stamped print, and whether it is about the digest of the paper; of a seal, whether its key made it."""

    row: TwinRow
    is_good: bool


@dataclass(frozen=True, slots=True)
class CheckedPaper:
    """A paper without what it says and to whom."""

    row: PaperRow
    issuer: OrganisationRow
    twins: tuple[CheckedTwin, ...]


def checked(asked: str) -> CheckedPaper | None:
    """Find a paper by number, digest or the digest of a file, and check its twins; None when there is none.

    Args:
        asked: as typed or computed from a file.
    """
    row = members.issued_paper(asked)
    if row is None:
        return None
    twins = tuple(CheckedTwin(twin, _is_good(row, twin)) for twin in row.twins)
    return CheckedPaper(row, members.organisation(row.issuer), twins)


def _is_good(row: PaperRow, twin: TwinRow) -> bool:
    if twin.digest != row.digest:
        return False
    if twin.kind is SealKind.PAPER:
        return True
    if twin.file_sha256 and row.ofd_sm3:
        return members_services.is_put(
            twin.signature, public_key=twin.public_key, file_sm3=row.ofd_sm3, at=twin.bound_at
        )
    return members_services.is_seal_of(row.digest, public_key=twin.public_key, signature=twin.signature)
