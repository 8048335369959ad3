"""The rows of members, one file per idea."""

from tonnebook.members.models.alerts import Acknowledgement, Alert
from tonnebook.members.models.api_keys import ApiKey, ApiNonce
from tonnebook.members.models.bars import Bar
from tonnebook.members.models.controllers import Controller
from tonnebook.members.models.documents import Document
from tonnebook.members.models.factors import FactorTrials
from tonnebook.members.models.first_codes import FirstCode
from tonnebook.members.models.identities import IdentityLink
from tonnebook.members.models.news import Insider, News
from tonnebook.members.models.notices import Notice
from tonnebook.members.models.papers import Paper, PaperContent, PaperTwin
from tonnebook.members.models.people import Approval, Organisation, Person
from tonnebook.members.models.remits import Remit
from tonnebook.members.models.seals import Seal, SealKey
from tonnebook.members.models.sign_ins import SignIn
from tonnebook.members.models.webhooks import Webhook, WebhookMessage

__all__ = [
    "Acknowledgement",
    "Alert",
    "ApiKey",
    "ApiNonce",
    "Approval",
    "Bar",
    "Controller",
    "Document",
    "FactorTrials",
    "FirstCode",
    "IdentityLink",
    "Insider",
    "News",
    "Notice",
    "Organisation",
    "Paper",
    "PaperContent",
    "PaperTwin",
    "Person",
    "Remit",
    "Seal",
    "SealKey",
    "SignIn",
    "Webhook",
    "WebhookMessage",
]
