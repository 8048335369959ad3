"""Why the account book says no."""

from tonnebook.core.errors import Refusal, Sentence


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
    ACCOUNT_FROZEN = Sentence(
        "账户 {account} 已冻结，不得转出。", "Account {account} is frozen: nothing may leave it.", "design choice"
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
    RESTRICTED_USE = Sentence(
        "{asset} 仅限本单位清缴使用，不可交易、质押或自愿注销。",
        "{asset} may only be surrendered by its holder: it cannot be traded, pledged or retired.",
        "S24, notice of the paid auction of 2025-06-30",
    )
    HOLD_UNKNOWN = Sentence("没有冻结记录 {hold}。", "There is no hold {hold}.", "design choice", status=404)
    HOLD_NOT_ACTIVE = Sentence(
        "冻结记录 {hold} 已使用或已解除。", "Hold {hold} has been used up or released.", "design choice"
    )
    HOLD_DIFFERS = Sentence(
        "冻结记录 {hold} 不是为账户 {account} 的 {asset} 的此类转移设立的。",
        "Hold {hold} was not placed for such a transfer of {asset} from account {account}.",
        "design choice",
    )
    HOLD_TOO_SMALL = Sentence(
        "冻结记录 {hold} 仅余 {remaining}，不足 {wanted}。",
        "Hold {hold} has {remaining} left, less than {wanted}.",
        "design choice",
    )
    INSUFFICIENT_FREE = Sentence(
        "账户 {account} 的 {asset} 可用 {free}，不足 {wanted}。",
        "Account {account} has {free} of {asset} free, less than {wanted}.",
        "design choice",
    )
    BANK_REFERENCE_USED = Sentence(
        "银行流水号 {reference} 已入账。", "The bank reference {reference} has been booked before.", "design choice"
    )
