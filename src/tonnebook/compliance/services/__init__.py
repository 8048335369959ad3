"""What may be done in compliance, in the order of a year.

Cover the entities, adopt the plan, compute and issue the batches, submit and confirm surrenders, settle the status,
carry over. Everything that the authority decides for many entities at once needs two people.
"""

from tonnebook.compliance.services.allocations import (
    IssuedRow,
    adopt_plan,
    compute_allocation,
    import_allocations,
    issue_batch,
    record_grounds,
)
from tonnebook.compliance.services.coverage import cover, list_entities, record_departures
from tonnebook.compliance.services.settlement import carry_over, settle_status
from tonnebook.compliance.services.surrenders import (
    SurrenderDraft,
    SurrenderLine,
    confirm_surrenders,
    submit_surrender,
    submit_surrenders,
    withdraw_surrender,
)

__all__ = [
    "IssuedRow",
    "SurrenderDraft",
    "SurrenderLine",
    "adopt_plan",
    "carry_over",
    "compute_allocation",
    "confirm_surrenders",
    "cover",
    "import_allocations",
    "issue_batch",
    "list_entities",
    "record_departures",
    "record_grounds",
    "settle_status",
    "submit_surrender",
    "submit_surrenders",
    "withdraw_surrender",
]
