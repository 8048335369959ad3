"""What the exchange does about a member: stop its trading at once (一键停止交易), and let it trade again.

One person stops, the member's own included, because every second counts; two of the exchange allow it again.
"""

from tonnebook.core.errors import Refusal, Sentence


class SupervisionRefusal(Refusal):
    """Why somebody's orders are refused altogether, or their trading is neither stopped nor allowed again."""

    TRADING_STOPPED = Sentence(
        zh="{organisation} 的交易自 {since} 起已停止；恢复交易须经交易机构两人办理，请与其联系。",
        en="Trading of {organisation} has been stopped since {since}; two people of the exchange allow it again, so "
        "ask them.",
        article="design choice",
        status=403,
    )
    ALREADY_STOPPED = Sentence(
        zh="{organisation} 的交易已经停止，无需再次停止。",
        en="Trading of {organisation} is stopped already.",
        article="design choice",
    )
    NO_REPORT_DUE = Sentence(
        zh="{organisation} 及其关联单位的持有量未达到大户报告标准，目前无需报告。",
        en="The holdings of {organisation} and its affiliates do not reach the reporting share; no report is due.",
        article="S63 trading rules, large-trader report",
    )
    NOT_STOPPED = Sentence(
        zh="{organisation} 的交易没有停止，无需恢复。",
        en="Trading of {organisation} is not stopped; there is nothing to allow.",
        article="design choice",
    )
