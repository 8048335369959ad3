"""Why the account book says no."""

from tonnebook.core import units
from tonnebook.core.errors import Refusal, Sentence

# The one asset that is counted in fen; every other is counted in tonnes.
CASH_CODE = "CNY"


class LedgerRefusal(Refusal):
    """Why the account book refuses, in order of precedence."""

    ACCOUNT_UNKNOWN = Sentence("没有账户 {account}。", "There is no account {account}.", "design choice", status=404)
    ASSET_UNKNOWN = Sentence("没有资产 {asset}。", "There is no asset {asset}.", "design choice", status=404)
    ACCOUNT_EXISTS = Sentence(
        "{organisation} 在 {region} 已有 {type} 账户。",
        "{organisation} already has a {type} account in {region}.",
        "design choice",
    )
    QUANTITY_NOT_POSITIVE = Sentence(
        "数量 {quantity} 必须大于零。", "The quantity {quantity} must be above zero.", "design choice"
    )
    SAME_ACCOUNT = Sentence(
        "转出与转入不能是同一账户 {account}。", "Account {account} cannot transfer to itself.", "design choice"
    )
    OTHER_REGION = Sentence(
        "账户 {debit} 与 {credit} 不属于同一地区。",
        "Accounts {debit} and {credit} belong to different regions.",
        "design choice",
    )
    ACCOUNT_CLOSED = Sentence("账户 {account} 已销户。", "Account {account} is closed.", "design choice")
    ACCOUNT_PENDING = Sentence(
        "账户 {account} 尚未开通。", "Account {account} has been applied for and is not open yet.", "design choice"
    )
    ACCOUNT_FROZEN = Sentence(
        "账户 {account} 已冻结，不得转出。", "Account {account} is frozen: nothing may leave it.", "design choice"
    )
    ACCOUNT_SUSPENDED = Sentence(
        "账户 {account} 已暂停，仅可办理发放、清缴等照常业务，不可办理 {type}。",
        "Account {account} is suspended: allocation and surrender go on, {type} does not.",
        "design choice",
    )
    ACCOUNT_CLOSING = Sentence(
        "账户 {account} 正在销户，不可办理 {type}。",
        "Account {account} is being closed: no {type} any more.",
        "design choice",
    )
    ACCOUNT_RESTRICTED = Sentence(
        "账户 {account} 已受限，不可办理 {type}。",
        "Account {account} is restricted: no {type}.",
        "design choice",
    )
    STATE_CHANGE_NOT_ALLOWED = Sentence(
        "账户 {account} 不能由 {before} 变更为 {after}。",
        "Account {account} cannot go from {before} to {after}.",
        "design choice",
    )
    BARRED_MISSING = Sentence(
        "“部分业务受限”须列明所限业务，其他状态不得列出；发放、清缴等照常业务不可限制（账户 {account}）。",
        "Name the restricted transactions of account {account}: some for this state, none for any other, and nothing "
        "that always goes on, such as allocation and surrender.",
        "design choice",
        status=422,
    )
    SECOND_PERSON_NEEDED = Sentence(
        "{type} 须由另一人审批后方可办理。",
        "{type} needs the approval of a second person.",
        "design choice",
        status=403,
    )
    FREEZE_IN_FORCE = Sentence(
        "紧急冻结 {freeze}（{subject}）生效中，暂停办理；配额发放与清缴照常。",
        "Freeze {freeze} ({subject}) is in force: this stands still; allocation and surrender go on.",
        "design choice",
        transient=True,
    )
    FREEZE_UNKNOWN = Sentence(
        "没有编号为 {freeze} 的生效中的紧急冻结。",
        "There is no freeze {freeze} in force.",
        "design choice",
        status=404,
    )
    FREEZE_SET_ALREADY = Sentence("{subject} 已处于紧急冻结中。", "{subject} stands still already.", "design choice")
    FREEZE_SUBJECT_UNKNOWN = Sentence(
        "{region} 没有名为 {subject} 的地区、产品或账户，请核对。",
        "There is no region, product or account {subject} in {region}; please compare it.",
        "design choice",
        status=422,
    )
    ACCOUNT_NOT_EMPTY = Sentence(
        "账户 {account} 尚有余额，不能销户。",
        "Account {account} still holds something and cannot be closed.",
        "design choice",
    )
    TERMINAL_ACCOUNT = Sentence(
        "账户 {account} 中的单位已清缴或注销，不可转出。",
        "What lies in account {account} has been surrendered, retired or cancelled and can never leave it.",
        "design choice",
    )
    TRANSFER_NOT_ALLOWED = Sentence(
        "{type} 不允许从 {debit_type} 账户向 {credit_type} 账户转移 {kind}。",
        "A {type} transfer may not move {kind} from a {debit_type} to a {credit_type} account.",
        "design choice",
    )
    HOLD_NOT_ALLOWED = Sentence(
        "{account_type} 账户中的 {kind} 不能办理 {type}。",
        "{kind} of a {account_type} account cannot be set aside by {type}.",
        "design choice",
    )
    RESTRICTED_USE = Sentence(
        "{asset} 仅限本单位清缴使用，不可交易、质押或自愿注销。",
        "{asset} may only be surrendered by its holder: it cannot be traded, pledged or retired.",
        "S24, notice of the paid auction of 2025-06-30",
    )
    HOLD_UNKNOWN = Sentence("没有冻结记录 {hold}。", "There is no hold {hold}.", "design choice", status=404)
    HOLD_NOT_ACTIVE = Sentence(
        "冻结记录 {hold} 已使用或已解除。", "Hold {hold} has been used up or released.", "design choice"
    )
    HOLD_OVERRIDDEN = Sentence(
        "冻结记录 {hold} 已被法院或主管部门的在先权利取代，依据它的挂单、投标或划转失效；请刷新后重新提交。",
        "Hold {hold} gave way to a court or the authority: what rested on it is void. Reload and ask anew.",
        "design choice",
    )
    HOLD_OF_ANOTHER = Sentence(
        "冻结记录 {hold} 只能由设立人（{owner}）解除。",
        "Hold {hold} can be released by its owner only ({owner}).",
        "design choice",
        status=403,
    )
    EXPIRY_PAST = Sentence(
        "到期日 {expires_on} 已过，请核对通知书。",
        "The last day {expires_on} has passed; please compare the notice.",
        "design choice",
    )
    HOLD_DIFFERS = Sentence(
        "冻结记录 {hold} 不是为账户 {account} 的 {asset} 的此类转移设立的。",
        "Hold {hold} was not placed for such a transfer of {asset} from account {account}.",
        "design choice",
    )
    HOLD_TOO_SMALL = Sentence(
        "冻结记录 {hold} 仅余 {remaining_zh}，不足 {wanted_zh}。",
        "Hold {hold} has {remaining_en} left, less than {wanted_en}.",
        "design choice",
    )
    INSUFFICIENT_FREE = Sentence(
        "账户 {account} 的 {asset} 可用 {free_zh}，不足 {wanted_zh}。",
        "Account {account} has {free_en} of {asset} free, less than {wanted_en}.",
        "design choice",
    )
    TRANSFER_UNKNOWN = Sentence(
        "没有编号为 {transfer} 的交易。", "There is no transfer {transfer}.", "design choice", status=404
    )
    NOT_REVERSIBLE = Sentence(
        "交易 {transfer}（{type}）一经完成即不可撤回。",
        "Transfer {transfer} ({type}) stands for good: it cannot be taken back.",
        "design choice",
    )
    ALREADY_REVERSED = Sentence(
        "交易 {transfer} 已由 {correction} 更正。",
        "Transfer {transfer} has been taken back by {correction}.",
        "design choice",
    )
    REVERSAL_TOO_LATE = Sentence(
        "交易 {transfer} 的更正期限为 {ends_on}，现已届满。",
        "Transfer {transfer} could be taken back until {ends_on}; that day has passed.",
        "design choice",
    )
    LOT_GONE = Sentence(
        "账户 {account} 当日按该价买入的 {asset} 只剩 {left_zh}，不足 {wanted_zh}：已卖出或移出，无法撤回。",
        "Account {account} has only {left_en} of the {asset} left that it bought today at that price, less than "
        "{wanted_en}: they have been sold on or moved, and cannot be taken back.",
        "design choice",
    )
    BANK_REFERENCE_USED = Sentence(
        "银行流水号 {reference} 已入账。", "The bank reference {reference} has been booked before.", "design choice"
    )


def with_units(asset: str, **quantities: int) -> dict[str, object]:
    """Give quantities as facts: the whole number as booked, and in both languages with its unit.

    Args:
        asset: code of the asset; it decides between tonnes and yuan.
        quantities: by name of the fact, in tonnes or fen.

    Example:
        >>> with_units("CNY", free=123456)["free_en"]
        'CNY 1,234.56'
        >>> with_units("SHEA-2026", free=12400)["free_en"]
        '12,400 t'
    """
    is_cash = asset == CASH_CODE
    facts: dict[str, object] = dict(quantities)
    for name, quantity in quantities.items():
        yuan = units.yuan_text(quantity)
        facts[f"{name}_zh"] = f"{yuan} 元" if is_cash else f"{quantity:,} 吨"
        facts[f"{name}_en"] = f"CNY {yuan}" if is_cash else f"{quantity:,} t"
    return facts
