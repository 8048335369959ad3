"""What the market refuses, in order of precedence."""

from tonnebook.core.errors import Refusal, Sentence


class MarketRefusal(Refusal):
    """What the market can refuse, in order of precedence."""

    NO_SUCH_INSTRUMENT = Sentence(
        zh="没有交易品种 {instrument}；请从行情页选择。",
        en="There is no instrument {instrument}; choose one from the market page.",
        article="design choice",
        status=404,
    )
    NO_SUCH_ORDER = Sentence(
        zh="没有委托 {order}；请在“我的委托”中核对编号。",
        en="There is no order {order}; check its number in your orders.",
        article="design choice",
        status=404,
    )
    NO_SUCH_COMMAND = Sentence(
        zh="没有指令 {command}；请核对受理回执中的编号。",
        en="There is no command {command}; check its number in what was answered when it was sent.",
        article="design choice",
        status=404,
    )
    NOT_A_TRADING_DAY = Sentence(
        zh="{day} 不是交易日，无需收市。",
        en="{day} is no trading day; there is nothing to close.",
        article="S39 trading days",
        status=422,
    )
    DAY_ALREADY_CLOSED = Sentence(
        zh="{day} 已经收市结算；请等待下一交易日。",
        en="{day} has already been closed; wait for the next trading day.",
        article="design choice",
    )
    MARKET_CLOSED = Sentence(
        zh="现在不是交易时段，下次开市为 {opens}；请届时再提交。",
        en="The market is closed and opens next at {opens}; submit the order then.",
        article="S39 trading hours",
        transient=True,
    )
    INSTRUMENT_HALTED = Sentence(
        zh="{instrument} 已暂停交易；请等待交易机构公告。",
        en="Trading in {instrument} is halted; wait for the notice of the exchange.",
        article="S40 risk control",
        transient=True,
    )
    ASSET_NOT_TRADABLE = Sentence(
        zh="{asset} 不能作为 {instrument} 卖出（仅限自用清缴或不属于该品种）；请另选资产。",
        en="{asset} cannot be sold as {instrument} (own surrender only, or not of this kind); choose another asset.",
        article="S24, notice of the auction of 2025-06-30: own surrender only, not tradable",
    )
    PRICE_OFF_TICK = Sentence(
        zh="价格 {price_yuan} 元/吨不是最小变动价位 {tick_yuan} 元的整数倍；请调整价格。",
        en="The price of {price_yuan} CNY/t is not a multiple of the tick of CNY {tick_yuan}; adjust it.",
        article="S39 tick",
        status=422,
    )
    PRICE_OUTSIDE_BAND = Sentence(
        zh="价格 {price_yuan} 元/吨超出今日涨跌幅 {low_yuan}–{high_yuan} 元/吨；请在区间内报价。",
        en="The price of {price_yuan} CNY/t lies outside today's band of {low_yuan} to {high_yuan} CNY/t; quote "
        "inside it.",
        article="S39 price limit",
    )
    QUANTITY_OFF_LOT = Sentence(
        zh="数量 {quantity} 吨不是交易单位 {lot} 吨的整数倍；请调整数量。",
        en="The quantity of {quantity} t is not a multiple of the lot of {lot} t; adjust it.",
        article="S39 lot",
        status=422,
    )
    QUANTITY_ABOVE_LISTED_MAX = Sentence(
        zh="数量 {quantity} 吨达到或超过挂牌交易上限 {limit} 吨；请拆分或采用协议方式。",
        en="Listed orders must stay below {limit} t, this one is {quantity} t; split it or trade by agreement.",
        article="S39 order size",
    )
    TOTAL_DIFFERS = Sentence(
        zh="您确认的总额 {shown_yuan} 元与系统计算的 {total_yuan} 元不一致；请刷新后重新确认。",
        en="The total you confirmed, CNY {shown_yuan}, differs from the computed CNY {total_yuan}; reload and confirm "
        "again.",
        article="design choice",
        status=422,
    )
    BOUGHT_TODAY = Sentence(
        zh="当日买入的配额当日不能卖出：今日可卖 {sellable} 吨，委托 {quantity} 吨；请减少数量或次日再卖。",
        en="What was bought today cannot be sold today: {sellable} t may be sold, {quantity} t were offered; offer "
        "less or wait a day.",
        article="S39 T+1",
    )
    ABOVE_HOLDING_LIMIT = Sentence(
        zh="买入 {quantity} 吨将超过最大持有量：贵单位及关联单位还可买入 {headroom} 吨（持有量与未成交买单合计）；"
        "请减少数量、撤销未成交买单或向交易机构申请额度。",
        en="Buying {quantity} t would exceed the largest holding: you and your affiliates may still buy {headroom} t, "
        "holdings and open buy orders taken together. Buy less, cancel open buy orders, or ask the exchange for more.",
        article="S63 trading rules, largest holding",
    )
    ORDER_NOT_OPEN = Sentence(
        zh="委托 {order} 已不在簿中（{state}），无需撤销。",
        en="Order {order} is no longer in the book ({state}); there is nothing to cancel.",
        article="design choice",
    )
    QUEUE_FULL = Sentence(
        zh="贵单位已有 {waiting} 个请求等待撮合，达到队列中的应有份额（{share}），本次未受理；请稍后用同一请求重试。",
        en="You have {waiting} requests waiting to be matched, your share of the queue ({share}); this one was not "
        "taken. Send the same request again shortly.",
        article="design choice",
        transient=True,
        status=429,
    )
    TOO_FAST = Sentence(
        zh="贵单位一秒内最多发送 {most} 个请求（批量计为一个），本次未受理；请稍后用同一请求重试。",
        en="Your organisation may send {most} requests a second, a batch counting as one; this one was not taken. Send "
        "the same request again shortly.",
        article="design choice",
        transient=True,
        status=429,
    )
    MARKET_HELD = Sentence(
        zh="{region} 的市场已由另一撮合引擎 {holder}（程序 {artefact}）持有；请先停止它，或等待其租约到期。",
        en="The market of {region} is held by another engine, {holder} (program {artefact}); stop that one first, or "
        "wait until its lease has run out.",
        article="design choice",
    )
    AMENDED_BELOW_FILLED = Sentence(
        zh="委托 {order} 已成交 {filled} 吨，改单数量须大于已成交量；如不再需要剩余部分请撤单。",
        en="Order {order} has traded {filled} t and can only be amended to more than that; cancel it if you do not "
        "want the rest.",
        article="design choice",
    )
    SESSION_NOT_ENDED = Sentence(
        zh="{day} 的交易时段尚未结束；请在收市后结算。",
        en="The sessions of {day} are not over; close the day after they end.",
        article="S39 trading hours",
        transient=True,
    )
