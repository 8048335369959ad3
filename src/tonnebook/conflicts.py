"""The page of holds and titles, written from the tables that decide: `docs/holds.md` and `./tonnebook holds`."""

from collections.abc import Iterator
from datetime import date

from tonnebook import rulebook
from tonnebook.core import ledger
from tonnebook.core.ledger import Claim, HoldReason

_INTRODUCTION = """# What is set aside, for whom, and who comes first 冻结与顺位

Written from `core/ledger/holds.py`, `core/ledger/titles.py` and the rule book by `./tonnebook holds --write`; a test
compares this page with them, and walks every pair through the services.

A claim that finds enough free units never meets another: the table below decides what happens when it does not. A
claim that waits has a rank; whatever becomes free in the account, or arrives there, goes to the lowest rank before its
holder can use it. A court and the authority may ask for more than there is. A hold that gives way is void as a whole,
the newest first, and no more of them than it takes. All open orders of an account in an asset share one reserve: it
gives way by what is missing, and the market then voids the newest orders until the rest suffices.
"""


def page() -> str:
    """Give the page as Markdown."""
    return "\n".join([_INTRODUCTION, *_matrix(), "", *_reasons(), "", *_terms(), "", *_orders(), ""])


def _matrix() -> Iterator[str]:
    yield "## The table of conflicts 冲突处理表\n"
    yield "| there ↓ · comes → | " + " | ".join(claim.value for claim in Claim) + " |"
    yield "|---" * (len(Claim) + 1) + "|"
    for there in Claim:
        cells = (ledger.CONFLICTS[there, comes].meeting.value for comes in Claim)
        yield f"| **{there}** | " + " | ".join(cells) + " |"


def _reasons() -> Iterator[str]:
    yield "## Why 理由\n"
    yield "| there | comes | outcome | 说明 | in English | source |"
    yield "|---|---|---|---|---|---|"
    for (there, comes), rule in ledger.CONFLICTS.items():
        yield f"| {there} | {comes} | {rule.meeting} | {rule.zh} | {rule.en} | {rule.source} |"


def _terms() -> Iterator[str]:
    yield "## Holds by reason 冻结原因\n"
    yield "| reason | claim | released by | ends at its expiry | may exceed what is free | drawn on by |"
    yield "|---|---|---|---|---|---|"
    for reason in HoldReason:
        terms = ledger.TERMS[reason]
        drawn = ", ".join(sorted(row.type for row in ledger.MATRIX.values() if row.draws is reason)) or "–"
        ends, exceeds = ("yes" if flag else "no" for flag in (terms.ends_by_itself, terms.exceeds))
        yield f"| {reason} | {terms.claim} | {terms.owner} | {ends} | {exceeds} | {drawn} |"


def _orders() -> Iterator[str]:
    yield "## Titles, and the order in which lots are used up 取得方式与使用顺序\n"
    yield "Within one title the oldest lot goes first, and of one day the cheapest. The title a transfer gives:\n"
    for title in ledger.Title:
        given = ", ".join(sorted(transfer for transfer, one in ledger.GIVES.items() if one is title))
        yield f"- `{title}`: {given}"
    yield "\nEvery other transfer between holders' accounts leaves the title, the day and the price as they were.\n"
    yield "| region | order from | source | status |"
    yield "|---|---|---|---|"
    for region in rulebook.regions():
        leaf = rulebook.at(region, on=_FAR).leaves["region.lot_order"]
        for value in leaf.values:
            order = (value.value or "").replace(" | ", ", ")
            yield f"| {region} | {value.from_on}: {order} | {value.source} | {value.status} |"


# After every value of the rule book.
_FAR = date(2999, 12, 31)
