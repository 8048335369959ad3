"""Risk of a company's report: points that give it more tickets when re-checks are drawn by lot."""

from dataclasses import dataclass

from tonnebook.core import trace
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for a closer look.

    Attributes:
        material_findings: of the verifications so far.
        anomalies: findings of the numbered checks on the report.
        late: things handed in late.
        total_t: reported tonnes.
    """

    material_findings: int
    anomalies: int
    late: int
    total_t: int


def weight(signs: Signs, rules: RulesAt) -> Traced:
    """Give the tickets of a company in a draw.

    Args:
        signs: what speaks for a closer look.
        rules: of region and year.

    Returns:
        Whole tickets with their derivation, from 1 to the rule book's most.

    Source: S02 item 17 (by credit and quality); rule book `verification.risk.weight_max` and what stands beside it.
    """
    is_large = signs.total_t > rules.integer("verification.materiality.large_from_t")
    counts = (
        ("finding", signs.material_findings, "重大不符合", "material findings"),
        ("anomaly", signs.anomalies, "异常", "anomalies"),
        ("late", signs.late, "逾期", "late"),
        ("large", int(is_large), "排放量较大", "large emitter"),
    )
    parts = [trace.given(1, "", zh="基础签数", en="one ticket each")]
    for name, count, zh, en in counts:
        given = trace.given(count, "", zh=zh, en=en)
        each = rules.number(f"verification.risk.{name}_points")
        parts.append(trace.product([given, each], "", zh=f"{zh}计分", en=f"points for {en}"))
    most = rules.number("verification.risk.weight_max")
    points = trace.total(parts, "", zh="风险分", en="risk score")
    return trace.smallest([points, most], "", zh="签数", en="tickets")
