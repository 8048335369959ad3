"""Applications about accounts: what a holder may ask of the registry, and the way from the question to the answer.

The holder asks with documents; one registrar checks and proposes, another approves; then it is done. Until then the
holder may take it back, and the registry refuse it with a reason. Source: design choice, no legal source.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.ledger import AccountType


class ApplicationKind(StrEnum):
    """What is asked."""

    OPEN = "OPEN"
    APPOINT = "APPOINT"
    REMOVE = "REMOVE"
    RENAME = "RENAME"
    CHANGE_HOLDER = "CHANGE_HOLDER"
    MERGE = "MERGE"
    CLOSE = "CLOSE"


class ApplicationState(StrEnum):
    """Where an application stands."""

    ASKED = "ASKED"
    CHECKED = "CHECKED"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


# An approval that ran out leaves the application checked; it is then checked again.
TRANSITIONS: Mapping[ApplicationState, frozenset[ApplicationState]] = MappingProxyType(
    {
        ApplicationState.ASKED: frozenset(
            {ApplicationState.CHECKED, ApplicationState.REFUSED, ApplicationState.WITHDRAWN}
        ),
        ApplicationState.CHECKED: frozenset(set(ApplicationState) - {ApplicationState.ASKED}),
        ApplicationState.GRANTED: frozenset(),
        ApplicationState.REFUSED: frozenset(),
        ApplicationState.WITHDRAWN: frozenset(),
    }
)

# The accounts an organisation may ask for; all others are the system's or come with a service.
OPENED_ON_REQUEST = frozenset({AccountType.HOLDING, AccountType.TRADING, AccountType.PROJECT, AccountType.CLIENT_CASH})


class ApplicationRefusal(Refusal):
    """Why an application is not taken or not decided, in order of precedence."""

    NO_SUCH_APPLICATION = Sentence(
        "没有编号为 {application} 的申请。", "There is no application {application}.", "design choice", status=404
    )
    TYPE_NOT_ON_REQUEST = Sentence(
        "{type} 账户不能由单位申请开立。", "An account of type {type} is not opened on request.", "design choice"
    )
    DETAIL_MISSING = Sentence("申请缺少“{detail}”。", "The application lacks {detail}.", "design choice", status=422)
    ALREADY_ASKED = Sentence(
        "账户 {account} 已有尚未办结的同类申请 {application}。",
        "Application {application} for the same of account {account} is still under way.",
        "design choice",
    )
    APPLICATION_DECIDED = Sentence(
        "申请 {application} 的状态为 {state}，不能再变更。",
        "Application {application} is {state}; nothing about it can change any more.",
        "design choice",
    )
    APPLICATION_DIFFERS = Sentence(
        "所审批的内容与申请 {application} 不一致。",
        "What was approved is not what application {application} asks for.",
        "design choice",
    )
    SAME_HOLDER = Sentence(
        "{organisation} 已是该账户的持有单位。", "{organisation} holds the account already.", "design choice"
    )


def check_next(application: str, state: ApplicationState, after: ApplicationState) -> None:
    """Refuse a step that an application cannot take any more.

    Args:
        application: number.
        state: where it stands.
        after: where it is to stand.

    Raises:
        Refused: APPLICATION_DECIDED.

    Source: design choice, no legal source.
    """
    if after not in TRANSITIONS[state]:
        raise Refused(ApplicationRefusal.APPLICATION_DECIDED, application=application, state=state.value)
