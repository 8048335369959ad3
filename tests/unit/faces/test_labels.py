"""Words for the codes of the core."""

from enum import Enum

import pytest

from tonnebook.core import (
    admission,
    alerts,
    api_keys,
    approvals,
    auction,
    book,
    carry_over,
    clients,
    closing,
    coverage,
    coverage_list,
    deals,
    early_warning,
    enforcement,
    factor_desk,
    indications,
    ledger,
    methods,
    moves,
    mrv,
    notices,
    objections,
    one_way,
    papers,
    penalty,
    phases,
    roles,
    sealed_bids,
    shortfall,
    surrender,
    tasks,
    trail,
    transition,
    uploads,
    year_status,
)
from tonnebook.core.allocation import totals
from tonnebook.core.market_stability import interventions, reserve_moves, triggers
from tonnebook.faces import labels

SHOWN: tuple[type[Enum], ...] = (
    roles.Role,
    trail.LookKind,
    roles.OrganisationKind,
    coverage.Stage,
    carry_over.CarryOverState,
    enforcement.RiskGround,
    coverage_list.ListGround,
    coverage_list.Turn,
    totals.CapMode,
    objections.ObjectionState,
    objections.ObjectionSubject,
    surrender.StatusCode,
    early_warning.Basis,
    early_warning.Driver,
    tasks.Task,
    tasks.TaskState,
    year_status.YearCode,
    year_status.Mark,
    year_status.EventKind,
    penalty.PenaltyStep,
    penalty.Regime,
    transition.TransitionKind,
    triggers.PriceMove,
    interventions.InterventionKind,
    interventions.RequestState,
    reserve_moves.ReserveMoveKind,
    approvals.ApprovalState,
    ledger.AccountType,
    ledger.AccountState,
    ledger.TransferType,
    ledger.HoldType,
    ledger.StateType,
    ledger.HoldReason,
    ledger.HoldState,
    ledger.FreezeScope,
    ledger.Title,
    ledger.HoldOwner,
    ledger.Claim,
    ledger.Meeting,
    moves.PendingState,
    moves.BankAccountState,
    notices.NoticeKind,
    papers.PaperKind,
    book.Side,
    book.OrderState,
    shortfall.Way,
    deals.DealState,
    indications.IndicationState,
    indications.Audience,
    one_way.SaleState,
    one_way.Pricing,
    closing.DayStep,
    closing.BreakKind,
    closing.BreakState,
    auction.AuctionKind,
    admission.ParticipantClass,
    admission.AdmissionState,
    clients.ClientState,
    admission.SuitabilityQuestion,
    phases.Phase,
    phases.HaltGround,
    auction.AuctionState,
    auction.BidState,
    sealed_bids.VoidReason,
    mrv.LineKind,
    methods.Boundary,
    methods.Need,
    methods.SetStatus,
    factor_desk.Scenario,
    uploads.DocumentPurpose,
    api_keys.KeyKind,
    api_keys.Scope,
    alerts.AlertKind,
)


@pytest.mark.parametrize("code", [code for enum in SHOWN for code in enum], ids=str)
def test_every_code_that_pages_show_has_words(code: Enum) -> None:
    assert labels.has_label(code)


@pytest.mark.parametrize("kind", sorted(approvals.ACT_OF))
def test_every_command_of_two_people_has_words(kind: str) -> None:
    assert labels.label(kind, "command") != kind


def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert labels.label("SOMETHING_NEW", "Stage") == "SOMETHING_NEW"
