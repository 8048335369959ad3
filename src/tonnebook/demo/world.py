"""What every step of the demo year works with: region, year, population, the people, and keys that repeat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from tonnebook import commands, rulebook
from tonnebook.core import canonical
from tonnebook.core.ledger import AccountType
from tonnebook.core.mrv import SourceLine
from tonnebook.core.roles import Actor
from tonnebook.core.rules import RulesAt
from tonnebook.demo import cast
from tonnebook.demo.population import Company, Population
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members
from tonnebook.members import services as approvals
from tonnebook.registry import queries as registry


@dataclass
class World:
    """One region and compliance year being played.

    Attributes:
        region: region code.
        year: compliance year.
        seed: of the population and of every chance in the year.
    """

    region: str
    year: int
    seed: int
    _actors: dict[str, Actor] = field(default_factory=dict)
    _cash_accounts: dict[str, str] = field(default_factory=dict)
    _lines: dict[str, tuple[SourceLine, ...]] = field(default_factory=dict)

    @cached_property
    def population(self) -> Population:
        """The companies of the region."""
        return Population(self.region, self.seed)

    @property
    def companies(self) -> tuple[Company, ...]:
        """The covered companies, in the order they were drawn."""
        return self.population.covered

    @cached_property
    def overlay(self) -> str:
        """The plan of the year as YAML text, an overlay marked scenario."""
        return rulebook.overlay(self.region, self.year)

    def rules(self, on: date) -> RulesAt:
        """The rules of the year on a day, with the year's plan."""
        return rulebook.at(self.region, on=on, year=self.year, overlays=(self.overlay,))

    def source_lines(self, company: Company, rules: RulesAt) -> tuple[SourceLine, ...]:
        """The source lines of a company in the year played, drawn once."""
        if company.uscc not in self._lines:
            self._lines[company.uscc] = self.population.source_lines(company, self.year, rules)
        return self._lines[company.uscc]

    def deadline(self, code: str) -> date:
        """The day a deadline of the year falls on, such as "report"."""
        return self.rules(date(self.year, 12, 31)).day(f"deadline.{code}_on")

    def actor(self, name: str) -> Actor:
        """Somebody of the cast, such as "zhou"."""
        return self._actor(cast.username(self.region, name))

    def company_actor(self, company: Company) -> Actor:
        """The representative of a company."""
        username = cast.company_username(self.region, company)
        if username not in self._actors:
            names = [cast.company_username(self.region, one) for one in self.companies]
            self._actors |= members.actors_named(names)
        return self._actor(username)

    def cash_account(self, uscc: str) -> str:
        """The account that an organisation pays from."""
        if uscc not in self._cash_accounts:
            self._cash_accounts[uscc] = registry.account_of(uscc, AccountType.CLIENT_CASH)
        return self._cash_accounts[uscc]

    def body(self, code: str) -> str:
        """Credit code of a body of the cast, such as "investor1"."""
        return cast.body_code(self.region, code)

    def key(self, *parts: object) -> str:
        """Make an idempotency key that is the same when the step is played again."""
        return "-".join(("demo", self.region, str(self.year), *(str(part) for part in parts)))

    def two_people(
        self, kind: str, payload: Mapping[str, object], *, now: datetime, by: str = "zhou", second: str = "chen"
    ) -> Answer:
        """Have one person propose an act, another approve its digest, and the first carry it out.

        Args:
            kind: the act, such as "compliance.cover".
            payload: arguments of its service.
            now: when.
            by: who proposes and carries out.
            second: who approves.
        """
        mark = f"{kind}-{canonical.digest(payload)[:16]}"
        plain = canonical.plain(payload)
        assert isinstance(plain, dict)
        proposed = approvals.propose(self.actor(by), kind=kind, payload=plain, key=self.key("propose", mark), now=now)
        number, digest = str(proposed["approval"]), str(proposed["digest"])
        approvals.approve(self.actor(second), approval=number, digest=digest, key=self.key("approve", mark), now=now)
        return commands.execute(self.actor(by), approval=number, key=self.key("execute", mark), now=now)

    def _actor(self, username: str) -> Actor:
        if username not in self._actors:
            self._actors[username] = members.actor_named(username)
        return self._actors[username]
