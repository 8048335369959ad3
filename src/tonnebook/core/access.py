"""Why somebody may not do something, and why somebody is not known: the refusals of `core.roles`."""

from tonnebook.core.errors import Refusal, Sentence


class AccessRefusal(Refusal):
    """Why somebody may not do something."""

    NOT_PERMITTED = Sentence(
        zh="您的角色（{roles}）不能办理此事（{act}）；请由具有{may}角色的人员办理。",
        en="Your roles ({roles}) do not allow this ({act}); somebody with one of {may} can do it.",
        article="design choice",
        status=403,
    )
    NOT_YOUR_REGION = Sentence(
        zh="此事属于 {region}，您只能办理 {own} 的事项。",
        en="This belongs to {region}; you act for {own} only.",
        article="design choice",
        status=403,
    )
    NOT_YOUR_ORGANISATION = Sentence(
        zh="此事属于另一单位，您只能为本单位（{own}）办理。",
        en="This belongs to another organisation; you act for your own ({own}) only.",
        article="design choice",
        status=403,
    )
    NOT_YOUR_DISTRICT = Sentence(
        zh="该单位不在 {own}，区级主管部门只能办理本区单位的事项。",
        en="This organisation is not in {own}; a district authority acts for those of its own district only.",
        article="design choice",
        status=403,
    )
    SECOND_FACTOR_NEEDED = Sentence(
        zh="此事（{act}）须在办理前 {minutes} 分钟内用第二因素（动态口令或通行密钥）确认，请确认后重试。",
        en="This ({act}) is signed: prove your second factor, a code or a passkey, at most {minutes} minutes before.",
        article="design choice",
        transient=True,
        status=403,
    )


class MemberRefusal(Refusal):
    """Why an organisation or a person is not registered."""

    USCC_MALFORMED = Sentence(
        zh="“{uscc}”不是有效的统一社会信用代码（18 位，末位为校验码），请核对。",
        en="“{uscc}” is no unified social credit code (18 signs, the last a check sign); please compare it.",
        article="GB 32100-2015",
        status=422,
    )
    NAME_UNFIT = Sentence(
        zh="名称“{name}”含有看不见或易混淆的字符（{sign}）；请删去后重新输入。",
        en="The name “{name}” holds a sign nobody sees or takes for another ({sign}); delete it and type it again.",
        article="design choice",
        status=422,
    )
    ORGANISATION_EXISTS = Sentence(
        zh="单位 {uscc} 已经登记。", en="Organisation {uscc} is registered already.", article="design choice"
    )
    NO_SUCH_ORGANISATION = Sentence(
        zh="没有登记代码为 {uscc} 的单位。",
        en="No organisation with code {uscc} is registered.",
        article="design choice",
        status=404,
    )
    NO_SUCH_PERSON = Sentence(
        zh="没有账号为 {username} 的人员。",
        en="There is nobody with sign-in name {username}.",
        article="design choice",
        status=404,
    )
    CONTROLLER_ENTERED = Sentence(
        zh="{uscc} 的控制人已经登记；如有变更，请先终止原登记。",
        en="Who controls {uscc} is entered already; end that entry first.",
        article="design choice",
    )
    NO_CONTROLLER = Sentence(
        zh="{uscc} 没有登记控制人。",
        en="Nobody is entered as controlling {uscc}.",
        article="design choice",
        status=404,
    )
    USERNAME_TAKEN = Sentence(
        zh="账号 {username} 已被使用，请另选一个。",
        en="Sign-in name {username} is taken; please choose another.",
        article="design choice",
    )
    NO_SECTOR_DEPARTMENT = Sentence(
        zh="{uscc} 不是行业主管部门。",
        en="{uscc} is no sector department.",
        article="design choice",
        status=422,
    )
    NO_SUCH_SECTOR = Sentence(
        zh="{region} 规则库中没有行业 {sector}。",
        en="The rule book of {region} knows no sector {sector}.",
        article="design choice",
        status=422,
    )
    ROLE_DOES_NOT_FIT = Sentence(
        zh="{kind} 类单位的人员不能具有 {role} 角色。",
        en="People of an organisation of kind {kind} cannot have the role {role}.",
        article="design choice",
        status=422,
    )
