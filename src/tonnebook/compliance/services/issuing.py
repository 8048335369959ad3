"""Post what is issued or recalled: one transfer per entity, within the total of the plan."""

from collections.abc import Sequence
from datetime import datetime

from tonnebook.compliance.models import Allocation, AllocationPlan
from tonnebook.compliance.queries import enforcement, standing
from tonnebook.compliance.services import risks
from tonnebook.compliance.services.rows import lock_place
from tonnebook.core.allocation.annual import AllocationState, Batch
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.core.rules import RulesAt
from tonnebook.members import services as membership
from tonnebook.registry import queries as registry
from tonnebook.registry import services as ledger


def lock_plan(region: str, year: int) -> AllocationPlan:
    """Hold the plan of a year: whoever computes or issues does, so that no two pass the cap together (A5).

    Raises:
        Refused: NO_PLAN.
    """
    plan = _locked_plan(region, year)
    if plan is None:
        raise Refused(AllocationRefusal.NO_PLAN, region=region, year=year)
    return plan


def lock_year(region: str, year: int) -> None:
    """Hold a year that may have no plan, and its plan if it has one: another registry allocates without one of ours."""
    lock_place(f"compliance/issue/{region}/{year}")
    _locked_plan(region, year)


def _locked_plan(region: str, year: int) -> AllocationPlan | None:
    return AllocationPlan.objects.select_for_update().filter(region=region, year=year).first()


def check_cap(batch_t: int, rules: RulesAt) -> None:
    """Refuse what would pass the total of the plan; what auctions have issued counts as well.

    Args:
        batch_t: what is to be issued, net of recalls, tonnes.
        rules: rules of the compliance year with its plan.

    Raises:
        Refused: CAP_EXCEEDED.
    """
    if not rules.has("allocation.cap_t"):
        return
    issued_t = registry.given_out_t(rules.text("region.scheme"), rules.year or 0)
    cap_t = rules.integer("allocation.cap_t")
    if issued_t + batch_t > cap_t:
        raise Refused(AllocationRefusal.CAP_EXCEEDED, batch_t=batch_t, issued_t=issued_t, cap_t=cap_t)


def post(rows: Sequence[Allocation], rules: RulesAt, people: membership.ApprovedBy, *, now: datetime) -> None:
    """Move what rows issue or recall, and note on each row, unsaved, that it is issued and by which transfer.

    What entities at risk receive is kept back; a recall takes from what is kept back first.

    Raises:
        Refused: what the registry refuses.
    """
    asset = standing.allowance_asset(rules)
    ledger.ensure_assets([asset], now=now)
    moving = [row for row in rows if row.issue_t]
    kept = enforcement.kept_back([row.entity_id for row in moving if row.issue_t < 0], asset.code)
    accounts = registry.accounts_of([row.entity_id for row in rows], AccountType.HOLDING)
    issuance = registry.system_account(rules.region, AccountType.ISSUANCE)
    reserve = registry.system_account(rules.region, AccountType.RESERVE)
    drafts = []
    for row in moving:
        account = accounts.get(row.entity_id, row.entity_id)
        if row.issue_t > 0:
            type_ = TransferType.ALLOCATE if row.batch == Batch.FIRST else TransferType.TRUE_UP
            legs = [Leg(issuance, account, asset.code, row.issue_t)]
        else:
            type_, legs = TransferType.RECALL, list(risks.legs_of_kept(-row.issue_t, reserve, kept[row.entity_id]))
            if left_t := -row.issue_t - sum(leg.quantity for leg in legs):
                legs.append(Leg(account, reserve, asset.code, left_t))
        subject = f"{row.region}-{row.year}-{row.batch}"
        drafts.append(ledger.TransferDraft(type_, tuple(legs), people.initiator, people.approver, subject))
    for row, posted in zip(moving, ledger.post(drafts, now=now), strict=True):
        row.transfer = posted.number
    for row in rows:
        row.state, row.issued_at = AllocationState.ISSUED, now
    risks.keep_back({row.entity_id: row.issue_t for row in moving}, rules, now=now)
