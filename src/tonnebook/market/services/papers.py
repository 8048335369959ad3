"""Papers about trading that anybody can check: delivery slips of a day or a trade, and invoices of a month."""

from datetime import date, datetime

from django.utils import translation
from django.utils.translation import gettext

from tonnebook import rulebook
from tonnebook.core import invoices, periods
from tonnebook.core.canonical import Json
from tonnebook.core.documents import DocumentKind
from tonnebook.core.errors import Refused
from tonnebook.core.invoices import Invoice, InvoiceRefusal
from tonnebook.core.roles import Act, Actor
from tonnebook.faces import documents, formats, labels
from tonnebook.faces.templatetags.tonnebook import name, region_name
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market import models, queries
from tonnebook.market.queries import SlipDay
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import services as registry


@journal.command("market.issue_slip")
def issue_slip(actor: Actor, *, day: date, trade: str, language: str, site: str, key: str, now: datetime) -> Answer:
    """Make the delivery slip of a day, or of one trade, as a PDF that anybody can check by its number.

    Args:
        actor: of the member, for its own trades.
        day: of trading.
        trade: number, for a slip of this trade alone; empty for the day.
        language: "zh-hans" or "en".
        site: address of these pages, for the code to be scanned.
        key: idempotency key.
        now: when.

    Returns:
        `document`, `digest` (SHA-256, hexadecimal) and `leaf`.

    Raises:
        Refused: NOT_PERMITTED.

    Source: design choice, no legal source.
    """
    del key
    region = members.require(actor, Act.TAKE_STATEMENT, organisation=actor.organisation)
    told = queries.member_day(actor.organisation, region=region, day=day, trade=trade)
    number = registry.take_document_number()
    with translation.override(language):
        data = _head(actor, region, gettext("Delivery slip"), trade or day.isoformat(), now)
        data["parts"] = [_trades(told), *([] if trade else [_cash(told), _positions(told)])]
        data |= registry.check_block(number, site)
        title = f"{data['title']} {data['period']}"
    return _keep(actor, DocumentKind.DELIVERY_SLIP, number, title, data, now)


@journal.command("market.issue_invoice")
def issue_invoice(actor: Actor, *, month: date, language: str, site: str, key: str, now: datetime) -> Answer:
    """Make the invoice of what a member was charged in a month, once, after the month is over.

    Args:
        actor: of the member, for its own charges.
        month: its first day.
        language: "zh-hans" or "en".
        site: address of these pages, for the code to be scanned.
        key: idempotency key.
        now: when.

    Returns:
        `invoice` (number), `document`, `digest` and `leaf`.

    Raises:
        Refused: NOT_PERMITTED; MONTH_NOT_OVER; NOTHING_CHARGED; INVOICED_ALREADY.

    Source: design choice, no legal source; tax by `fees.vat_share` where the rule book has it.
    """
    del key
    region = members.require(actor, Act.TAKE_STATEMENT, organisation=actor.organisation)
    month, written = invoices.month_of(month), f"{month:%Y-%m}"
    if periods.day_of(now) < invoices.month_after(month):
        raise Refused(InvoiceRefusal.MONTH_NOT_OVER, month=written)
    lines = queries.charged(actor.organisation, region=region, month=month)
    made = invoices.invoice(lines, vat_share=invoices.vat_share(rulebook.at(region, on=month)))
    if made.total_fen <= 0:
        raise Refused(InvoiceRefusal.NOTHING_CHARGED, month=written)
    number = registry.take_document_number()
    row, is_new = models.Invoice.objects.get_or_create(
        region=region,
        organisation=actor.organisation,
        month=month,
        defaults={
            "number": f"INV-{number}",
            "total_fen": made.total_fen,
            "vat_fen": made.vat_fen,
            "document": number,
            "made_at": now,
        },
    )
    if not is_new:
        raise Refused(InvoiceRefusal.INVOICED_ALREADY, month=written, invoice=row.number)
    with translation.override(language):
        data = _head(actor, region, gettext("Invoice"), f"{written} · {row.number}", now)
        data["parts"] = [_invoiced(made)]
        data |= registry.check_block(number, site)
        title = f"{data['title']} {data['period']}"
    answer = _keep(actor, DocumentKind.INVOICE, number, title, data, now)
    return {"invoice": row.number, **answer}


