"""Re-check the public log, every hash, number, checkpoint and seal, and gather what the books must match."""

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg

from tonnebook_audit import notes, rows, tiles, tree
from tonnebook_audit.report import AuditReport

_TRANSFER = "registry.transfer.posted"
_BULK = "registry.bulk.posted"
_MOVEMENT = "registry.movement.posted"
_DELIVERY = "registry.delivery.posted"
_PROPOSAL = "members.approval.proposed"
_PLAN = "compliance.plan.adopted"
_LIST = "compliance.coverage.decided"
_NOTED = "compliance.grounds.noted"
_WITHDRAWN = "compliance.ground.withdrawn"
_DRAWN = "compliance.headroom.drawn"
_ASKED = "registry.transfer.asked"
_FREEZE = "registry.freeze.set"
_LIFT = "registry.freeze.lifted"
_PAPER = "members.paper.issued"
_OPENED = "registry.account.opened"
_STATE = "registry.account.state_set"
_HELD = "registry.hold.placed"
_LET_GO = {"registry.hold.released": "RELEASED", "registry.hold.overridden": "OVERRIDDEN"}
_FREED = "registry.holds.released"
_PLACED = (_FREEZE, _LIFT, _HELD, _FREED, *_LET_GO)
_PAPERS = (_PLAN, _LIST, _PAPER)
_ADDED = (_NOTED, _WITHDRAWN, _DRAWN)
_READ = (_TRANSFER, _BULK, _MOVEMENT, _DELIVERY, _PROPOSAL, _ASKED, _OPENED, _STATE, *_PLACED, *_PAPERS, *_ADDED)
# Signatures by SM2 are slow on plain numbers: the newest are computed, of all others the line must be there.
_COMPUTED = 200


@dataclass(frozen=True)
class Bulk:
    """A transfer of many movements or deliveries as logged: `root` over them, empty where each has its own leaf."""

    type: str
    leaf: str
    at: str
    root: str
    is_delivery: bool
    sealed: str | None


@dataclass
class LogFacts:
    """What the log says about the books.

    Attributes:
        transfers: by number: type, leaf hash, and legs with serials where their seal is not erased.
        bulks: transfers of many movements, by number.
        movements: by number of such a transfer, the leaves of its movements or deliveries, hashed one after another.
        corrections: by number of the correction, the transfer it takes back.
        proposals: digest by number of the approval.
        plans: text of the plan by region and year.
        lists: by region, year and version of a coverage list: ground, digest, digest of the rules, the two people; and
            what it listed, while sealed.
        grounds: of incentives that were noted: year, how many, and which, while sealed.
        withdrawals: the same of those withdrawn, one by one.
        draws: on the headroom, by number: region, year, tonnes, and tonnes left.
        asked: digest by number of a transfer that was asked for and may wait.
        freezes: by number of a switch, the id of the leaf that tells of it, and what it tells.
        lifts: the same of its being lifted.
        papers: digests of content, PDF, Word and OFD file (empty where there is none) by number of an official paper.
        states: of accounts not open from the first, and of those whose state has changed, by number: at the opening and
            after every change the state, what is barred, the two people and the leaf.
        holds: by number of a hold, the id of the leaf that tells of it, its reason, and its text while sealed.
        let_go: by number of a hold, the state it was in after it had been released or had given way.
    """

    transfers: dict[str, tuple[str, str, str | None]] = field(default_factory=dict)
    bulks: dict[str, Bulk] = field(default_factory=dict)
    movements: defaultdict[str, Any] = field(default_factory=lambda: defaultdict(hashlib.sha256))
    corrections: dict[str, str] = field(default_factory=dict)
    proposals: dict[str, str] = field(default_factory=dict)
    plans: dict[tuple[str, str], str] = field(default_factory=dict)
    lists: dict[tuple[str, str, str], tuple[tuple[str, ...], str | None]] = field(default_factory=dict)
    grounds: list[tuple[str, int, str | None]] = field(default_factory=list)
    withdrawals: list[tuple[str, int, str | None]] = field(default_factory=list)
    draws: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    freezes: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    lifts: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    papers: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    states: dict[str, list[tuple[str, tuple[str, ...], str, str, str]]] = field(default_factory=dict)
    holds: dict[str, tuple[int, str, str | None]] = field(default_factory=dict)
    let_go: dict[str, str] = field(default_factory=dict)


