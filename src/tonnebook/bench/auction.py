"""What an auction costs: a million bids cleared in memory, and a hundred thousand opened, cleared and settled.

Bids, prices and quantities are drawn and the same in every run. The clearing is beside a sorted list. The whole is
beside the agreement on a secret alone, once for each envelope, which no way of opening it can leave out.
"""

import hashlib
import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import numpy as np
import shamir_mnemonic
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from django.apps import apps
from django.db import connections, transaction
from numpy.typing import NDArray

from tonnebook import scratch
from tonnebook.bench import crowd
from tonnebook.bench.report import Figure
from tonnebook.core import award_columns, identity, sealed_bids
from tonnebook.core.auction import AuctionKind
from tonnebook.core.canonical import Json
from tonnebook.core.ledger import AccountType, HoldReason
from tonnebook.core.periods import iso
from tonnebook.core.roles import Actor, OrganisationKind, Role
from tonnebook.core.sealed_bids import Offer
from tonnebook.journal import queries as journal_queries
from tonnebook.journal import rows
from tonnebook.journal import services as journal
from tonnebook.market import services as market
from tonnebook.members import services as members
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry
from tonnebook_audit import auditor

MILLION = 1_000_000
BIDS, BIDDERS = 100_000, 1_000
ROUNDS = 15
_SECRET = bytes(range(32))
_OFFERED_T = BIDS * 50
_DEPOSIT_FEN = 9_900 * 150
_OPENS_AT, _CLOSES_AT = crowd.NOW + timedelta(hours=1), crowd.NOW + timedelta(hours=2)
_EXCHANGE, _SECOND = (
    Actor(person, "", OrganisationKind.EXCHANGE, frozenset({Role.EXCHANGE_STAFF}), crowd.REGION)
    for person in ("BENCH-1", "BENCH-2")
)


def measure() -> list[Figure]:
    """Measure an auction, in memory in processor time and in a scratch database by the clock.

    Returns:
        Figures with their references and targets.

    Raises:
        ValueError: when the sorted list clears to another price.
        RuntimeError: when not all was sold, or the auditor finds a break in what was settled.
    """
    return [_clearing(), _settling()]


def _clearing() -> Figure:
    chance = np.random.default_rng(2026)
    bidder, price, quantity_t = (
        chance.integers(low, high, MILLION) for low, high in ((0, 5_000), (7_400, 12_000), (1, 1_000))
    )
    offered_t = int(quantity_t.sum()) // 3

    def clear() -> int | None:
        return award_columns.clear(
            bidder, price, quantity_t, offered_t=offered_t, floor_price_fen_per_t=7_400
        ).price_fen_per_t

    if clear() != _by_sorting(price, quantity_t, offered_t):
        raise ValueError("the sorted list clears to another price")
    ours, plain = _seconds(clear, ROUNDS), _seconds(lambda: _by_sorting(price, quantity_t, offered_t), 2)
    return Figure("million_cleared_ms", ours * 1e3, plain * 1e3, target=15, is_cost=True, plain="a sorted list")


def _by_sorting(price: NDArray[np.int64], quantity_t: NDArray[np.int64], offered_t: int) -> int:
    ranked = sorted(zip((-price).tolist(), range(MILLION), quantity_t.tolist(), strict=True))
    left_t, last = offered_t, 0
    for minus_price, _, wanted_t in ranked:
        if left_t <= 0:
            break
        left_t, last = left_t - wanted_t, -minus_price
    return last


def _seconds(work: Callable[[], object], rounds: int) -> float:
    found = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found)


def _settling() -> Figure:
    with scratch.scratch_database("bench_auction"):
        number = _announced()
        envelopes = _envelopes(number)
        _fill(number, envelopes)
        agreed_s = _agreed_s(envelopes)
        started = time.perf_counter()
        answer = market.close_auction(_EXCHANGE, auction=number, key="bench-close", now=_CLOSES_AT)
        took_s = time.perf_counter() - started
        if answer["sold_t"] != _OFFERED_T:
            raise RuntimeError("the auction did not sell what it offered")
        journal.integrate(now=_CLOSES_AT)
        journal.publish_checkpoint(now=_CLOSES_AT)
        if breaks := auditor.audit(journal_queries.audit_url()).breaks:
            raise RuntimeError(f"the auditor found {len(breaks)} breaks, the first: {breaks[0]}")
    return Figure("settled_bids_per_s", BIDS / took_s, BIDS / agreed_s, target=10_000, plain="X25519 once for each bid")


def _agreed_s(envelopes: Sequence[bytes]) -> float:
    key, started = X25519PrivateKey.from_private_bytes(_SECRET), time.perf_counter()
    for envelope in envelopes:
        key.exchange(X25519PublicKey.from_public_bytes(envelope[:32]))
    return time.perf_counter() - started


