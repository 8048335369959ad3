"""What an audit finds: breaks, and how many rows each check has looked at."""

from dataclasses import dataclass, field

from tonnebook_audit.catalogue import CHECKS


@dataclass(frozen=True)
class Break:
    """One thing that does not hold.

    Attributes:
        check: name of the check, such as "balance".
        subject: what it is about: an account and asset, a transfer, a leaf.
        expected: what the auditor computed.
        found: what the books say.
    """

    check: str
    subject: str
    expected: str
    found: str

    @property
    def number(self) -> str:
        """The number of the check."""
        return CHECKS[self.check].number


@dataclass
class AuditReport:
    """The outcome of an audit.

    Attributes:
        breaks: everything that does not hold, in the order found.
        checks: rows looked at, by check.
        log_root: root over the numbered leaves, 64 hexadecimal digits.
        log_size: numbered leaves.
    """

    breaks: list[Break] = field(default_factory=list)
    checks: dict[str, int] = field(default_factory=dict)
    log_root: str = ""
    log_size: int = 0

    def compare(self, check: str, subject: object, *, expected: object, found: object) -> None:
        """Count one comparison and keep a break when the two differ."""
        self.count(check)
        if expected != found:
            self.breaks.append(Break(check, str(subject), str(expected), str(found)))

    def count(self, check: str, rows: int = 1) -> None:
        """Count rows that a check of the catalogue has looked at; a check it does not list is a `KeyError`."""
        if check not in self.checks:
            CHECKS[check]
        self.checks[check] = self.checks.get(check, 0) + rows
