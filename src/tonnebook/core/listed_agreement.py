"""Listed agreement (挂牌协议): orders only rest, and a taker picks one among the best five levels of the other side.

What is picked trades at its own price, in the quantity of the taker, whatever rests before it at the same price.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tonnebook.core.book import Book, Command, CommandKind, Fill, Mode, OrderType, Outcome
from tonnebook.core.errors import Refusal, Refused, Sentence


class TakeRefusal(Refusal):
    """What picking an order refuses, in order of precedence."""

    NOT_IN_MODE = Sentence(
        zh="本地区挂牌委托自动撮合，不能点选；请直接下委托。",
        en="Listed orders match automatically in this region and cannot be picked; place an order.",
        article="S39 listed agreement",
    )
    ORDER_GONE = Sentence(
        zh="委托 {order} 已不在盘中；请刷新行情后另选。",
        en="Order {order} is no longer in the book; reload it and choose another.",
        article="design choice",
    )
    OWN_ORDER = Sentence(
        zh="委托 {order} 属于您或同一控制关系的单位，不能相互成交；请另选。",
        en="Order {order} is of your own ownership group, and the two may not trade; choose another.",
        article="design choice, against wash trades",
    )
    MORE_THAN_OFFERED = Sentence(
        zh="委托 {order} 只剩 {left} 吨，您要 {quantity} 吨；请减少数量。",
        en="Order {order} has {left} t left and you want {quantity} t; take less.",
        article="S39 listed agreement",
    )
    BEYOND_FIVE_LEVELS = Sentence(
        zh="委托 {order} 不在对手方最优五档之内；请从五档中选择。",
        en="Order {order} is not among the best five levels; choose one of those.",
        article="S39 five levels",
    )
    TYPE_NOT_IN_MODE = Sentence(
        zh="挂牌协议方式只接受限价委托；请改用限价。",
        en="In listed agreement an order is a limit order and nothing else; place one.",
        article="S39 listed agreement",
        status=422,
    )


_REFUSALS: Mapping[Outcome, TakeRefusal] = MappingProxyType(
    {
        Outcome.NOT_IN_MODE: TakeRefusal.NOT_IN_MODE,
        Outcome.NOT_RESTING: TakeRefusal.ORDER_GONE,
        Outcome.SELF_TRADE: TakeRefusal.OWN_ORDER,
        Outcome.NO_QUANTITY: TakeRefusal.MORE_THAN_OFFERED,
        Outcome.BEYOND_FIVE_LEVELS: TakeRefusal.BEYOND_FIVE_LEVELS,
    }
)


def take(book: Book, maker: int, *, order: str, group: int, quantity_t: int) -> Fill:
    """Pick an order out of a book.

    Args:
        book: with all orders of the side that is picked from; it changes.
        maker: number of the order in the book.
        order: the number that people see.
        group: ownership group of the taker.
        quantity_t: tonnes, > 0.

    Returns:
        The trade, at the price of the order that was picked.

    Raises:
        Refused: NOT_IN_MODE; ORDER_GONE; OWN_ORDER; MORE_THAN_OFFERED; BEYOND_FIVE_LEVELS.

    Source: S39, listed agreement.

    Example:
        >>> from tonnebook.core.book import Band
        >>> book = Book(Band(7200, 8800), mode=Mode.LISTED_AGREEMENT)
        >>> book.rest(Order(1, Side.SELL, 7, 8000, 300, 300))
        >>> take(book, 1, order="CEA-O-000001-01", group=8, quantity_t=100).quantity_t
        100
    """
    resting = book.orders.get(maker)
    left_t = resting.left_t if resting else 0
    result = book.apply(Command(CommandKind.TAKE, group=group, order=maker, quantity_t=quantity_t))
    if result.outcome in _REFUSALS:
        raise Refused(_REFUSALS[result.outcome], order=order, left=left_t, quantity=quantity_t)
    (fill,) = result.fills
    return fill


def check_type(mode: Mode, order_type: OrderType) -> None:
    """Let only limit orders rest where nothing matches by itself.

    Raises:
        Refused: TYPE_NOT_IN_MODE.

    Source: S39, listed agreement.
    """
    if mode is Mode.LISTED_AGREEMENT and order_type is not OrderType.LIMIT:
        raise Refused(TakeRefusal.TYPE_NOT_IN_MODE)