# About half of what is asked for is offered.
def _announced() -> str:
    crowd.open_crowd(BIDDERS)
    codes = map(crowd.code, range(BIDDERS))
    with transaction.atomic():
        drafts = [registry.AccountDraft(AccountType.HOLDING, crowd.REGION, code) for code in codes]
        registry.open_accounts(drafts, now=crowd.NOW)
    market.open_instruments(_EXCHANGE, region=crowd.REGION, key="bench-open", now=crowd.NOW)
    key = sealed_bids.public_key(_SECRET)
    offer: dict[str, Json] = {"region": crowd.REGION, "kind": AuctionKind.EARLY.value, "year": 2026}
    offer |= {"quantity_t": _OFFERED_T, "opens_at": iso(_OPENS_AT), "closes_at": iso(_CLOSES_AT), "opening_key": key}
    kind = "market.announce_auction"
    proposed = members.propose(_EXCHANGE, kind=kind, payload=offer, key="bench-propose", now=crowd.NOW)
    approval, digest = str(proposed["approval"]), str(proposed["digest"])
    members.approve(_SECOND, approval=approval, digest=digest, key="bench-approve", now=crowd.NOW)
    answer = market.announce_auction(
        _EXCHANGE,
        region=crowd.REGION,
        kind=AuctionKind.EARLY,
        year=2026,
        quantity_t=_OFFERED_T,
        opens_at=_OPENS_AT,
        closes_at=_CLOSES_AT,
        opening_key=key,
        approval=approval,
        key="bench-announce",
        now=crowd.NOW,
    )
    return str(answer["auction"])


def _envelopes(number: str) -> list[bytes]:
    chance, key = random.Random(2026), sealed_bids.public_key(_SECRET)  # noqa: S311 - drawn bids, no secret
    made = []
    for seq in range(1, BIDS + 1):
        bound_to = sealed_bids.context(number, mark=_mark(seq), deposit_fen=_DEPOSIT_FEN)
        drawn = Offer(chance.randint(7_400, 9_900), chance.randint(50, 150))
        ephemeral = hashlib.sha256(bound_to).digest()
        made.append(sealed_bids.seal(drawn, bound_to, opening_key=key, ephemeral=ephemeral))
    return made


# All bids at once, as if each had been placed, and two shares of the key.
def _fill(number: str, envelopes: Sequence[bytes]) -> None:
    codes = [crowd.code(n) for n in range(BIDDERS)]
    purses, places = (accounts.accounts_of(codes, type_) for type_ in (AccountType.CLIENT_CASH, AccountType.HOLDING))
    owners = [codes[seq % BIDDERS] for seq in range(BIDS)]
    names = [identity.numbered(f"{number}-B", seq, digits=3) for seq in range(1, BIDS + 1)]
    auctions, bids, key_shares = (apps.get_model("market", name) for name in ("Auction", "Bid", "KeyShare"))
    with transaction.atomic():
        row = auctions.objects.get(number=number)
        drafts = [
            registry.HoldDraft(purses[owner], "CNY", _DEPOSIT_FEN, HoldReason.BID, subject=name)
            for owner, name in zip(owners, names, strict=True)
        ]
        holds = registry.place_holds(drafts, now=_OPENS_AT)
        receipts = journal.append_many(
            [journal.Entry("market.bid.placed", {"bid": one}) for one in names], now=_OPENS_AT
        )
        told = enumerate(zip(names, owners, envelopes, holds, receipts, strict=True), 1)
        rows.copy_in(
            bids,
            _COLUMNS,
            (
                (
                    *(name, row.pk, seq, owner, "BENCH", places[owner], purses[owner], _mark(seq), envelope),
                    *(_DEPOSIT_FEN, (seq - 1) % BIDDERS + 1, (seq - 1) % BIDDERS + 1, receipt, hold, _OPENS_AT),
                    *("", "", 0, "STANDING", ""),
                )
                for seq, (name, owner, envelope, hold, receipt) in told
            ),
        )
        (shares,) = shamir_mnemonic.generate_mnemonics(1, [(2, 3)], _SECRET, iteration_exponent=0)
        for place, words in enumerate(shares[:2]):
            key_shares.objects.create(auction=row, person=f"BENCH-{place}", words=words, at=_CLOSES_AT)
        auctions.objects.filter(pk=row.pk).update(bid_seq=BIDS, shares=2)
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def _mark(seq: int) -> str:
    return f"{seq:032x}"


_COLUMNS = (
    *("number", "auction_id", "seq", "organisation", "person", "unit_account", "cash_account", "mark", "envelope"),
    *("deposit_fen", "bidder_seq", "group_seq", "receipt", "hold", "at"),
    *("withdrawal", "void_reason", "awarded_t", "state", "transfer"),
)
