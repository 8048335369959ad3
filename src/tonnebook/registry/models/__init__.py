"""The rows of the registry, one file per idea."""

from tonnebook.registry.models.accounts import Application, IssuedCopy, IssuedDocument, Representative, StateChange
from tonnebook.registry.models.banks import (
    BankContract,
    BankEntry,
    BankStatement,
    PaymentFile,
    PaymentOrder,
    SettlementBank,
)
from tonnebook.registry.models.books import (
    Account,
    Asset,
    Balance,
    Posting,
    SerialBlock,
    SerialLine,
    SerialMove,
    Transfer,
)
from tonnebook.registry.models.freezes import FreezeLine, FreezeSwitch
from tonnebook.registry.models.holds import Hold
from tonnebook.registry.models.moves import BankAccount, PendingTransfer, TrustedAccount
from tonnebook.registry.models.titles import Lot

__all__ = [
    "Account",
    "Application",
    "Asset",
    "Balance",
    "BankAccount",
    "BankContract",
    "BankEntry",
    "BankStatement",
    "FreezeLine",
    "FreezeSwitch",
    "Hold",
    "IssuedCopy",
    "IssuedDocument",
    "Lot",
    "PaymentFile",
    "PaymentOrder",
    "PendingTransfer",
    "Posting",
    "Representative",
    "SerialBlock",
    "SerialLine",
    "SerialMove",
    "SettlementBank",
    "StateChange",
    "Transfer",
    "TrustedAccount",
]
