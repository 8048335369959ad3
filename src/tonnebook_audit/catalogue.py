"""Every check of the second pair of eyes, with its number and what it compares, in Chinese and English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One check; `number` never changes its meaning, and one that is dropped is not used again."""

    number: str
    zh: str
    en: str


# L: the log; B: balances and transfers; F: freeze switches; S: serial numbers and lots; M: the market; E: emissions and
# allocation; C: compliance; P: official papers.
CHECKS: dict[str, Check] = {
    "leaf": Check("L01", "每个叶子的哈希由其文本重算", "hash of every leaf, from its text"),
    "number": Check(
        "L02", "编号连续无缺，每个叶子都有编号或在排队", "numbers without gaps; every leaf has one or waits"
    ),
    "checkpoint": Check("L03", "已公布的根由叶子重算", "published roots, from the leaves"),
    "note": Check("L04", "检查点文本与其根一致", "text of every checkpoint against its root"),
    "signature": Check("L05", "检查点由受信任的密钥签名", "checkpoints signed by the trusted key"),
    "seal": Check("L06", "密封字段与其承诺一致", "sealed fields against their commitments"),
    "tile": Check("L07", "每块瓦片由叶子重算", "tiles of the tree, from the leaves"),
    "second signature": Check(
        "L08",
        "检查点另有 SM2/SM3 签名：最近 200 个逐一验算，其余查其有无",
        "checkpoints signed by SM2 with SM3 as well: the newest 200 computed, the line of all others there",
    ),
    "posting": Check("B01", "每笔分录后的余额由此前分录重算", "balance after every posting, from those before it"),
    "balance": Check("B02", "余额由分录重算", "balances, from the postings"),
    "zero sum": Check("B03", "每种资产的余额合计为零", "balances of every asset add up to zero"),
    "covered": Check("B04", "冻结数不小于零、不大于余额", "what is held is neither below zero nor above the balance"),
    "hold": Check("B05", "冻结数等于有效冻结之和", "what is held, from the holds in force"),
    "queue": Check("B06", "轮候冻结按顺序生效", "claims in waiting, in their order"),
    "terminal": Check("B07", "终止账户只进不出，数量为正", "nothing leaves a terminal account; quantities above zero"),
    "transfer": Check("B08", "每笔交易与其日志叶子一致", "every transfer against its leaf, and the other way round"),
    "legs": Check("B09", "分录与日志中密封的分录一致", "postings against the legs sealed in the log"),
    "movements": Check(
        "B10", "批量交易的每笔与其叶子或根一致", "movements of a bulk against their leaves or their root"
    ),
    "two people": Check("B11", "发起人与审批人不是同一人", "initiator and approver are two people"),
    "approval": Check(
        "B12",
        "审批的摘要由其内容重算，并与日志一致",
        "digest of every approval, from its arguments and against the log",
    ),
    "issued": Check("B13", "发放量等于各处数量之和", "what was issued, from where it lies"),
    "lane": Check("B14", "每笔分录走允许的通道", "every posting along a lane that its type may use"),
    "second person": Check(
        "B15", "须双人办理的交易都有审批人", "an approver for every transfer that nobody posts alone"
    ),
    "approved transfer": Check(
        "B16", "非交易过户与其已执行的审批一致", "non-trade transfers against the executed approvals they name"
    ),
    "rank": Check("B17", "轮候顺位唯一，先顺位者先得", "ranks of claims, each once and served in order"),
    "asked": Check("B18", "待办交易的摘要由其内容重算，并与日志一致", "transfers asked for, against digest and log"),
    "asked wait": Check("B19", "待办交易不早于到期时间办理", "no transfer carried out before its wait was over"),
    "asked hold": Check("B20", "等待中的交易足额冻结", "a hold in full for every transfer that waits"),
    "asked transfer": Check("B21", "已办理的与所申请的一致", "what was posted, against what was asked for"),
    "correction": Check(
        "B22",
        "更正分录与所更正的交易方向相反、数量相同，并与日志一致",
        "corrections mirror the transfer they name, and name the one in the log",
    ),
    "state": Check(
        "B23", "账户状态与日志中最后一次变更一致", "state of every account, from its last change in the log"
    ),
    "state step": Check(
        "B24",
        "状态变更与日志一致、合乎次序，放宽须两人",
        "changes of state against the log, each one that may follow, by two where it loosens",
    ),
    "state kept": Check(
        "B25", "分录发生时账户状态允许", "every posting of such an account, against its state at that time"
    ),
    "hold leaf": Check(
        "B26",
        "每笔冻结的账户、数量、事由、所有人和期限与日志一致",
        "every hold against its leaf: account, quantity, reason, owner and expiry",
    ),
    "hold end": Check(
        "B27",
        "已解除或让位的冻结不再有效，并与日志一致",
        "holds released or set aside against the log, and in force no more",
    ),
    "hold kept": Check(
        "B28",
        "冻结设立时账户状态允许；不能成交的委托和申报不再占用",
        "every hold against the state of its account when it was placed; no order or bid rests that cannot be met",
    ),
    "switch": Check("F01", "停用开关与日志一致", "freeze switches against the log, and the other way round"),
    "lifted": Check(
        "F02", "停用开关由两人以已执行的审批解除", "switches lifted by two people, by an executed approval"
    ),
    "frozen": Check("F03", "停用期间只有不受其限的交易", "nothing posted while a switch was on but what stays open"),
    "serial block": Check("S01", "序列号无重叠", "no serial number has two owners"),
    "serial line": Check("S02", "序列号连续无缺", "the line of serial numbers has no gap"),
    "serial sum": Check("S03", "序列号数量等于余额", "blocks against balances"),
    "serial move": Check("S04", "序列号的流转与分录一致", "moves of blocks against postings"),
    "lot": Check("S05", "每个批次的取得方式与数量由分录重算", "lots, from the postings"),
    "lot sum": Check("S06", "批次之和等于余额", "lots against balances"),
    "lots of posting": Check("S07", "每笔分录取用的批次等于其数量", "lots taken by a posting against its quantity"),
    "order": Check("M01", "委托状态与成交一致", "orders against their trades"),
    "trade": Check("M02", "成交与交割一致", "trades against their deliveries"),
    "trade price": Check("M03", "成交价在当日限幅内", "trade prices within the band of the day"),
    "close": Check("M04", "收盘价由成交重算", "close prices, from the trades"),
    "gapless": Check("M05", "委托与成交编号连续", "orders and trades numbered without gaps"),
    "reserved": Check("M06", "委托的冻结足以履约", "what an order has reserved covers it"),
    "auction": Check("M07", "拍卖结果由申报重算", "auctions, from their bids"),
    "award": Check("M08", "中签与交付一致", "awards against deliveries"),
    "offer": Check("M09", "竞买公告量与发放一致", "offers against what was issued to auction"),
    "unsold": Check("M10", "流拍量全部退回", "what auctions left unsold went back"),
    "batch": Check("M11", "每批委托与成交在日志所载的根之下", "lines of every batch under the root in its leaf"),
    "trade leaf": Check("M12", "成交与日志一致，且各载一次", "trades against the log, each told once"),
    "member net": Check("M13", "会员当日轧差由成交重算", "members' days, from the trades"),
    "day break": Check("M14", "关闭的交易日没有未处理的差异", "no day closed over a break nobody resolved"),
    "sale": Check("M15", "单向竞价结果由报价重算", "one-way auctions, from their bids"),
    "carried": Check("M16", "结转竞价的配额都在竞价账户", "what waits for an auction, from the accounts of auctions"),
    "proceeds": Check("M17", "竞价收入由中签重算", "proceeds of every auction, from its awards"),
    "payment notice": Check("M18", "缴款通知书与成交、入库一致", "payment notices against awards and the treasury"),
    "treasury receipt": Check("M19", "财政票据与缴款通知书一致", "treasury receipts against payment notices"),
    "use of proceeds": Check("M20", "收入使用不超过已入库收入", "proceeds used, within what was received"),
    "client": Check("M21", "代客委托均在客户同意之后", "orders for others, against what clients have agreed to"),
    "bust": Check(
        "M22",
        "撤销成交的分录与原成交恰好抵消，由两人当日办理；更正不大于原成交",
        "what takes a trade back cancels it exactly, by two people on its day; nothing larger replaces it",
    ),
    "bust leaf": Check("M23", "撤销成交与日志一致，且各载一次", "trades taken back against the log, each told once"),
    "opening call": Check(
        "M24", "开盘集合竞价的价格和成交由所收委托重算", "price and trades of opening calls, from what was collected"
    ),
    "opening leaf": Check("M25", "开盘集合竞价与日志一致", "opening calls against the log, each told once"),
    "report digest": Check("E01", "报告摘要由其内容重算", "digest of every report, from its figures"),
    "opinion": Check("E02", "核查意见针对最终版本", "opinions on the version that counts"),
    "determined": Check("E03", "审定排放量由意见重算", "determined emissions, from the opinions"),
    "trace": Check("E04", "每个数字可由其推导重算", "figures computed again from their traces"),
    "plan": Check("E05", "年度方案与日志一致", "plans of the year against the log"),
    "allocation": Check("E06", "配额由方案与数据重算", "allocations, from plan and data"),
    "issued as computed": Check("E07", "发放量等于核定量", "what was issued against what was computed"),
    "cap": Check("E08", "发放不超过总量", "nothing issued beyond the cap"),
    "ground": Check(
        "E09",
        "激励依据的认定与撤回逐项与日志一致",
        "grounds of incentives, noted and withdrawn, each against its leaf and the other way round",
    ),
    "ground used": Check(
        "E10",
        "配额中的每项激励都有核算时有效的依据",
        "every incentive in an allowance, against a ground that stood when it was computed",
    ),
    "headroom": Check(
        "E11",
        "预留空间的使用与日志、交易一致，不超过方案数量",
        "draws on the headroom, against leaf and transfer, within the pot of the plan",
    ),
    "obligation": Check("C01", "清缴义务由审定排放量重算", "obligations, from determined emissions"),
    "surrender": Check("C02", "清缴与分录一致", "surrenders against postings"),
    "surrender transfer": Check("C03", "清缴的交易存在", "transfers of surrenders exist"),
    "credit limit": Check("C04", "抵销不超过比例", "credits within their share"),
    "shortfall": Check("C05", "缺口由义务与清缴重算", "shortfalls, from obligation and surrender"),
    "status": Check("C06", "履约状态由数字重算", "statuses, from the figures"),
    "status figure": Check("C07", "状态表的数字由来源重算", "figures of statuses, from their sources"),
    "status credits": Check("C08", "状态表的抵销量由分录重算", "credits of statuses, from the postings"),
    "status surrendered": Check("C09", "状态表的清缴量由分录重算", "surrendered tonnes of statuses, from the postings"),
    "over-surrender": Check("C10", "清缴不多于应清缴量", "nothing surrendered beyond the obligation"),
    "carry-over": Check("C11", "结转与其交易一致", "carry-overs against their transfers"),
    "proof": Check(
        "C12",
        "他处注销的减排量整体使用、仅用一次、用于其单位和年度",
        "credits cancelled elsewhere, used whole, once, and by whom and for the year they were cancelled for",
    ),
    "transition": Check(
        "C13", "转出与退出的各步骤与其交易一致", "steps of entities that leave, against their transfers"
    ),
    "set aside": Check(
        "C14", "储备的转入与年度方案的预留一致", "what entered the reserve, against what plans set aside"
    ),
    "finding": Check("C15", "价格监测结论由其推导重算", "findings on prices, computed again from their traces"),
    "served": Check("C16", "定价出售和回购逐笔钱货两清", "sales from the reserve and buy-backs, units against money"),
    "intervention": Check("C17", "调节措施的数量与金额由申请重算", "interventions, from the requests they served"),
    "reserve": Check("C24", "储备转入等于转出与结存之和", "what came into a reserve, against what left it and is held"),
    "reserve move": Check(
        "C25",
        "储备投放拍卖和收回有据、不超限",
        "releases from the reserve to auctions and withdrawals, against finding, limit and transfer",
    ),
    "carry-over asked": Check(
        "C18",
        "申请结转所据的卖出、买入、持有量由分录重算，结转不超过申请和可结转量",
        "what requests to carry over rest on, counted again from postings; nothing replaced beyond request and limit",
    ),
    "cut": Check(
        "C19",
        "处罚决定的核减量在其后首个年度配额中扣除一次",
        "what decisions cut, taken off the first later allowance, once",
    ),
    "list version": Check(
        "C20",
        "名单各版本编号连续，逐版与日志一致，仅最后一版有效",
        "versions of coverage lists, numbered without a gap and each as its leaf tells",
    ),
    "list digest": Check("C21", "名单摘要由其各行重算", "digests of coverage lists, from their lines"),
    "list line": Check(
        "C22", "名单各行与日志中密封的内容一致", "lines of coverage lists against what their leaf seals"
    ),
    "list reason": Check(
        "C23",
        "名单各行的理由由排放量、能耗与登记的事实重算",
        "reasons of coverage lists, from figures, energy use and what was noted",
    ),
    "paper number": Check("P01", "各机关各年文书编号连续无缺", "papers of a body and year, numbered without a gap"),
    "paper": Check(
        "P02",
        "文书内容与文件的摘要由其重算，并与日志一致",
        "digests of papers, from content and files and against the log",
    ),
    "paper twin": Check("P03", "印章与盖章件的摘要与文书一致", "seals and stamped prints on the digest of their paper"),
}
