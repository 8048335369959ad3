"""Check the public file of an auction offline: is every bid the one that was logged before the close, and does the
published key open them to the published result?

Named are: a bid that was not in the log when the auction closed (put in or dated back), one whose envelope is not the
one logged (changed), a number in the count that is missing (dropped), and whatever comes out differently. A bidder who
adds the receipt of a bid learns whether it is in the file at all.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from tonnebook_audit import notes, receipt, sealed, tree
from tonnebook_audit.receipt import Finding

_FORMAT = "tonnebook-auction-3"

NOT_A_FILE = Finding(
    "文件不是竞价结果文件（结构不符）。", "The file is no result of an auction: it has not the right fields."
)
NOTE_WRONG = Finding(
    "截止后的检查点未由日志公钥签署，或不是所信任的公钥。",
    "The checkpoint after the close is not signed by the log's key, or that key is not the trusted one.",
)
WITNESS_MISSING = receipt.WITNESS_MISSING
ANNOUNCEMENT_WRONG = Finding("公告没有日志证明。", "What was announced does not stand in the log.")
COUNT_WRONG = Finding(
    "截止后的报价总数没有日志证明。", "How many bids there are does not stand in the log after the close."
)
KEY_WRONG = Finding(
    "公布的私钥与公告的开标公钥不符。", "The published secret does not belong to the announced opening key."
)


def check(
    text: str, *, trusted_key: str | None = None, witnesses: Sequence[str] = (), receipts: Sequence[str] = ()
) -> list[Finding]:
    """Check the result of an auction.

    Args:
        text: the file as it was published (JSON).
        trusted_key: the log's key known from elsewhere, or None.
        witnesses: keys of witnesses that must have signed the checkpoint after the close.
        receipts: receipts of bids that must be in the file (JSON).

    Returns:
        What is wrong with it, empty when nothing is.
    """
    try:
        document = tree.parse(text)
        assert isinstance(document, dict)
        return _check(document, trusted_key, witnesses, [tree.parse(one) for one in receipts])
    except (AssertionError, AttributeError, KeyError, RecursionError, TypeError, ValueError, tree.NotCanonical):
        return [NOT_A_FILE]


def _check(
    document: dict[str, Any], trusted_key: str | None, witnesses: Sequence[str], receipts: list[Any]
) -> list[Finding]:
    assert document["format"] == _FORMAT
    bids, announced = document["bids"], document["announced"]
    findings = _check_note(document, trusted_key, witnesses)
    leaf = announced["leaf"]
    is_announced = leaf["kind"] == "market.auction.announced" and leaf["facts"]["auction"] == document["auction"]
    if not (is_announced and _stands_in_log(document, announced)):
        findings.append(ANNOUNCEMENT_WRONG)
    findings += [finding for bid in bids for finding in _check_bid(document, bid)]
    findings += _check_count(document) + _check_receipts(document, receipts)
    if not sealed.is_key_of(document["opened_with"], leaf["facts"]["opening_key"]):
        return [*findings, KEY_WRONG]
    return findings + _check_result(document)


def _check_note(document: dict[str, Any], trusted_key: str | None, witnesses: Sequence[str]) -> list[Finding]:
    key, note = notes.read_key(document["log_key"]), notes.read_note(document["checkpoint"])
    findings = []
    if key is None or note is None or not note.is_signed_by(key) or trusted_key not in (None, document["log_key"]):
        findings.append(NOTE_WRONG)
    others = [notes.read_key(one) for one in witnesses]
    if not all(note is not None and one is not None and note.is_signed_by(one) for one in others):
        findings.append(WITNESS_MISSING)
    return findings


def _check_bid(document: dict[str, Any], bid: dict[str, Any]) -> list[Finding]:
    name, placed = bid["bid"], bid["placed"]
    findings = []
    if not _stands_in_log(document, placed):
        findings.append(
            Finding(f"报价 {name} 在截止时不在公开日志中（事后加入）。", f"Bid {name} was not in the log at the close.")
        )
    facts = placed["leaf"]["facts"]
    expected = {"auction": document["auction"], "bid": name, "seq": str(bid["seq"]), **_digests(bid)}
    if placed["leaf"]["kind"] != "market.bid.placed" or facts != expected:
        findings.append(
            Finding(f"报价 {name} 的密封内容或限额与日志不符（被改动）。", f"Bid {name} is not the one logged.")
        )
    window = document["announced"]["leaf"]["facts"]
    if not window["opens_at"] <= placed["leaf"]["at"] < window["closes_at"]:
        findings.append(Finding(f"报价 {name} 不在竞价时间内。", f"Bid {name} was placed outside the time for bids."))
    if (bid["state"] == "WITHDRAWN") != _is_withdrawn(document, bid):
        findings.append(
            Finding(
                f"报价 {name} 的撤回没有日志证明，或与状态不符。", f"The withdrawal of bid {name} is not in the log."
            )
        )
    return findings


# What the log says of a bid before anybody can read it: its envelope, and the limits that apply to it.
def _digests(bid: dict[str, Any]) -> dict[str, str]:
    limits = ("-" if bid[name] is None else str(bid[name]) for name in ("limit_t", "group_limit_t"))
    told = "\n".join(("tonnebook-limits-1", bid["mark"], str(bid["bidder"]), str(bid["group"]), *limits))
    return {
        "envelope_digest": hashlib.sha256(bytes.fromhex(bid["envelope"])).hexdigest(),
        "limits_digest": hashlib.sha256(told.encode()).hexdigest(),
    }


def _is_withdrawn(document: dict[str, Any], bid: dict[str, Any]) -> bool:
    proof = bid["withdrawn"]
    if proof is None:
        return False
    leaf = {"kind": "market.bid.withdrawn", "facts": {"auction": document["auction"], "bid": bid["bid"]}}
    return _stands_in_log(document, proof) and {name: proof["leaf"][name] for name in leaf} == leaf


def _stands_in_log(document: dict[str, Any], proof: dict[str, Any]) -> bool:
    note = notes.read_note(document["checkpoint"])
    head = notes.read_head(note) if note else None
    if head is None or not 0 <= proof["index"] < head.size:
        return False
    leaf = tree.leaf_hash(tree.canonical(proof["leaf"]).encode())
    path = [bytes.fromhex(node) for node in proof["path"]]
    return tree.root_by_path(leaf, index=proof["index"], size=head.size, path=path) == head.root


# Bids are numbered without gaps while they come in, in the order of the log; how many there are the log says behind
# the last of them.
def _check_count(document: dict[str, Any]) -> list[Finding]:
    bids, counted = document["bids"], document["counted"]
    leaf, found = counted["leaf"], {bid["seq"] for bid in bids}
    count = int(leaf["facts"]["bids"])
    findings = []
    closes_at = document["announced"]["leaf"]["facts"]["closes_at"]
    is_count = leaf["kind"] == "market.auction.bids_counted" and leaf["facts"]["auction"] == document["auction"]
    if not (is_count and leaf["at"] >= closes_at and _stands_in_log(document, counted)):
        findings.append(COUNT_WRONG)
    missing = sorted(set(range(1, count + 1)) - found)
    findings += [Finding(f"缺少第 {seq} 号报价（被删除）。", f"Bid number {seq} is missing.") for seq in missing]
    places = [bid["placed"]["index"] for bid in sorted(bids, key=lambda bid: bid["seq"])]
    if [*places, counted["index"]] != sorted([*places, counted["index"]]) or len(bids) != count - len(missing):
        findings.append(Finding("报价顺序与日志不符。", "The order of the bids is not that of the log."))
    return findings


def _check_receipts(document: dict[str, Any], receipts: list[Any]) -> list[Finding]:
    listed = [bid["placed"]["leaf"] for bid in document["bids"]]
    return [
        Finding("所附凭证的报价不在文件中（被删除）。", "The bid of a receipt that was given is not in the file.")
        for one in receipts
        if one["leaf"] not in listed
    ]


def _check_result(document: dict[str, Any]) -> list[Finding]:
    standing = [bid for bid in document["bids"] if bid["state"] != "WITHDRAWN"]
    envelopes = [
        sealed.Envelope(
            bid["seq"],
            bid["bidder"],
            bid["group"],
            bid["mark"],
            bid["deposit_fen"],
            bid["limit_t"],
            bid["group_limit_t"],
            bytes.fromhex(bid["envelope"]),
            bid["void_reason"] != "RESERVE_LOST",
        )
        for bid in standing
    ]
    cleared = sealed.clear(
        document["auction"],
        envelopes,
        secret=document["opened_with"],
        offer=_offer(document["announced"]["leaf"]["facts"]),
    )
    findings = []
    for bid in standing:
        due = cleared.bids[bid["seq"]]
        expected = (due.price_fen, due.quantity_t, due.void_reason, due.awarded_t)
        if expected != (bid["price_fen_per_t"], bid["quantity_t"], bid["void_reason"], bid["awarded_t"]):
            findings.append(
                Finding(f"报价 {bid['bid']} 的内容或结果与开封重算不符。", f"Bid {bid['bid']} comes out differently.")
            )
    expected_result = {
        "price_fen_per_t": cleared.price_fen,
        "sold_t": cleared.sold_t,
        "unsold_t": cleared.unsold_t,
        "demand_t": cleared.demand_t,
        "bidders": cleared.bidders,
        "proceeds_fen": cleared.proceeds_fen,
    }
    if document["result"] != expected_result:
        findings.append(Finding("公布的结果与重算不符。", "The published result is not what the bids come to."))
    return findings


# Numbers stand in the log as texts.
def _offer(facts: dict[str, str]) -> sealed.Offer:
    return sealed.Offer(
        int(facts["quantity_t"]),
        int(facts["floor_price_fen_per_t"]),
        facts["shortage"],
        facts["tie_break"],
        int(facts["bidders_min"]),
        int(facts["bid_t_min"]),
        facts["pricing"],
    )
