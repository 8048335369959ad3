"""What compliance knows: rules with the plan of a year, coverage, allocations, surrenders, positions, the cockpit."""

from tonnebook.compliance.queries.annual import BatchSums, YearState, issued_t, status_traces, year_state
from tonnebook.compliance.queries.books import (
    AllocationRow,
    CoverageRow,
    PlanRow,
    StatusRow,
    SurrenderRow,
    allocation_of,
    allocations,
    compliance_table,
    covered,
    covered_codes,
    open_surrenders,
    plan_of,
    status_codes,
    surrenders,
)
from tonnebook.compliance.queries.calendar import MoveEffect, MoveRow, moves, preview_move
from tonnebook.compliance.queries.histories import YearHistory, history, standings
from tonnebook.compliance.queries.leaving import LeavingRow, leaving
from tonnebook.compliance.queries.objections import ObjectionRow, object_until, objection_of, open_objections
from tonnebook.compliance.queries.penalties import (
    PenaltyRow,
    PenaltyStepRow,
    penalty_file,
    penalty_files,
    penalty_files_of,
)
from tonnebook.compliance.queries.plans import CapYear, cap_path, plans, rules_with_plans
from tonnebook.compliance.queries.positions import (
    Cockpit,
    Deadline,
    Position,
    Short,
    cockpit,
    deadlines,
    position,
    positions,
    surrender_proposal,
    surrender_proposals,
)
from tonnebook.compliance.queries.previews import PersonaPreview, Preview, SectorPreview, preview
from tonnebook.compliance.queries.proofs import ProofRow, proofs_of
from tonnebook.compliance.queries.standing import issued_to, rules
from tonnebook.compliance.queries.tasks import TaskRow, task_list
from tonnebook.compliance.queries.totals import region_total

__all__ = [
    "AllocationRow",
    "BatchSums",
    "CapYear",
    "Cockpit",
    "CoverageRow",
    "Deadline",
    "LeavingRow",
    "MoveEffect",
    "MoveRow",
    "ObjectionRow",
    "PenaltyRow",
    "PenaltyStepRow",
    "PersonaPreview",
    "PlanRow",
    "Position",
    "Preview",
    "ProofRow",
    "SectorPreview",
    "Short",
    "StatusRow",
    "SurrenderRow",
    "TaskRow",
    "YearHistory",
    "YearState",
    "allocation_of",
    "allocations",
    "cap_path",
    "cockpit",
    "compliance_table",
    "covered",
    "covered_codes",
    "deadlines",
    "history",
    "issued_t",
    "issued_to",
    "leaving",
    "moves",
    "object_until",
    "objection_of",
    "open_objections",
    "open_surrenders",
    "penalty_file",
    "penalty_files",
    "penalty_files_of",
    "plan_of",
    "plans",
    "position",
    "positions",
    "preview",
    "preview_move",
    "proofs_of",
    "region_total",
    "rules",
    "rules_with_plans",
    "standings",
    "status_codes",
    "status_traces",
    "surrender_proposal",
    "surrender_proposals",
    "surrenders",
    "task_list",
    "year_state",
]
