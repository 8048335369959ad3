"""Block and agreement transfer (大宗协议, 协议转让): one side names quantity and price, another accepts.

A *proposal* is addressed to one counterparty or to everybody who may trade. Whoever it is addressed to accepts it as it
stands, declines it, or answers with a proposal of their own; it lives until the close of the day. A *deal* is a
proposal that was accepted. Deals have their own smallest quantity, price limit and hours, and never enter the close.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import book, sessions
from tonnebook.core.book import Band, Conditions, Side, Terms, Ticket
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt


class DealRefusal(Refusal):
    """What block and agreement transfer refuses, in order of precedence."""

    NO_SUCH_DEAL = Sentence(
        zh="没有编号为 {deal} 的协议意向，或该意向不是向您发出的；请从协议转让页选择。",
        en="There is no proposal {deal}, or it is not addressed to you; choose one from the page of block trades.",
        article="design choice",
        status=404,
    )
    DEAL_DECIDED = Sentence(
        zh="协议意向 {deal} 已经了结（{state}）；请另行发起。",
        en="Proposal {deal} is decided already ({state}); make a new one.",
        article="design choice",
    )
    COUNTERPARTY_UNKNOWN = Sentence(
        zh="{organisation} 在本地区没有交易账户，不能作为对手方；请核对统一社会信用代码。",
        en="{organisation} has no accounts to trade from in this region; check its unified social credit code.",
        article="design choice",
        status=422,
    )
    OWN_GROUP = Sentence(
        zh="对手方 {organisation} 与您属于同一控制关系，不能相互成交；请另选对手方。",
        en="{organisation} belongs to your own ownership group, and the two may not trade; choose somebody else.",
        article="design choice, against wash trades",
    )
    QUANTITY_BELOW_BLOCK_MIN = Sentence(
        zh="协议转让单笔不少于 {least} 吨，本笔为 {quantity} 吨；请改用挂牌交易。",
        en="Agreement transfers begin at {least} t, this one is {quantity} t; place a listed order.",
        article="S39 block agreement, S63 agreement transfer",
    )


class DealState(StrEnum):
    """Where a proposal stands; everything but PROPOSED is final.

    ANSWERED: a counter-offer took its place. VOID: a court or the authority took what it had reserved.
    """

    PROPOSED = "PROPOSED"
    SETTLED = "SETTLED"
    ANSWERED = "ANSWERED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    VOID = "VOID"


@dataclass(frozen=True, slots=True)
class BlockTerms:
    """What the rule book says about agreement transfers.

    Attributes:
        listed: rules of listed trading; tick, lot, fee and resale are the same.
        min_t: smallest quantity, tonnes.
        limit_share: price limit as a share of the previous close.
        free_from_t: quantity from which the price is free, tonnes; None where it never is.
        sessions: when proposals are made and accepted.
    """

    listed: Terms
    min_t: int
    limit_share: Decimal
    free_from_t: int | None
    sessions: tuple[sessions.Session, ...]

    def of(self, quantity_t: int) -> Terms:
        """Give the rules that a ticket of some size is checked by."""
        is_free = self.free_from_t is not None and quantity_t >= self.free_from_t
        return replace(
            self.listed,
            price_limit_share=self.limit_share,
            listed_max_t=book.QUANTITY_T_MAX,
            sessions=self.sessions,
            is_price_free=is_free,
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as its answer is judged: number, state, who made it, and whom it is for, empty for everybody."""

    number: str
    state: DealState
    organisation: str
    counterparty: str


def terms(rules: RulesAt) -> BlockTerms:
    """Read the terms of agreement transfers from the rule book.

    A region that names no hours of their own has those of listed trading.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE when the region has no agreement transfers.

    Source: S39 (national), S63 (Shanghai), S64 (Tianjin), by `trading.block_*`.
    """
    listed = book.terms(rules)
    hours, free = "trading.block_sessions", "trading.block_free_from_t"
    return BlockTerms(
        listed=listed,
        min_t=rules.integer("trading.block_min_t"),
        limit_share=rules.decimal("trading.block_limit_share"),
        free_from_t=rules.integer(free) if rules.has(free) else None,
        sessions=sessions.read(rules.words(hours)) if rules.has(hours) else listed.sessions,
    )


def band(previous_close_fen_per_t: int, terms: BlockTerms, *, quantity_t: int) -> Band | None:
    """Work out the prices allowed for a deal of some size.

    Args:
        previous_close_fen_per_t: fen per tonne, > 0.
        terms: rules of agreement transfers.
        quantity_t: tonnes.

    Returns:
        Lowest and highest price; None where the price is free.

    Source: S39 (±30 %), S63 (free from 500,000 t).
    """
    rules = terms.of(quantity_t)
    return None if rules.is_price_free else book.band(previous_close_fen_per_t, rules)


def check_deal(ticket: Ticket, terms: BlockTerms, conditions: Conditions) -> None:
    """Let one side of a deal in or say why not: the proposer's when it is proposed, the other's when it is accepted.

    Args:
        ticket: side, price, quantity, what a seller delivers, and the total that was confirmed.
        terms: rules of agreement transfers.
        conditions: what the market is like.

    Raises:
        Refused: QUANTITY_BELOW_BLOCK_MIN; what `core.book.check_ticket` refuses, by the hours and the price limit of
            agreement transfers.

    Source: S39, S63, S64.
    """
    if ticket.quantity_t < terms.min_t:
        raise Refused(DealRefusal.QUANTITY_BELOW_BLOCK_MIN, quantity=ticket.quantity_t, least=terms.min_t)
    book.check_ticket(ticket, terms.of(ticket.quantity_t), conditions)


def check_answer(proposal: Proposal, organisation: str, *, is_one_group: bool) -> None:
    """Let an organisation accept or answer a proposal.

    Args:
        proposal: as it stands.
        organisation: unified social credit code of who answers.
        is_one_group: whether it is of the proposer's ownership group.

    Raises:
        Refused: NO_SUCH_DEAL when it is addressed to somebody else; DEAL_DECIDED; OWN_GROUP.

    Source: design choice, no legal source.
    """
    if proposal.counterparty not in ("", organisation):
        raise Refused(DealRefusal.NO_SUCH_DEAL, deal=proposal.number)
    check_standing(proposal)
    check_counterparty(proposal.organisation, is_one_group=is_one_group)


def check_standing(proposal: Proposal) -> None:
    """Let only a proposal that still stands be answered or withdrawn.

    Raises:
        Refused: DEAL_DECIDED when it is final.
    """
    if proposal.state is not DealState.PROPOSED:
        raise Refused(DealRefusal.DEAL_DECIDED, deal=proposal.number, state=proposal.state.value)


def check_counterparty(organisation: str, *, is_one_group: bool) -> None:
    """Let two organisations trade by agreement only when they do not belong together.

    Raises:
        Refused: OWN_GROUP when they do, or are the same.
    """
    if is_one_group:
        raise Refused(DealRefusal.OWN_GROUP, organisation=organisation)


def opposite(side: Side) -> Side:
    """Give the side of the other party."""
    return Side.SELL if side is Side.BUY else Side.BUY