def _keep(actor: Actor, kind: DocumentKind, number: str, title: str, data: dict[str, Json], now: datetime) -> Answer:
    content = documents.pdf("registry/statement", data, made_at=now)
    issued = registry.keep_issued(
        actor, number=number, kind=kind, title=title, content=content, organisation=actor.organisation, now=now
    )
    return {"document": issued.number, "digest": issued.digest, "leaf": issued.leaf}


def _head(actor: Actor, region: str, title: str, period: str, now: datetime) -> dict[str, Json]:
    member = members_queries.organisation(actor.organisation)
    return {
        "title": title,
        "issuer": gettext("Carbon market of %(region)s") % {"region": region_name(region)},
        "language": "zh" if formats.is_chinese(translation.get_language()) else "en",
        "period": period,
        "facts": [
            [gettext("Member"), f"{name(member)} · {member.uscc}"],
            [gettext("Made"), formats.moment(now).text],
        ],
    }


def _trades(told: SlipDay) -> Json:
    total = told.totals
    rows: list[Json] = [
        [
            formats.moment(row.at).text,
            row.slip.trade + (f" · {gettext('taken back')}" if row.slip.is_back else ""),
            labels.label(row.slip.side),
            row.asset,
            _yuan(row.slip.price_fen_per_t),
            formats.grouped(row.slip.quantity_t),
            _yuan(row.slip.amount_fen),
            _yuan(row.slip.fee_fen),
            _yuan(row.slip.net_fen),
        ]
        for row in told.trades
    ]
    quantity = formats.grouped(total.bought_t + total.sold_t)
    sums: list[Json] = [_yuan(total.turnover_fen), _yuan(total.fee_fen), _yuan(total.net_fen)]
    rows.append([gettext("Sum"), "", "", "", "", quantity, *sums])
    return {
        "title": gettext("Trades"),
        "columns": [
            gettext("When"),
            gettext("Trade"),
            gettext("Side"),
            gettext("Asset"),
            gettext("Price per tonne"),
            gettext("Quantity (t)"),
            gettext("Amount"),
            gettext("Fee"),
            gettext("Change of cash"),
        ],
        "align": ["left", "wide", "left", "left", "right", "right", "right", "right", "right"],
        "rows": rows,
    }


def _cash(told: SlipDay) -> Json:
    return {
        "title": gettext("Other movements of cash"),
        "columns": [gettext("When"), gettext("What"), gettext("Transfer"), gettext("Change"), gettext("Balance")],
        "align": ["left", "wide", "left", "right", "right"],
        "rows": [
            [
                formats.moment(line.at).text,
                labels.label(line.type),
                line.transfer,
                _yuan(line.change),
                _yuan(line.balance),
            ]
            for line in told.cash
        ],
    }


def _positions(told: SlipDay) -> Json:
    return {
        "title": gettext("At the end of the day"),
        "columns": [gettext("Account"), gettext("Asset"), gettext("Balance")],
        "align": ["wide", "left", "right"],
        "rows": [
            [
                account,
                held.asset.code,
                _yuan(held.total) if queries.is_cash(held) else f"{formats.grouped(held.total)} t",
            ]
            for account, held in told.positions
        ],
    }


def _invoiced(made: Invoice) -> Json:
    unknown = gettext("not known")
    rows: list[Json] = [
        [
            labels.label(one.line.what, "TransferType"),
            formats.grouped(one.line.count),
            _yuan(one.line.charged_fen),
            unknown if one.vat_fen is None else _yuan(one.vat_fen),
        ]
        for one in made.lines
    ]
    rows.append([gettext("Sum"), "", _yuan(made.total_fen), unknown if made.vat_fen is None else _yuan(made.vat_fen)])
    return {
        "title": gettext("Charged"),
        "columns": [gettext("What"), gettext("Number"), gettext("Amount"), gettext("of it value-added tax")],
        "align": ["wide", "right", "right", "right"],
        "rows": rows,
    }


def _yuan(amount_fen: int) -> str:
    return formats.yuan(amount_fen, translation.get_language() or "").text