def check(
    connection: psycopg.Connection[Any],
    report: AuditReport,
    *,
    trusted_key: str | None,
    second_key: str | None = None,
) -> LogFacts:
    """Check the log and give what it says about the books."""
    facts = LogFacts()
    if second_key is not None:
        _check_second(connection, report, second_key)
    checkpoints = _checkpoints(connection, report, trusted_key)
    grown, numbered = tree.Tree(), bytearray()
    _compare_root(checkpoints, grown, report)
    for seq, leaf_id, payload, stored_hash, sealed, salt in rows.stream(connection, _LEAVES):
        leaf = tree.leaf_hash(payload.encode())
        # This loop runs for every leaf there is, so nothing is put into words unless it differs.
        if leaf != stored_hash:
            report.compare("leaf", f"seq {seq}", expected=leaf.hex(), found=stored_hash.hex())
        if sealed is not None:
            _check_seal(payload, sealed, salt, report)
        _gather(payload, sealed, leaf, leaf_id, facts)
        report.count("leaf")
        if seq is None:
            continue
        if seq != grown.size:
            report.compare("number", f"seq {seq}", expected=grown.size, found=seq)
        grown.add(leaf)
        numbered += leaf
        if grown.size in checkpoints:
            _compare_root(checkpoints, grown, report)
    report.count("number", grown.size)
    for size in checkpoints:
        report.compare("checkpoint", f"size {size}", expected="a log of that size", found=f"{grown.size} leaves")
    report.log_root, report.log_size = grown.root().hex(), grown.size
    _check_lost(connection, report)
    tiles.check(connection, bytes(numbered), report)
    return facts


def _checkpoints(connection: psycopg.Connection[Any], report: AuditReport, trusted_key: str | None) -> dict[int, str]:
    found: dict[int, str] = {}
    key = notes.read_key(trusted_key) if trusted_key is not None else None
    if trusted_key is not None and key is None:
        report.compare("signature", "trusted key", expected="a key", found=trusted_key)
    for size, root, written in rows.stream(
        connection, "SELECT size, root_hash, note FROM journal_checkpoint ORDER BY size"
    ):
        found[size] = root.hex()
        note = notes.read_note(written)
        head = notes.read_head(note) if note else None
        told = (head.size, head.root.hex()) if head else None
        report.compare("note", f"size {size}", expected=(size, root.hex()), found=told)
        if key is not None:
            is_signed = note is not None and head is not None and head.origin == key.name and note.is_signed_by(key)
            report.compare("signature", f"size {size}", expected=True, found=is_signed)
    return found


def _check_second(connection: psycopg.Connection[Any], report: AuditReport, second_key: str) -> None:
    key = notes.read_key(second_key)
    if key is None:
        report.compare("second signature", "trusted key", expected="a key", found=second_key)
        return
    for place, (size, written) in enumerate(rows.stream(connection, _NEWEST_FIRST)):
        note = notes.read_note(written)
        has_signed = note is not None and (note.is_signed_by(key) if place < _COMPUTED else len(note.by(key)) == 1)
        report.compare("second signature", f"size {size}", expected=True, found=has_signed)


def _compare_root(checkpoints: dict[int, str], grown: tree.Tree, report: AuditReport) -> None:
    published = checkpoints.pop(grown.size, None)
    if published is not None:
        report.compare("checkpoint", f"size {grown.size}", expected=grown.root().hex(), found=published)


def _gather(payload: str, sealed: str | None, leaf: bytes, leaf_id: int, facts: LogFacts) -> None:
    # Only the leaves the books are compared with are parsed.
    if not any(kind in payload for kind in _READ):
        return
    entry = json.loads(payload)
    if entry["kind"] in _PLACED:
        _gather_placed(entry["kind"], entry["facts"], leaf_id, sealed, facts)
    elif entry["kind"] == _TRANSFER:
        posted = entry["facts"]
        facts.transfers[posted["number"]] = (posted["type"], leaf.hex(), sealed)
        if "corrects" in posted:
            facts.corrections[posted["number"]] = posted["corrects"]
    elif entry["kind"] == _BULK:
        posted = entry["facts"]
        about = (posted["type"], leaf.hex(), entry["at"], posted.get("root", ""), "deliveries" in posted)
        facts.bulks[posted["number"]] = Bulk(*about, sealed)
    elif entry["kind"] in (_MOVEMENT, _DELIVERY):
        (named,) = entry["facts"].values()
        facts.movements[named.partition("/")[0]].update(leaf)
    elif entry["kind"] in (_PROPOSAL, _ASKED):
        digests, name = {_PROPOSAL: (facts.proposals, "approval"), _ASKED: (facts.asked, "number")}[entry["kind"]]
        digests[entry["facts"][name]] = entry["facts"]["digest"]
    elif entry["kind"] in _PAPERS:
        _gather_paper(entry["kind"], entry["facts"], sealed, facts)
    elif entry["kind"] in _ADDED:
        _gather_added(entry["kind"], entry["facts"], sealed, facts)
    else:
        _gather_state(entry["kind"], entry["facts"], leaf.hex(), facts)


