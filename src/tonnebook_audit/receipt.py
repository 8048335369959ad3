"""Check a receipt offline: does the leaf stand in the signed log, and are the opened fields the sealed ones?

A receipt carries its own public key, and those of all others who signed the same text: the log's second key, and the
witnesses. Who knows the key from elsewhere hands it in as `trusted_key`, and witnesses likewise; without them the check
shows that the receipt is whole and signed by every key it names, and by nobody else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tonnebook_audit import notes, tree

_FIELDS = {"origin", "leaf", "sealed", "salt", "index", "size", "path", "checkpoint", "public_key", "pending"}
# Receipts of the first days have one signature and do not name this field.
_COSIGNERS = "cosigners"
_TEXTS = ("origin", "checkpoint", "public_key")
_HASH = re.compile(r"[0-9a-f]{64}")
_LEAF_FIELDS = ({"kind", "at", "facts"}, {"kind", "at", "facts", "sealed"})


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a receipt, in both languages."""

    zh: str
    en: str


NOT_A_RECEIPT = Finding("文件不是凭证（JSON 结构不符）。", "The file is no receipt: it has not the right fields.")
LEAF_MALFORMED = Finding("叶子内容不是规范的 JSON。", "The leaf is not in canonical form.")
SEAL_BROKEN = Finding("公开的保密字段与叶子中的承诺不一致。", "The opened fields are not those the leaf commits to.")
NOTE_MALFORMED = Finding("检查点不是合规的签名文本。", "The checkpoint is not a well-formed signed note.")
SIGNATURE_WRONG = Finding("检查点签名无效，或不是该公钥所签。", "The checkpoint is not signed by the key named.")
COSIGNER_WRONG = Finding(
    "第二签名或见证人签名无效，或签名者不在凭证所列之中。",
    "A second signature or a witness's does not hold, or is by none named.",
)
WITNESS_MISSING = Finding(
    "检查点没有所要求的见证人的签名。", "A witness that was asked for has not signed the checkpoint."
)
KEY_NOT_TRUSTED = Finding("凭证中的公钥不是所信任的公钥。", "The key in the receipt is not the trusted one.")
ORIGIN_DIFFERS = Finding("检查点属于另一本日志。", "The checkpoint belongs to another log.")
SIZE_DIFFERS = Finding("凭证与检查点的日志长度不一致。", "Receipt and checkpoint name different sizes.")
NOT_IN_LOG = Finding("该叶子不在所签名的日志中。", "The leaf does not stand in the log that was signed.")
PROMISE_DIFFERS = Finding("签名承诺针对另一片叶子。", "The signed promise is for another leaf.")


def check(text: str, *, trusted_key: str | None = None, witnesses: Sequence[str] = ()) -> list[Finding]:
    """Check a receipt.

    Args:
        text: the receipt as it was handed out (JSON).
        trusted_key: the log's key known from elsewhere, or None.
        witnesses: keys of witnesses that must have signed as well.

    Returns:
        What is wrong with it, empty when nothing is.
    """
    try:
        receipt = tree.parse(text)
    except (ValueError, RecursionError):
        return [NOT_A_RECEIPT]
    if not isinstance(receipt, dict) or not _is_shaped(receipt):
        return [NOT_A_RECEIPT]
    try:
        leaf = tree.leaf_hash(tree.canonical(receipt["leaf"]).encode())
    except tree.NotCanonical:
        return [LEAF_MALFORMED]
    findings = [] if trusted_key in (None, receipt["public_key"]) else [KEY_NOT_TRUSTED]
    return findings + _check_seal(receipt) + _check_note(receipt, leaf, witnesses)


def cosigners(receipt: dict[str, object]) -> list[str]:
    """List the other keys a receipt names, as written."""
    named = receipt.get(_COSIGNERS, [])
    return [str(key) for key in named] if isinstance(named, list) else []


