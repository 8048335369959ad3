"""Clear every one-way auction again from its bids: price before time, and what each bid got and pays."""

from collections import defaultdict
from typing import Any

import psycopg

from tonnebook_audit import rows
from tonnebook_audit.report import AuditReport


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check the one-way auctions that were cleared."""
    if not rows.exists(connection, "market_sale"):
        return
    bids: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for sale, *bid in rows.stream(connection, _BIDS):
        bids[sale].append(tuple(bid))
    for sale, quantity_t, sold_t, is_uniform in rows.stream(connection, _SALES):
        expected, left_t, price_fen = {}, quantity_t, 0
        for bid_fen, seq, bid_t, *_ in sorted(bids[sale], key=lambda bid: (-bid[0], bid[1])):
            got_t = min(bid_t, left_t)
            left_t -= got_t
            if got_t:
                expected[seq], price_fen = (bid_fen, got_t), bid_fen
        if is_uniform:
            expected = {seq: (price_fen, got_t) for seq, (_, got_t) in expected.items()}
        found = {seq: (paid_fen, got_t) for _, seq, _, paid_fen, got_t in bids[sale] if got_t}
        report.compare("sale", sale, expected=expected, found=found)
        report.compare("sale", sale, expected=quantity_t - left_t, found=sold_t)


# Bids that were withdrawn by force or lost their reserve count as never made.
_BIDS = """
SELECT sale.number, bid.bid_price_fen_per_t, bid.seq, bid.bid_t, bid.price_fen_per_t,
       CASE WHEN bid.state = 'SETTLED' THEN bid.quantity_t ELSE 0 END
FROM market_deal AS bid JOIN market_sale AS sale ON sale.id = bid.sale_id
WHERE bid.state IN ('SETTLED', 'EXPIRED')
"""
_SALES = """
SELECT number, quantity_t, sold_t, pricing = 'UNIFORM_LOWEST_ACCEPTED' FROM market_sale WHERE state = 'CLEARED'
"""
