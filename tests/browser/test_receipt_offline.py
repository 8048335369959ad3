"""The checking page, saved to a disk, tells good receipts from altered ones without a network."""

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from tests.unit.witness.witnessed import COSIGNER, LOG, SECONDS

from tonnebook.core import canonical, merkle
from tonnebook.portal import verifier
from tonnebook_audit import receipt

pytestmark = pytest.mark.browser
SEED = 20_260_101
MUTANTS = 150
CHECK_ALL = (
    "async (all) => { const out = []; for (const t of all) out.push((await verifyReceipt(t)).good); return out; }"
)


def document(*, is_pending: bool = False, file: bytes = b"") -> dict[str, Any]:
    """A receipt with everything in it: private fields, second signature, witness."""
    sealed, salt = {"name": "红河", "file": hashlib.sha256(file).hexdigest()}, bytes(range(32))
    facts = {"10": "t", "9": True, "name": 'a"\nö \U0001f30a', "list": ["1", None]}
    leaf = {"kind": "trial.taken", "at": "2026-03-01T08:00:00Z", "facts": facts, "sealed": merkle.seal(sealed, salt)}
    told: dict[str, Any] = {"origin": LOG.origin, "leaf": leaf, "sealed": sealed, "salt": salt.hex()}
    told |= {"public_key": LOG.verifier_key, "cosigners": [LOG.sm2_key], "pending": True, "index": None, "size": None}
    own = merkle.leaf_hash(canonical.encode(leaf))
    if is_pending:
        return {**told, "path": [], "checkpoint": LOG.promise(own)}
    leaves = [merkle.leaf_hash(str(number).encode()) for number in range(21)]
    tree = merkle.Tree([*leaves[:13], own, *leaves[14:]])
    note = LOG.checkpoint(size=21, root_hash=tree.root())
    line = COSIGNER.cosign(note.partition("\n\n")[0] + "\n", SECONDS)
    path = [node.hex() for node in tree.membership_proof(13)]
    told |= {"cosigners": [LOG.sm2_key, COSIGNER.verifier_key], "pending": False, "index": 13, "size": 21}
    return {**told, "path": path, "checkpoint": note + line}


@pytest.fixture
def saved(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page opened from a disk, in a browser that has no network and fails the test when anything asks for one."""
    (tmp_path / "verify.html").write_text(verifier.page(), encoding="utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "verify.html").as_uri())
    yield page
    context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith("file:")] == []


def drop(page: Page, name: str, text: str) -> None:
    """Hand the page a file."""
    file: FilePayload = {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
    page.locator("#file").set_input_files([file])


@pytest.mark.parametrize("is_pending", [False, True])
def test_a_good_receipt_is_good_and_an_altered_one_is_not(saved: Page, *, is_pending: bool) -> None:
    told = document(is_pending=is_pending)
    drop(saved, "receipt.json", json.dumps(told, ensure_ascii=False, indent=1))
    expect(saved.get_by_role("heading", name="The receipt is good")).to_be_visible()
    told["leaf"]["facts"]["9"] = False
    drop(saved, "altered.json", json.dumps(told))
    expect(saved.get_by_role("heading", name="The receipt does not hold")).to_be_visible()


def test_another_key_than_the_one_known_from_elsewhere_is_seen(saved: Page) -> None:
    saved.get_by_label("The log's key").fill("log.example/other+00000000+AQ==")
    drop(saved, "receipt.json", json.dumps(document()))
    expect(saved.get_by_role("heading", name="The receipt does not hold")).to_be_visible()
    saved.get_by_label("The log's key").fill(LOG.verifier_key)
    drop(saved, "again.json", json.dumps(document()))
    expect(saved.get_by_role("heading", name="The receipt is good")).to_be_visible()
    expect(saved.locator("#about")).to_contain_text("witness.example/w1")


def test_a_file_whose_digest_the_receipt_names_is_recognised(saved: Page) -> None:
    drop(saved, "receipt.json", json.dumps(document(file=b"a statement")))
    expect(saved.locator("#steps li")).to_have_count(5)
    drop(saved, "statement.pdf", "a statement")
    expect(saved.locator("#steps")).to_contain_text("The receipt names the digest of this file")
    drop(saved, "other.pdf", "another statement")
    expect(saved.locator("#steps")).to_contain_text("The receipt does not name the digest of this file")


@pytest.mark.parametrize("is_pending", [False, True])
def test_the_page_and_the_auditor_agree_on_altered_receipts(saved: Page, *, is_pending: bool) -> None:
    text, chance = json.dumps(document(is_pending=is_pending), ensure_ascii=False), random.Random(SEED)  # noqa: S311
    print(f"seed {SEED}")
    texts = [text]
    for _ in range(MUTANTS):
        at = chance.randrange(len(text))
        sign = chance.choice('0aA"\\{}[],:+/= \n')
        texts.append(text[:at] + chance.choice(["", sign, sign + text[at]]) + text[at + 1 :])
    found = saved.evaluate(CHECK_ALL, texts)
    assert found == [receipt.check(one) == [] for one in texts]
    assert found[0]
    assert found.count(False) > MUTANTS * 0.8


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", '{"a":1,"a":1}', "NaN", "[" * 10_000, '"\\ud800"'])
def test_what_is_no_receipt_is_called_so(saved: Page, text: str) -> None:
    assert saved.evaluate("async (text) => (await verifyReceipt(text)).steps", text) == [["shape", False]]
