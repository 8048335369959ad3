"""What the exchange does about a member: stop its trading at once (一键停止交易), exempt it from the largest holding.

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
    NO_HOLDING_LIMIT = Sentence(
        zh="{region} 没有持仓限额，无需豁免。",
        en="{region} has no largest holding; there is nothing to be exempt from.",
        article="design choice",
    )
    EXEMPT_ALREADY = Sentence(
        zh="{organisation} 的持仓限额豁免 {exemption} 仍然有效；请先终止。",
        en="{organisation} is exempt already ({exemption}); end that first.",
        article="design choice",
    )
    EXEMPTION_NOT_ABOVE = Sentence(
        zh="豁免后的限额 {limit} 吨须高于其现行限额 {ordinary} 吨。",
        en="An exemption allows more than the largest holding of {ordinary} t; {limit} t is not more.",
        article="design choice",
        status=422,
    )
    EXEMPTION_OVER = Sentence(
        zh="豁免截止日 {until} 已过；请更正。",
        en="The exemption would end on {until}, which has passed; choose a later day.",
        article="design choice",
        status=422,
    )
    NO_SUCH_EXEMPTION = Sentence(
        zh="没有有效的持仓限额豁免 {exemption}。",
        en="There is no exemption {exemption} in force.",
        article="design choice",
        status=404,
    )
    NOT_STOPPED = Sentence(
        zh="{organisation} 的交易没有停止，无需恢复。",
        en="Trading of {organisation} is not stopped; there is nothing to allow.",
        article="design choice",
    )
