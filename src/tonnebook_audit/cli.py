"""The two commands of the second pair of eyes: `audit` and `verify`; both end with 1 when something is wrong."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tonnebook_audit import auction_file, receipt
from tonnebook_audit.auditor import audit
from tonnebook_audit.catalogue import CHECKS

_SHOWN_MAX = 50


def audit_database(
    url: str,
    *,
    as_json: bool,
    trusted_key: str | None = None,
    second_key: str | None = None,
    records: Sequence[str] = (),
) -> int:
    """Audit a database and tell what was found.

    Args:
        url: of the database.
        as_json: one JSON object instead of lines to read.
        trusted_key: the log's public key, for the signatures of checkpoints.
        second_key: the log's SM2 key, for their second signatures.
        records: what the program itself found when it computed its reports and file digests again; told beside.

    Returns:
        Exit code: 0 when nothing is wrong.
    """
    started = time.monotonic()
    report = audit(url, trusted_key=trusted_key, second_key=second_key)
    seconds = round(time.monotonic() - started, 2)
    if as_json:
        numbers = {name: CHECKS[name].number for name in report.checks}
        _say(json.dumps({**asdict(report), "numbers": numbers, "records": list(records), "seconds": seconds}))
        return 1 if report.breaks or records else 0
    for name, count in report.checks.items():
        _say(f"{CHECKS[name].number} {name:>20} {count:>10,}")
    for one in report.breaks[:_SHOWN_MAX]:
        _say(f"BREAK {one.number} {one.check}: {one.subject}: expected {one.expected}, found {one.found}")
    if len(report.breaks) > _SHOWN_MAX:
        _say(f"… {len(report.breaks) - _SHOWN_MAX} more")
    for record in records:
        _say(f"BREAK record: {record}")
    _say(f"log root {report.log_root} ({report.log_size:,} leaves)")
    _say(f"{len(report.breaks) + len(records)} breaks in {seconds} s")
    return 1 if report.breaks or records else 0


def verify_receipt(path: Path, *, trusted_key: str | None = None, witnesses: Sequence[str] = ()) -> int:
    """Check a receipt offline and tell what was found.

    Args:
        path: of the receipt.
        trusted_key: the log's key known from elsewhere, or None.
        witnesses: keys of witnesses that must have signed as well.

    Returns:
        Exit code: 0 when nothing is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        _say(f"读不到凭证文件。 The receipt cannot be read: {error}")
        return 1
    findings = receipt.check(text, trusted_key=trusted_key, witnesses=witnesses)
    for finding in findings:
        _say(f"{finding.zh} {finding.en}")
    if findings:
        return 1
    document = json.loads(text)
    if document["pending"]:
        _say("凭证完整：签名承诺（尚未编号）。 The receipt is whole: a signed promise, not numbered yet.")
    else:
        index, size, origin = document["index"], document["size"], document["origin"]
        _say(f"凭证完整：该叶子在日志 {origin} 的 {size} 片叶子中位于第 {index} 位（从 0 起）。")
        _say(f"The receipt is whole: leaf {index} of {size} in the log {origin}.")
    for line in receipt.signers(document):
        _say(line)
    if trusted_key is None:
        _say(f"公钥 · key {document['public_key']}")
    return 0


def verify_auction(
    path: Path, *, trusted_key: str | None = None, witnesses: Sequence[str] = (), receipts: Sequence[str] = ()
) -> int:
    """Check the result of an auction offline and tell what was found.

    Args:
        path: of the published file.
        trusted_key: the log's key known from elsewhere, or None.
        witnesses: keys of witnesses that must have signed after the close.
        receipts: texts of receipts of bids that must be in the file.

    Returns:
        Exit code: 0 when nothing is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        _say(f"读不到文件。 The file cannot be read: {error}")
        return 1
    findings = auction_file.check(text, trusted_key=trusted_key, witnesses=witnesses, receipts=receipts)
    for finding in findings:
        _say(f"{finding.zh} {finding.en}")
    if findings:
        return 1
    document = json.loads(text)
    price, sold = document["result"]["price_fen_per_t"], document["result"]["sold_t"]
    _say(
        f"竞价 {document['auction']} 核验无误：{len(document['bids'])} 份报价，成交 {sold} 吨，成交价 {price} 分/吨。 "
        f"Auction {document['auction']} holds: {len(document['bids'])} bids, {sold} t sold at {price} fen per tonne."
    )
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
