"""The rows of the emissions room: facilities, plans, filings, reports, opinions, determined figures and factors.

What was filed, submitted, signed or determined is never changed (insert-only, by grant and trigger); a correction is a
new version. Quantities stand in JSON as decimal text, so that no digit is lost; tonnes that books use are integers.
"""

from tonnebook.emissions.models.bodies import BodyPerson, Interest, RegisteredBody
from tonnebook.emissions.models.checks import CheckRun, CheckWaiver
from tonnebook.emissions.models.draws import Draw
from tonnebook.emissions.models.factors import FactorValue, PowerClaim, PowerProof
from tonnebook.emissions.models.figures import Determination, Redetermination
from tonnebook.emissions.models.filings import DataQualityPlan, MonthlyFiling
from tonnebook.emissions.models.inventories import CityInventory
from tonnebook.emissions.models.meters import Calibration, Meter, ReadingBatch
from tonnebook.emissions.models.products import (
    FootprintEnd,
    FootprintVersion,
    ProductFactorVersion,
    SupplierRecord,
)
from tonnebook.emissions.models.register import Facility
from tonnebook.emissions.models.reports import EmissionReport, FirstCheck, Mandate, ReportDraft
from tonnebook.emissions.models.samples import FalseTestReport, Sample
from tonnebook.emissions.models.streams import EventRuling, Process, RegisterEvent, SourceStream
from tonnebook.emissions.models.verification import (
    Conclusion,
    ConclusionSignature,
    FindingAnswer,
    FindingSettlement,
    Verification,
    VerificationFinding,
    VerificationPlan,
    VerifierAssignment,
)

__all__ = [
    "BodyPerson",
    "Calibration",
    "CheckRun",
    "CheckWaiver",
    "CityInventory",
    "Conclusion",
    "ConclusionSignature",
    "DataQualityPlan",
    "Determination",
    "Draw",
    "EmissionReport",
    "EventRuling",
    "Facility",
    "FactorValue",
    "FalseTestReport",
    "FindingAnswer",
    "FindingSettlement",
    "FirstCheck",
    "FootprintEnd",
    "FootprintVersion",
    "Interest",
    "Mandate",
    "Meter",
    "MonthlyFiling",
    "PowerClaim",
    "PowerProof",
    "Process",
    "ProductFactorVersion",
    "ReadingBatch",
    "Redetermination",
    "RegisterEvent",
    "RegisteredBody",
    "ReportDraft",
    "Sample",
    "SourceStream",
    "SupplierRecord",
    "Verification",
    "VerificationFinding",
    "VerificationPlan",
    "VerifierAssignment",
]
