"""Make documents and answer for them: the digest of each stands in the public log."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext

from tonnebook.core import periods, roles
from tonnebook.core.canonical import Json
from tonnebook.core.documents import DocumentKind, IssuedRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKind
from tonnebook.core.representation import Right
from tonnebook.core.roles import Act, Actor
from tonnebook.faces import documents, formats, labels
from tonnebook.faces.templatetags.tonnebook import region_name
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members_queries
from tonnebook.registry import queries
from tonnebook.registry.models import Account, IssuedCopy, IssuedDocument
from tonnebook.registry.queries import AccountRow, BalanceChange, StatementLine, StateRow
from tonnebook.registry.services import numbers
from tonnebook.registry.services.rights import require_right

# About 100 pages; who needs more takes a spreadsheet (design choice, no legal source).
STATEMENT_LINES_MAX = 2_500


@dataclass(frozen=True, slots=True)
class Issued:
    """A document that stands in the log: its number, digest and leaf."""

    number: str
    digest: str
    leaf: str


@journal.command("registry.issue_statement")
def issue_statement(
    actor: Actor,
    *,
    account: str,
    from_on: date,
    to_on: date,
    language: str,
    site: str,
    key: str,
    now: datetime,
) -> Answer:
    """Make the statement of an account as a PDF that anybody can check by its number or digest.

    Args:
        actor: of the holder, the registrar, the authority or an auditor.
        account: number.
        from_on: first day.
        to_on: last day, included.
        language: "zh-hans" or "en".
        site: address of these pages, such as "https://registry.example", for the code to be scanned.
        key: idempotency key.
        now: when.

    Returns:
        `document`, `digest` (SHA-256, hexadecimal) and `leaf`.

    Raises:
        Refused: ACCOUNT_UNKNOWN; NOT_PERMITTED, NOT_YOUR_REGION, NOT_YOUR_ORGANISATION, RIGHT_MISSING;
            STATEMENT_TOO_LONG.

    Source: design choice, no legal source.
    """
    del key
    row = queries.account(account)
    _check_reader(actor, row)
    midnight = datetime.min.time()
    from_at, to_at = periods.instant(from_on, midnight), periods.instant(to_on + timedelta(days=1), midnight)
    count = queries.statement_size(account, from_at=from_at, to_at=to_at)
    if count > STATEMENT_LINES_MAX:
        raise Refused(IssuedRefusal.STATEMENT_TOO_LONG, lines=count, most=STATEMENT_LINES_MAX)
    number = take_document_number()
    with translation.override(language):
        data = _sheet(row, (from_on, to_on), (from_at, to_at), now=now)
        data |= check_block(number, site)
        title = f"{data['title']} {account} {data['period']}"
    content = documents.pdf("registry/statement", data, made_at=now)
    issued = keep_issued(
        actor, number=number, kind=DocumentKind.STATEMENT, title=title, content=content, account=account, now=now
    )
    return {"document": issued.number, "digest": issued.digest, "leaf": issued.leaf}


def take_document_number() -> str:
    """Draw the number of a document, such as "DOC-000042-17"; it stands on the sheet, so it comes first."""
    return numbers.take_numbers(numbers.DOCUMENT, "DOC", 1)[0]


def check_block(number: str, site: str) -> dict[str, Json]:
    """Give what every sheet says about itself: its number, and where anybody can check it.

    Args:
        number: of the document.
        site: address of these pages.

    Returns:
        `number`, `address`, `qr` (SVG) and `sentence`, for a template.
    """
    return {"number": number, **documents.check_block(number, site)}


def keep_issued(
    actor: Actor,
    *,
    number: str,
    kind: DocumentKind,
    title: str,
    content: bytes,
    account: str = "",
    organisation: str = "",
    now: datetime,
) -> Issued:
    """Keep a document that we made and write its digest into the log, inside the caller's command.

    Args:
        actor: for whom it was made.
        number: drawn before, for it stands on the sheet.
        kind: what it says.
        title: for the list of those who may see it.
        content: the file.
        account: number of the account it is about, or empty.
        organisation: whose it is (unified social credit code); the account's holder when an account is named.
        now: when.

    Returns:
        Number, digest and leaf.

    Source: design choice, no legal source.
    """
    digest = documents.digest(content)
    sealed = {"title": title, "account": account, "organisation": organisation, "issued_to": actor.person}
    facts = {"number": number, "kind": kind, "digest": digest}
    leaf = journal.append(journal.Entry("registry.document.issued", facts, sealed), now=now)
    document = IssuedDocument.objects.create(number=number, kind=kind, digest=digest, issued_at=now, leaf_hash=leaf)
    owner = Account.objects.get(number=account) if account else None
    IssuedCopy.objects.create(
        document=document,
        account=owner,
        organisation_id=(owner.organisation_id if owner else organisation) or None,
        title=title,
        issued_to=actor.person,
        content=content,
    )
    return Issued(number, digest, leaf)


def _check_reader(actor: Actor, row: AccountRow) -> None:
    if row.organisation:
        require_right(actor, Act.TAKE_STATEMENT, account=row.number, right=Right.READ)
    else:
        # The system's own accounts are nobody's: whoever reads them is a public body of the region.
        roles.check(actor, Act.TAKE_STATEMENT, organisation="", region=row.region)


def _sheet(
    row: AccountRow, days: tuple[date, date], period: tuple[datetime, datetime], *, now: datetime
) -> dict[str, Json]:
    from_at, to_at = period
    before, after = queries.holdings_on(row.number, from_at), queries.holdings_on(row.number, to_at)
    lines = queries.statement(row.number, from_at=from_at, to_at=to_at)
    parts: list[Json] = [_balances(queries.balance_changes(before, after))]
    if states := queries.state_changes(row.number, from_at=from_at, to_at=to_at):
        parts.append(_states(states))
    if lines:
        parts.append(_lines(lines))
    return {
        "title": gettext("Statement of account"),
        "issuer": gettext("Carbon registry of %(region)s") % {"region": region_name(row.region)},
        "language": "zh" if formats.is_chinese(translation.get_language()) else "en",
        "period": gettext("%(first)s to %(last)s") % {"first": days[0].isoformat(), "last": days[1].isoformat()},
        "facts": _facts(row, now),
        "parts": parts,
    }


def _facts(row: AccountRow, now: datetime) -> list[Json]:
    facts: list[Json] = [[gettext("Account"), f"{row.number} · {labels.label(row.type)}"]]
    if row.organisation:
        holder = members_queries.organisation(row.organisation)
        is_chinese = formats.is_chinese(translation.get_language())
        name = holder.name_zh if is_chinese else holder.name_en
        facts.append([gettext("Holder"), f"{name} · {holder.uscc}"])
    return [*facts, [gettext("State"), labels.label(row.state)], [gettext("Made"), formats.moment(now).text]]


def _balances(changes: tuple[BalanceChange, ...]) -> Json:
    return {
        "title": gettext("Balances"),
        "columns": [gettext("Asset"), gettext("Before"), gettext("Change"), gettext("After")],
        "align": ["wide", "right", "right", "right"],
        "rows": [
            [one.asset.code, *(_amount(figure, one.asset.kind) for figure in (one.before, one.change, one.after))]
            for one in changes
        ],
    }


def _states(states: tuple[StateRow, ...]) -> Json:
    return {
        "title": gettext("Changes of the state"),
        "columns": [gettext("Since"), gettext("State"), gettext("Restricted transactions"), gettext("Why")],
        "align": ["left", "left", "wide", "wide"],
        "rows": [
            [
                formats.moment(one.at).text,
                labels.label(one.state),
                " · ".join(labels.label(type_) for type_ in one.barred),
                one.reason,
            ]
            for one in states
        ],
    }


def _lines(lines: tuple[StatementLine, ...]) -> Json:
    kinds = {code: queries.asset(code).kind for code in {line.asset for line in lines}}
    return {
        "title": gettext("Changes"),
        "columns": [
            gettext("When"),
            gettext("Transfer"),
            gettext("What"),
            gettext("Other account"),
            gettext("Asset"),
            gettext("Change"),
            gettext("Balance"),
        ],
        "align": ["left", "left", "wide", "left", "left", "right", "right"],
        "rows": [
            [
                formats.moment(line.at).text,
                line.transfer,
                " · ".join(filter(None, (labels.label(line.type), line.subject))),
                line.counterparty,
                line.asset,
                _amount(line.change, kinds[line.asset]),
                _amount(line.balance, kinds[line.asset]),
            ]
            for line in lines
        ],
    }


def _amount(quantity: int, kind: AssetKind) -> str:
    language = translation.get_language() or ""
    if kind is AssetKind.CASH:
        return formats.yuan(quantity, language).text
    # In full, without 万吨: a statement is added up again by its reader.
    return gettext("%(quantity)s t") % {"quantity": formats.grouped(quantity)}