def _gather_paper(kind: str, told: dict[str, Any], sealed: str | None, facts: LogFacts) -> None:
    if kind == _PLAN:
        facts.plans[told["region"], told["year"]] = told["overlay"]
    elif kind == _LIST:
        said = tuple(told[name] for name in ("ground", "digest", "rulebook", "initiator", "approver"))
        facts.lists[told["region"], told["year"], told["version"]] = (said, sealed)
    else:
        # The third form came later: papers issued before have none.
        files = told["pdf_sha256"], told["docx_sha256"], told.get("ofd_sha256", "")
        facts.papers[told["paper"]] = (told["digest"], *files)


def _gather_added(kind: str, told: dict[str, Any], sealed: str | None, facts: LogFacts) -> None:
    if kind == _DRAWN:
        facts.draws[told["draw"]] = tuple(told[name] for name in ("region", "year", "quantity_t", "left_t"))
    elif kind == _NOTED:
        facts.grounds.append((told["year"], int(told["grounds"]), sealed))
    else:
        facts.withdrawals.append((told["year"], 1, sealed))


# Of these, what was there before is told by the ids of leaves.
def _gather_placed(kind: str, told: dict[str, Any], leaf_id: int, sealed: str | None, facts: LogFacts) -> None:
    if kind == _HELD:
        facts.holds[told["number"]] = (leaf_id, told["reason"], sealed)
    elif kind == _FREED:
        facts.let_go |= dict.fromkeys(told["numbers"], "RELEASED")
    elif kind in _LET_GO:
        facts.let_go[told["number"]] = _LET_GO[kind]
    else:
        switches = facts.freezes if kind == _FREEZE else facts.lifts
        switches[told["freeze"]] = (leaf_id, {**told, **json.loads(sealed or "{}")})


def _gather_state(kind: str, told: dict[str, Any], leaf: str, facts: LogFacts) -> None:
    if kind == _OPENED and told.get("state", "OPEN") != "OPEN":
        facts.states[told["number"]] = [(told["state"], (), "", "", leaf)]
    elif kind == _STATE:
        steps = facts.states.setdefault(told["number"], [("OPEN", (), "", "", "")])
        steps.append((told["state"], tuple(told["barred"]), told["initiator"], told["approver"], leaf))


def _check_lost(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for (leaf,) in rows.stream(connection, _LOST):
        report.compare("number", f"leaf {leaf.hex()}", expected="a number or a place in the queue", found="neither")


def _check_seal(payload: str, sealed: str, salt: bytes, report: AuditReport) -> None:
    # The commitment is the last member of a leaf, for "sealed" sorts after "at", "facts" and "kind".
    expected = f'"sealed":"{tree.commitment_of_text(sealed, salt)}"}}'
    if not payload.endswith(expected):
        report.compare("seal", payload[:80], expected=expected, found=payload[-len(expected) :])
    report.count("seal")


_NEWEST_FIRST = "SELECT size, note FROM journal_checkpoint ORDER BY size DESC"
_LEAVES = """
SELECT numbered.seq, leaf.id, leaf.payload, leaf.leaf_hash, secret.sealed, secret.salt
FROM journal_leaf AS leaf
LEFT JOIN journal_seq AS numbered ON numbered.leaf_id = leaf.id
LEFT JOIN journal_secret AS secret ON secret.leaf_id = leaf.id
ORDER BY numbered.seq, leaf.id
"""
_LOST = """
SELECT leaf.leaf_hash FROM journal_leaf AS leaf
WHERE NOT EXISTS (SELECT FROM journal_seq AS numbered WHERE numbered.leaf_id = leaf.id)
  AND NOT EXISTS (
    SELECT FROM journal_waiting AS waiting WHERE waiting.txid = leaf.txid AND waiting.leaf_from <= leaf.id
  )
"""
