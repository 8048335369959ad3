"""Who must not trade: supervisors, registry, exchange and service bodies with all their staff, and who was named.

Kinds of organisation are barred by law; single people and organisations are named by a registrar, with the ground. A
member of staff who is registered a second time, as somebody's trader, is found by such a naming.
"""

from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.roles import OrganisationKind

# Authorities, registry, exchange, and the bodies that verify, measure, review and write reports (S05 Art. 7).
BARRED_KINDS = frozenset(
    {
        OrganisationKind.AUTHORITY,
        OrganisationKind.DISTRICT_AUTHORITY,
        OrganisationKind.SECTOR_DEPARTMENT,
        OrganisationKind.REGISTRY_BODY,
        OrganisationKind.EXCHANGE,
        OrganisationKind.VERIFIER,
        OrganisationKind.TECHNICAL_REVIEWER,
        OrganisationKind.LABORATORY,
        OrganisationKind.REPORT_WRITER,
    }
)


class BarRefusal(Refusal):
    """Why somebody may not trade or hold, or is not named."""

    BARRED_KIND = Sentence(
        zh="{kind} 类单位及其工作人员不得参与碳排放权交易，也不能开立持有账户。",
        en="Organisations of kind {kind} and their staff must not trade, and hold no account to trade from.",
        article="S05 Art. 7",
        status=403,
    )
    BARRED_BY_NAME = Sentence(
        zh="{subject} 已被列为不得参与交易：{ground}。如有异议，请联系登记机构。",
        en="{subject} is barred from trading: {ground}. Ask the registry if this is wrong.",
        article="S05 Art. 7, Art. 20",
        status=403,
    )
    ALREADY_BARRED = Sentence(
        zh="{subject} 已在不得参与交易名单中。",
        en="{subject} is on the list of the barred already.",
        article="design choice",
    )
    NOT_BARRED = Sentence(
        zh="{subject} 不在不得参与交易名单中。",
        en="{subject} is not on the list of the barred.",
        article="design choice",
        status=404,
    )


def check_kind(kind: OrganisationKind) -> None:
    """Refuse trading and holding to the kinds of organisation that supervise, keep or check the market.

    Raises:
        Refused: BARRED_KIND.

    Source: S05 Art. 7.
    """
    if kind in BARRED_KINDS:
        raise Refused(BarRefusal.BARRED_KIND, kind=kind.value)
