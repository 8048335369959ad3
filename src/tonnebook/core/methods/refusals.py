"""What the computation of emissions refuses, by formula of the code and by method of the rule book alike."""

from tonnebook.core.errors import Refusal, Sentence


class MrvRefusal(Refusal):
    """What the computation of emissions can refuse."""

    NO_LINES = Sentence(
        zh="报告中没有任何排放源数据；请至少填写一行活动数据。",
        en="The report has no source line; enter at least one line of activity data.",
        article="design choice",
        status=422,
    )
    QUANTITY_NEGATIVE = Sentence(
        zh="“{name}”的活动数据或参数 {value} 为负；请填写不小于零的数值。",
        en="The quantity or parameter {value} of “{name}” is negative; enter zero or more.",
        article="design choice",
        status=422,
    )
    UNIT_MISMATCH = Sentence(
        zh="“{name}”的单位 {unit} 与因子单位 {expected} 不匹配；可用单位：{accepted}。",
        en="The unit {unit} of “{name}” does not fit its factor per {expected}; accepted: {accepted}.",
        article="S70, unit checks",
        status=422,
    )
    FACTOR_MISSING = Sentence(
        zh="“{name}”缺少参数 {path}；请填写实测值，或由主管部门在规则库中补充该年度的缺省值。",
        en="“{name}” lacks the parameter {path}; enter a measured value, or have the authority add the default of that "
        "year to the rule book.",
        article="design choice",
        status=422,
    )
    GREEN_EXCEEDS_PURCHASED = Sentence(
        zh="绿电与非化石电量合计 {green} MWh 超过外购电量 {purchased} MWh；请核对结算凭证。",
        en="Green and non-fossil power of {green} MWh exceed the purchased {purchased} MWh; check the bills.",
        article="S28",
        status=422,
    )
    NO_SUCH_METHOD = Sentence(
        zh="{region}没有核算方法“{method}”；请从方法目录中选择。",
        en="{region} has no method “{method}”; choose one of the catalogue of methods.",
        article="design choice",
        status=422,
    )
    METHOD_NOT_OF_YEAR = Sentence(
        zh="核算方法“{method}”没有适用于{year}年度的版本（现有：{versions}）；请由主管部门补充该年度的版本。",
        en="The method “{method}” has no version for {year} (there are: {versions}); have the authority add one.",
        article="design choice",
        status=422,
    )
    INPUT_MISSING = Sentence(
        zh="“{name}”按方法“{method}”计算时缺少“{input_zh}”（{input}）；请填写。",
        en="“{name}” lacks {input_en} ({input}), which the method “{method}” needs; enter it.",
        article="design choice",
        status=422,
    )
    INPUT_UNKNOWN = Sentence(
        zh="方法“{method}”没有可填写的参数“{input}”；可填写：{accepted}。",
        en="The method “{method}” takes no value for “{input}”; it takes: {accepted}.",
        article="design choice",
        status=422,
    )
    BOUNDARY_MIXED = Sentence(
        zh="“{name}”的因子 {path} 的核算边界为 {found}，方法要求 {needed}；不同边界的因子不能混用。",
        en="The factor {path} of “{name}” is of the boundary {found}, the method needs {needed}; factors of different "
        "boundaries are never mixed.",
        article="S12; S57",
        status=422,
    )
    NOT_COMPUTABLE = Sentence(
        zh="“{name}”按方法“{method}”计算时除数为零；请核对各参数。",
        en="“{name}” would divide by zero in the method “{method}”; check its values.",
        article="design choice",
        status=422,
    )
