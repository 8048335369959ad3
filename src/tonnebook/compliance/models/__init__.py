"""The rows of compliance, by what they are about."""

from tonnebook.compliance.models.annual import (
    Allocation,
    AllocationPlan,
    CarryOver,
    ComplianceStatus,
    GroundWithdrawal,
    IncentiveGround,
    Surrender,
    SurrenderLine,
    SurrenderProof,
)
from tonnebook.compliance.models.carrying import CarryOverRequest
from tonnebook.compliance.models.changes import EntityChange
from tonnebook.compliance.models.consultations import Consultation, Consulted, Opinion, OpinionAnswer
from tonnebook.compliance.models.deadlines import DeadlineMove
from tonnebook.compliance.models.declarations import Declaration
from tonnebook.compliance.models.headroom import HeadroomDraw
from tonnebook.compliance.models.lists import Coverage, CoverageChange, CoverageList, Departure, EnergyUse
from tonnebook.compliance.models.objections import Objection, ObjectionDecision
from tonnebook.compliance.models.penalties import AllowanceCut, PenaltyEntry, PenaltyFile
from tonnebook.compliance.models.proofs import CancellationProof
from tonnebook.compliance.models.reminders import Reminder
from tonnebook.compliance.models.risks import RiskMark
from tonnebook.compliance.models.stability import (
    Intervention,
    InterventionRequest,
    ReserveMove,
    SetAside,
    StabilityFinding,
)
from tonnebook.compliance.models.transition import TransitionStep

__all__ = [
    "Allocation",
    "AllocationPlan",
    "AllowanceCut",
    "CancellationProof",
    "CarryOver",
    "CarryOverRequest",
    "ComplianceStatus",
    "Consultation",
    "Consulted",
    "Coverage",
    "CoverageChange",
    "CoverageList",
    "DeadlineMove",
    "Declaration",
    "Departure",
    "EnergyUse",
    "EntityChange",
    "GroundWithdrawal",
    "HeadroomDraw",
    "IncentiveGround",
    "Intervention",
    "InterventionRequest",
    "Objection",
    "ObjectionDecision",
    "Opinion",
    "OpinionAnswer",
    "PenaltyEntry",
    "PenaltyFile",
    "Reminder",
    "ReserveMove",
    "RiskMark",
    "SetAside",
    "StabilityFinding",
    "Surrender",
    "SurrenderLine",
    "SurrenderProof",
    "TransitionStep",
]
