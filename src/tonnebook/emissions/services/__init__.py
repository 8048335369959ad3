"""What people do about emissions, in the order of a year: monitor, report, verify, determine.

All are commands but `examine_records`, which the night does, `require_mandate`, which pages and commands ask who write
for others, `is_on_register`, which tells whether a firm may work, and `replace_figure`, which runs inside a command of
another room.
"""

from tonnebook.emissions.services.bodies import (
    admit_body,
    apply_for_register,
    declare_interest,
    is_on_register,
    remove_body,
    suspend_body,
)
from tonnebook.emissions.services.checks import waive_check
from tonnebook.emissions.services.determination import determine, import_history
from tonnebook.emissions.services.drafts import (
    FacilityDraft,
    Finding,
    HistoryRow,
    MeterDraft,
    MonthDraft,
    ParameterRow,
    ReportLine,
    SentReading,
)
from tonnebook.emissions.services.draws import (
    announce_draw,
    hold_draw,
)
from tonnebook.emissions.services.factors import publish_factors
from tonnebook.emissions.services.filing import file_month, file_months
from tonnebook.emissions.services.findings import (
    answer_finding,
    raise_finding,
    settle_finding,
)
from tonnebook.emissions.services.first_checks import first_check
from tonnebook.emissions.services.inventories import StatisticsRow, take_inventory
from tonnebook.emissions.services.laboratories import (
    SampleDraft,
    enter_samples,
    flag_test_report,
)
from tonnebook.emissions.services.mandates import file_draft, give_mandate, require_mandate, withdraw_mandate
from tonnebook.emissions.services.meters import record_calibration, register_meters, take_readings
from tonnebook.emissions.services.monitoring import (
    approve_data_quality_plans,
    register_facilities,
    submit_data_quality_plan,
)
from tonnebook.emissions.services.opinions import (
    ConclusionDraft,
    conclude,
    sign_conclusions,
)
from tonnebook.emissions.services.planning import (
    PlanDraft,
    plan_verifications,
)
from tonnebook.emissions.services.power_claims import claim_power
from tonnebook.emissions.services.products import (
    FootprintDraft,
    InputDraft,
    end_footprint,
    publish_factor,
    submit_footprint,
    take_supplier_record,
)
from tonnebook.emissions.services.records import examine_records
from tonnebook.emissions.services.redetermination import Replacement, redetermine, replace_figure
from tonnebook.emissions.services.register import StreamDraft, decide_event, declare_event, register_streams
from tonnebook.emissions.services.reports import submit_report
from tonnebook.emissions.services.verification import assign_verifiers

__all__ = [
    "ConclusionDraft",
    "FacilityDraft",
    "Finding",
    "FootprintDraft",
    "HistoryRow",
    "InputDraft",
    "MeterDraft",
    "MonthDraft",
    "ParameterRow",
    "PlanDraft",
    "Replacement",
    "ReportLine",
    "SampleDraft",
    "SentReading",
    "StatisticsRow",
    "StreamDraft",
    "admit_body",
    "announce_draw",
    "answer_finding",
    "apply_for_register",
    "approve_data_quality_plans",
    "assign_verifiers",
    "claim_power",
    "conclude",
    "decide_event",
    "declare_event",
    "declare_interest",
    "determine",
    "end_footprint",
    "enter_samples",
    "examine_records",
    "file_draft",
    "file_month",
    "file_months",
    "first_check",
    "flag_test_report",
    "give_mandate",
    "hold_draw",
    "import_history",
    "is_on_register",
    "plan_verifications",
    "publish_factor",
    "publish_factors",
    "raise_finding",
    "record_calibration",
    "redetermine",
    "register_facilities",
    "register_meters",
    "register_streams",
    "remove_body",
    "replace_figure",
    "require_mandate",
    "settle_finding",
    "sign_conclusions",
    "submit_data_quality_plan",
    "submit_footprint",
    "submit_report",
    "suspend_body",
    "take_inventory",
    "take_readings",
    "take_supplier_record",
    "waive_check",
    "withdraw_mandate",
]
