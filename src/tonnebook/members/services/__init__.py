"""What members do: register organisations, admit people, hand in documents, answer alerts, approve by two people.

`require`, `require_signed`, `require_documents`, `use_approval` and `raise_alert` run inside the command of another
room; `expire_approvals`, `forget_nonces`, `pass_on_alerts` and `drill` are run by a job; the callers tell who stands
behind a key; `found_region` is what the operator does once, and `enter_first` what somebody does before they can sign
in; all `check_…`, `paper_payload` and `is_seal_of` only tell; the others are commands. Second factors have a module of
their own, `factors`.
"""

from tonnebook.members.services.access import (
    admit_person,
    check_person,
    draw_code,
    end_person,
    enter_first,
    found_region,
    readmit_person,
    register_organisation,
)
from tonnebook.members.services.alerts import acknowledge, drill, pass_on_alerts, raise_alert
from tonnebook.members.services.api_keys import (
    Caller,
    caller_of_secret,
    caller_of_signature,
    create_api_key,
    forget_nonces,
    revoke_api_key,
)
from tonnebook.members.services.bars import bar_from_trading, check_lift, lift_bar, require_may_hold, require_may_trade
from tonnebook.members.services.documents import keep_document, require_documents
from tonnebook.members.services.erasure import erase_secrets
from tonnebook.members.services.news import keep_news, name_insider, release_due, withdraw_news
from tonnebook.members.services.notices import NoticeDraft, confirm_receipt, notify
from tonnebook.members.services.papers import bind_print, issue_paper, paper_payload, publish_paper, seal_paper
from tonnebook.members.services.people import (
    ApprovedBy,
    OrganisationDraft,
    PersonDraft,
    approve,
    check_organisations,
    check_people,
    expire_approvals,
    propose,
    register_organisations,
    register_people,
    reject,
    require,
    require_signed,
    use_approval,
)
from tonnebook.members.services.remits import check_remit, set_remit
from tonnebook.members.services.seals import is_put, is_seal_of
from tonnebook.members.services.webhooks import (
    add_webhook,
    organisations_told,
    remove_webhook,
    secret_of,
    send_message_again,
    tell_programs,
    try_webhook,
)

__all__ = [
    "ApprovedBy",
    "Caller",
    "NoticeDraft",
    "OrganisationDraft",
    "PersonDraft",
    "acknowledge",
    "add_webhook",
    "admit_person",
    "approve",
    "bar_from_trading",
    "bind_print",
    "caller_of_secret",
    "caller_of_signature",
    "check_lift",
    "check_organisations",
    "check_people",
    "check_person",
    "check_remit",
    "confirm_receipt",
    "create_api_key",
    "draw_code",
    "drill",
    "end_person",
    "enter_first",
    "erase_secrets",
    "expire_approvals",
    "forget_nonces",
    "found_region",
    "is_put",
    "is_seal_of",
    "issue_paper",
    "keep_document",
    "keep_news",
    "lift_bar",
    "name_insider",
    "notify",
    "organisations_told",
    "paper_payload",
    "pass_on_alerts",
    "propose",
    "publish_paper",
    "raise_alert",
    "readmit_person",
    "register_organisation",
    "register_organisations",
    "register_people",
    "reject",
    "release_due",
    "remove_webhook",
    "require",
    "require_documents",
    "require_may_hold",
    "require_may_trade",
    "require_signed",
    "revoke_api_key",
    "seal_paper",
    "secret_of",
    "send_message_again",
    "set_remit",
    "tell_programs",
    "try_webhook",
    "use_approval",
    "withdraw_news",
]
