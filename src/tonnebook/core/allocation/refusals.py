"""Why an allowance cannot be computed or issued."""

from tonnebook.core.errors import Refusal, Sentence


class AllocationRefusal(Refusal):
    """Why an allowance cannot be computed or issued, in order of precedence."""

    NO_PLAN = Sentence(
        "{region} {year} 年度尚无分配方案；请先批准方案。",
        "{region} has no allocation plan for {year}; adopt one first.",
        "S01 (一)",
    )
    PLAN_EXISTS = Sentence(
        "{region} {year} 年度分配方案已发布，不能再改。",
        "The allocation plan of {region} for {year} is adopted and cannot be changed.",
        "design choice",
    )
    NO_METHOD = Sentence(
        "行业 {sector} 没有分配方法；请在规则库或方案中补充。",
        "Sector {sector} has no allocation method; add one to the rule book or the plan.",
        "S15; S16; S18",
    )
    NO_HISTORY = Sentence(
        "{entity} 没有基准年数据，无法按历史法计算；请补充历史数据。",
        "{entity} has no figures of the base years; import its history first.",
        "S17, methods (structure recalled)",
    )
    NO_OUTPUT = Sentence(
        "{entity} 没有 {year} 年产量（活动水平）。",
        "{entity} has no output (activity) for {year}.",
        "S17, methods (structure recalled)",
    )
    NOT_DETERMINED = Sentence(
        "{entity} 的 {year} 年度排放量尚未审定，第二批次暂不核发。",
        "The emission of {entity} for {year} is not determined; its second batch waits.",
        "S02 item 4",
        transient=True,
    )
    NO_INTENSITY = Sentence(
        "{entity} 没有 {year} 年度的单位产品排放强度，无法计算行业系数。",
        "{entity} has no emission intensity for {year}, which the coefficient of its industry needs.",
        "S08 (draft), annex on steel, cement and aluminium",
    )
    NO_DIRECT_SHARE = Sentence(
        "{entity} 未申报天然气以外燃料的直接排放，无法按 {year} 年度的直接发放比例表计算；请先申报。",
        "{entity} has not declared its direct emissions of fuels other than natural gas, by which the table of {year} "
        "goes; declare them first.",
        "S19, tables 3 and 4",
    )
    NOT_COMPUTED = Sentence(
        "{region} {year} 年度{batch}批次尚未计算；请先计算并核对。",
        "Batch {batch} of {region} for {year} is not computed; compute and check it first.",
        "design choice",
    )
    ALREADY_ISSUED = Sentence(
        "{region} {year} 年度{batch}批次已发放。",
        "Batch {batch} of {region} for {year} has been issued.",
        "design choice",
    )
    FIRST_BATCH_MISSING = Sentence(
        "{region} {year} 年度第一批次尚未发放。",
        "The first batch of {region} for {year} has not been issued.",
        "S02 item 4",
    )
    SECTOR_INCOMPLETE = Sentence(
        "行业 {sector} 实行绝对总量，尚有 {missing} 家单位缺少数据，修正系数不能确定。",
        "Sector {sector} has an absolute cap; {missing} of its entities lack figures, so its factor is not known.",
        "design choice",
        transient=True,
    )
    NO_HEADROOM = Sentence(
        "{region} {year} 年度分配方案没有预留发展空间。",
        "The plan of {region} for {year} keeps no headroom.",
        "S01 (一)",
    )
    NO_GROUND = Sentence(
        "须写明用于何种产业和项目。", "Say which industry and project it is for.", "S01 (一)", status=422
    )
    HEADROOM_SPENT = Sentence(
        "预留发展空间仅余 {left_t} 吨，不足 {wanted_t} 吨。",
        "The headroom holds {left_t} t, less than the {wanted_t} t wanted.",
        "S01 (一)",
    )
    CUT_OUTSTANDING = Sentence(
        "{entity} 的 {year} 年度配额被决定核减 {decided_t} 吨，尚有 {left_t} 吨未从清算后的配额中扣减；在此之前不得动用"
        "预留发展空间。",
        "A decision cuts the allowances of {entity} for {year} by {decided_t} t, of which {left_t} t have not been "
        "taken from its settled allowance; nothing is drawn for it before.",
        "S05 Art. 24",
        transient=True,
    )
    CUT_SINCE = Sentence(
        "{entity} 的配额在计算之后被核减；请重新计算本批次。",
        "A cut of the allowance of {entity} was decided after it was computed; compute the batch again.",
        "S05 Art. 24",
    )
    CAP_EXCEEDED = Sentence(
        "本批 {batch_t} 吨加已发放 {issued_t} 吨超过方案总量 {cap_t} 吨。",
        "This batch of {batch_t} t and the {issued_t} t issued exceed the total of {cap_t} t of the plan.",
        "S01 (一)",
    )
