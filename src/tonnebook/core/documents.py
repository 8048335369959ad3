"""Documents that the system makes and answers for: what kinds there are, and when none is made."""

from enum import StrEnum

from tonnebook.core.errors import Refusal, Sentence


class DocumentKind(StrEnum):
    """What a document of ours says."""

    STATEMENT = "STATEMENT"
    COMPLIANCE = "COMPLIANCE"
    DELIVERY_SLIP = "DELIVERY_SLIP"
    INVOICE = "INVOICE"


class IssuedRefusal(Refusal):
    """Why a document is not made or not found, in order of precedence."""

    NOT_ISSUED_BY_US = Sentence(
        "我们没有出具过编号为 {document} 的文件。", "We made no document {document}.", "design choice", status=404
    )
    DUTY_NOT_MET = Sentence(
        "{entity} 的 {year} 年度履约尚未认定或尚未足额，不能出具履约证明。",
        "The year {year} of {entity} is not settled or not met; no certificate can be made.",
        "design choice",
    )
    STATEMENT_TOO_LONG = Sentence(
        "所选期间有 {lines} 笔变动，PDF 对账单最多 {most} 笔；请缩短期间，或下载 Excel、CSV。",
        "These days have {lines} changes and a PDF statement at most {most}; choose fewer days, or take Excel or CSV.",
        "design choice",
    )
