"""Why a footprint is not computed or not kept."""

from tonnebook.core.errors import Refusal, Sentence


class FootprintRefusal(Refusal):
    """Why a footprint is not computed or not kept, in order of precedence."""

    NO_INPUTS = Sentence(
        zh="没有任何投入数据；请至少填写一行。",
        en="There is no input; enter at least one line.",
        article="design choice",
        status=422,
    )
    AMOUNT_NOT_POSITIVE = Sentence(
        zh="“{name}”须大于零（填写的是 {value}）。",
        en="“{name}” must be more than zero (it is {value}).",
        article="S96, unitaryProductAmount",
        status=422,
    )
    PERIOD_UNFIT = Sentence(
        zh="统计期须从早到晚（填写的是 {from_on} 至 {to_on}），请修改。",
        en="The reference period runs from {from_on} to {to_on}; the end must come later.",
        article="S96, referencePeriodStart",
        status=422,
    )
    EXEMPTED_UNFIT = Sentence(
        zh="未计入的排放占比 {value}% 须在 0 至 100 之间，大于零时须说明理由。",
        en="The exempted share of {value} % must lie between 0 and 100, and above 0 it needs a reason.",
        article="S96, exemptedEmissionsPercent",
        status=422,
    )
    NO_WARMING_SET = Sentence(
        zh="请选择全球增温潜势所依据的 IPCC 报告（AR5 或 AR6）。",
        en="Name the report of the IPCC (AR5 or AR6) that the warming potentials come from.",
        article="S96, ipccCharacterizationFactorsSources",
        status=422,
    )
    FACTOR_NOT_LIFE_CYCLE = Sentence(
        zh="“{name}”的因子 {factor} 边界为 {boundary}，不是全生命周期因子；请改用产品碳足迹因子。",
        en="The factor {factor} of “{name}” is of the kind {boundary}, no life-cycle factor; use a footprint factor.",
        article="design choice",
        status=422,
    )
    STAGE_OUTSIDE_BOUNDARY = Sentence(
        zh="“{name}”属于 {stage} 阶段，不在系统边界 {boundary} 之内；请改边界或删去该行。",
        en="“{name}” belongs to the stage {stage}, which the boundary {boundary} leaves out; change one of them.",
        article="S97, system boundary",
        status=422,
    )
    QUANTITY_UNFIT = Sentence(
        zh="“{name}”的数量 {value} 为负；请填写不小于零的数值。",
        en="The quantity {value} of “{name}” is negative; enter zero or more.",
        article="design choice",
        status=422,
    )
    INPUT_UNIT_UNFIT = Sentence(
        zh="“{name}”的单位 {unit} 与因子单位 {expected} 不匹配；请换算后填写。",
        en="The unit {unit} of “{name}” does not fit its factor per {expected}; convert it.",
        article="design choice",
        status=422,
    )
    PART_SIGN_UNFIT = Sentence(
        zh="“{name}”的因子分项 {part} 的值 {value} 符号不对：固定量不大于零，其余（土地管理除外）不小于零。",
        en="The part {part} of the factor of “{name}” is {value}: a withdrawal is zero or less, all else but land "
        "management zero or more.",
        article="S96, CarbonFootprint",
        status=422,
    )
    RATING_UNFIT = Sentence(
        zh="“{name}”的数据质量评分 {rating} 为 {value}，须为 1 至 3。",
        en="The rating {rating} of “{name}” is {value}; it must be 1 to 3.",
        article="S96, DataQualityIndicators",
        status=422,
    )
    NOTHING_EMITTED = Sentence(
        zh="各项投入的排放合计为零，无法加权数据质量；请核对因子。",
        en="The inputs emit nothing in sum, so their data quality cannot be weighted; check the factors.",
        article="design choice",
        status=422,
    )
    NO_SUCH_FOOTPRINT = Sentence(
        zh="没有编号为 {footprint} 的产品碳足迹。",
        en="There is no product footprint {footprint}.",
        article="design choice",
        status=404,
    )
    ALREADY_DEPRECATED = Sentence(
        zh="产品碳足迹 {footprint} 已停用。",
        en="The product footprint {footprint} is deprecated already.",
        article="S96, status",
    )
    REASON_MISSING = Sentence(
        zh="停用产品碳足迹须说明理由。",
        en="Deprecating a product footprint needs a reason.",
        article="S96, statusComment",
        status=422,
    )
    RECORD_NOT_READ = Sentence(
        zh="文件“{file}”不是 JSON 格式的 PACT 碳足迹记录；请向供应商索取原始记录。",
        en="The file “{file}” is no PACT footprint record in JSON; ask the supplier for the original.",
        article="S96, ProductFootprint",
        status=422,
    )
    RECORD_BREAKS_RULE = Sentence(
        zh="记录的字段 {field} 不符合规则 {rule}：{want_zh}",
        en="The field {field} of the record breaks the rule {rule}: {want_en}",
        article="S96, data model",
        status=422,
    )
    RECORD_DEPRECATED = Sentence(
        zh="供应商记录 {record} 已停用，不能作为投入；请索取现行版本。",
        en="The supplier's record {record} is deprecated and cannot be an input; ask for the current one.",
        article="S96, status",
        status=422,
    )
    NO_SUCH_FACTOR = Sentence(
        zh="产品碳足迹因子库和贵单位的供应商记录中没有 {factor}。",
        en="Neither the table of product factors nor your suppliers' records have {factor}.",
        article="design choice",
        status=422,
    )
