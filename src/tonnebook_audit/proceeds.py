"""Re-check what auctions brought in: awards, payment notices, the treasury's receipts and what was used, fen by fen."""

from typing import Any

import psycopg

from tonnebook_audit import rows
from tonnebook_audit.report import AuditReport


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check notices against awards and against what the treasury got, receipts against notices, use against both."""
    if not rows.exists(connection, "market_paymentnotice"):
        return
    for auction, organisation, *figures in rows.stream(connection, _NOTICES):
        subject = f"{auction} {organisation}"
        report.compare("payment notice", subject, expected=tuple(figures[:2]), found=tuple(figures[2:]))
    for auction, posted_fen, noticed_fen in rows.stream(connection, _POSTED):
        report.compare("payment notice", auction, expected=posted_fen, found=noticed_fen)
    for number, notice_fen, receipt_fen in rows.stream(connection, _RECEIPTS):
        report.compare("treasury receipt", number, expected=notice_fen, found=receipt_fen)
    for region, received_fen, used_fen in rows.stream(connection, _USED):
        report.compare("use of proceeds", region, expected=max(0, min(used_fen, received_fen)), found=used_fen)


_NOTICES = """
WITH due AS (
    SELECT auction.id AS auction_id, bid.organisation, sum(bid.awarded_t)::bigint AS quantity_t,
           sum(bid.awarded_t * CASE WHEN auction.pricing = 'PAY_AS_BID' THEN bid.price_fen_per_t
                                    ELSE auction.price_fen_per_t END)::bigint AS amount_fen
    FROM market_bid AS bid JOIN market_auction AS auction ON auction.id = bid.auction_id
    WHERE bid.awarded_t > 0
    GROUP BY auction.id, bid.organisation
)
SELECT auction.number, coalesce(due.organisation, notice.organisation), coalesce(due.quantity_t, 0),
       coalesce(due.amount_fen, 0), coalesce(notice.quantity_t, 0), coalesce(notice.amount_fen, 0)
FROM due
FULL JOIN market_paymentnotice AS notice USING (auction_id, organisation)
JOIN market_auction AS auction ON auction.id = auction_id
"""
# What the transfers of auctions gave to the treasury, by auction.
_POSTED = """
SELECT auction.number,
       (SELECT coalesce(sum(posting.quantity), 0)::bigint
        FROM registry_transfer AS transfer
        JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
        JOIN registry_account AS credit ON credit.id = posting.credit_account_id AND credit.type = 'TREASURY'
        WHERE transfer.number IN (SELECT bid.transfer FROM market_bid AS bid WHERE bid.auction_id = auction.id)),
       (SELECT coalesce(sum(amount_fen), 0)::bigint FROM market_paymentnotice WHERE auction_id = auction.id)
FROM market_auction AS auction
"""
_RECEIPTS = """
SELECT receipt.number, notice.amount_fen, receipt.amount_fen
FROM market_treasuryreceipt AS receipt JOIN market_paymentnotice AS notice ON notice.id = receipt.notice_id
"""
_USED = """
SELECT region, sum(received_fen)::bigint, sum(used_fen)::bigint
FROM (
    SELECT region, amount_fen AS received_fen, 0 AS used_fen FROM market_treasuryreceipt
    UNION ALL
    SELECT region, 0, amount_fen FROM market_useofproceeds
) AS told
GROUP BY region
"""