def signers(receipt: dict[str, object]) -> list[str]:
    """Say in words who else signed a receipt that holds."""
    note = notes.read_note(str(receipt["checkpoint"]))
    said = []
    for key in filter(None, map(notes.read_key, cosigners(receipt))):
        for line in note.by(key) if note else ():
            seconds = notes.signed_at(line.body) if key.kind == notes.COSIGNATURE else None
            if seconds is None:
                said.append(f"第二签名 · also signed with SM2 and SM3: {key.name}")
            else:
                at = datetime.fromtimestamp(seconds, UTC).isoformat()
                said.append(f"见证人 · witnessed by {key.name} at {at}")
    return said


def _is_shaped(receipt: dict[str, object]) -> bool:
    named = receipt.get(_COSIGNERS, [])
    if not isinstance(named, list) or not all(isinstance(key, str) for key in named):
        return False
    if set(receipt) - {_COSIGNERS} != _FIELDS or not all(isinstance(receipt[name], str) for name in _TEXTS):
        return False
    leaf, path, pending = receipt["leaf"], receipt["path"], receipt["pending"]
    if not isinstance(leaf, dict) or set(leaf) not in _LEAF_FIELDS or type(pending) is not bool:
        return False
    if not isinstance(path, list) or not all(isinstance(node, str) and _HASH.fullmatch(node) for node in path):
        return False
    if pending:
        return receipt["index"] is None and receipt["size"] is None and not path
    return type(receipt["index"]) is int and type(receipt["size"]) is int


def _check_seal(receipt: dict[str, object]) -> list[Finding]:
    sealed, salt, leaf = receipt["sealed"], receipt["salt"], receipt["leaf"]
    if sealed is None and salt is None:
        return []
    if sealed is None or not isinstance(salt, str) or not _HASH.fullmatch(salt) or not isinstance(leaf, dict):
        return [SEAL_BROKEN]
    try:
        is_whole = tree.commitment(sealed, bytes.fromhex(salt)) == leaf.get("sealed")
    except tree.NotCanonical:
        is_whole = False
    return [] if is_whole else [SEAL_BROKEN]


def _check_note(receipt: dict[str, object], leaf: bytes, witnesses: Sequence[str]) -> list[Finding]:
    note = notes.read_note(str(receipt["checkpoint"]))
    if note is None or len(note.lines) != 3:
        return [NOTE_MALFORMED]
    findings = _check_signatures(receipt, note, witnesses)
    origin, head, signed = note.lines
    if origin != receipt["origin"]:
        findings.append(ORIGIN_DIFFERS)
    signed_hash = notes.exact_base64(signed)
    if receipt["pending"]:
        is_promised = head == "promise" and signed_hash == leaf
        return findings if is_promised else [*findings, PROMISE_DIFFERS]
    if head != str(receipt["size"]):
        findings.append(SIZE_DIFFERS)
    if signed_hash is None or _root(receipt, leaf) != signed_hash:
        findings.append(NOT_IN_LOG)
    return findings


# Every key named has signed, and every line is by a key named: nothing in a receipt stands there unchecked.
def _check_signatures(receipt: dict[str, object], note: notes.Note, witnesses: Sequence[str]) -> list[Finding]:
    findings = []
    key = notes.read_key(str(receipt["public_key"]))
    if key is None or key.kind != notes.ED25519 or key.name != receipt["origin"] or not note.is_signed_by(key):
        findings.append(SIGNATURE_WRONG)
    written = cosigners(receipt)
    others = [notes.read_key(one) for one in written]
    lines = [line for one in (key, *others) if one is not None for line in note.by(one)]
    if len(lines) != len(note.signatures) or not all(one is not None and note.is_signed_by(one) for one in others):
        findings.append(COSIGNER_WRONG)
    if not set(witnesses) <= set(written):
        findings.append(WITNESS_MISSING)
    return findings


def _root(receipt: dict[str, object], leaf: bytes) -> bytes | None:
    index, size, path = receipt["index"], receipt["size"], receipt["path"]
    assert isinstance(index, int)
    assert isinstance(size, int)
    assert isinstance(path, list)
    if not 0 <= index < size:
        return None
    return tree.root_by_path(leaf, index=index, size=size, path=[bytes.fromhex(node) for node in path])
