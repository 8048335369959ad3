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
)
from tonnebook.compliance.services.carrying import carry_over
from tonnebook.compliance.services.certificates import issue_certificate
from tonnebook.compliance.services.changes import record_change
from tonnebook.compliance.services.consultations import answer_opinion, consult, give_opinion
from tonnebook.compliance.services.coverage import correct_list, cover, list_entities
from tonnebook.compliance.services.deadlines import move_deadline
from tonnebook.compliance.services.declarations import FactDraft, decide_facts, declare_facts
from tonnebook.compliance.services.departures import record_departures, record_energy_use
from tonnebook.compliance.services.enforcement import force_surrender
from tonnebook.compliance.services.grounds import record_grounds, withdraw_ground
from tonnebook.compliance.services.headroom import draw_headroom
from tonnebook.compliance.services.interventions import (
    offer_back,
    settle_due_interventions,
    settle_intervention,
    subscribe,
    withdraw_request,
)
from tonnebook.compliance.services.objections import (
    decide_list_objection,
    decide_objection,
    decide_recheck,
    file_objection,
    open_recheck,
)
from tonnebook.compliance.services.penalties import open_penalty_file, record_penalty_step
from tonnebook.compliance.services.proofs import import_cancellations
from tonnebook.compliance.services.reminders import remind
from tonnebook.compliance.services.risks import end_risk, mark_at_risk
from tonnebook.compliance.services.rounds import ask_carry_over, decide_carry_over, withdraw_carry_over
from tonnebook.compliance.services.settlement import settle_status
from tonnebook.compliance.services.stability import (
    intervene,
    move_reserve,
    record_due_findings,
    record_finding,
    set_aside,
)
from tonnebook.compliance.services.surrenders import (
    SurrenderDraft,
    SurrenderLine,
    confirm_surrenders,
    submit_surrender,
    submit_surrenders,
    withdraw_surrender,
)
from tonnebook.compliance.services.transition import hand_over, run_transition, settle_exit

__all__ = [
    "FactDraft",
    "IssuedRow",
    "SurrenderDraft",
    "SurrenderLine",
    "adopt_plan",
    "answer_opinion",
    "ask_carry_over",
    "carry_over",
    "compute_allocation",
    "confirm_surrenders",
    "consult",
    "correct_list",
    "cover",
    "decide_carry_over",
    "decide_facts",
    "decide_list_objection",
    "decide_objection",
    "decide_recheck",
    "declare_facts",
    "draw_headroom",
    "end_risk",
    "file_objection",
    "force_surrender",
    "give_opinion",
    "hand_over",
    "import_allocations",
    "import_cancellations",
    "intervene",
    "issue_batch",
    "issue_certificate",
    "list_entities",
    "mark_at_risk",
    "move_deadline",
    "move_reserve",
    "offer_back",
    "open_penalty_file",
    "open_recheck",
    "record_change",
    "record_departures",
    "record_due_findings",
    "record_energy_use",
    "record_finding",
    "record_grounds",
    "record_penalty_step",
    "remind",
    "run_transition",
    "set_aside",
    "settle_due_interventions",
    "settle_exit",
    "settle_intervention",
    "settle_status",
    "submit_surrender",
    "submit_surrenders",
    "subscribe",
    "withdraw_carry_over",
    "withdraw_ground",
    "withdraw_request",
    "withdraw_surrender",
]
