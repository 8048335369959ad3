"""The compiled heart of `core.kernel`: price-time matching of one batch, in one function without any helper.

One long function is a measured choice. Numba counts references around every helper that takes an array, with atomic
instructions in the hot loop, which costs more than the matching itself. So is the choice of unsigned indices, which
need no test for wrapping around, and of orders of 16 bytes, four to a cache line.

**The ladder.** A side ranks its prices so that its best is the lowest: a sell order ranks by its level above the lowest
price, a buy order by its level below the highest. The same price ranks `r` on one side and `last - r` on the other, so
one piece of code serves both sides, and an order crosses when the other side's best rank is at most `last - r`.

**The lists.** The orders of a level are a ring through the level itself: the first nodes of the pool are the levels of
both sides, `slot = side * span + rank`, and the orders follow. Taking an order out is two writes without a question.

**The bits.** A bit is set for each level that may hold orders, and `best` is the lowest of a side. Cancelling does not
touch them; the next order that comes along finds the level empty, clears its bit and goes on.

This module imports Numba; only `core.kernel` imports it, and only when a kernel is opened.
"""

from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from tonnebook.core.book import LEVELS, QUANTITY_T_MAX, CommandKind, OrderType, Outcome, SelfTrade
from tonnebook.core.kernel import BEST, FIRST, LOW, POLICY, RESTING, SEQ, SPAN, TICK

# Plain integers, which the compiler takes as constants.
_PLACE, _AMEND, _CANCEL = int(CommandKind.PLACE), int(CommandKind.AMEND), int(CommandKind.CANCEL)
_LIMIT, _MARKET_TO_LIMIT, _FILL_OR_KILL = (
    int(OrderType.LIMIT),
    int(OrderType.MARKET_TO_LIMIT),
    int(OrderType.FILL_OR_KILL),
)
_IMMEDIATE_OR_CANCEL = int(OrderType.IMMEDIATE_OR_CANCEL)
_CANCEL_NEWEST, _CANCEL_OLDEST = int(SelfTrade.CANCEL_NEWEST), int(SelfTrade.CANCEL_OLDEST)
_RESTS, _FILLED, _ENDED, _KILLED = int(Outcome.RESTS), int(Outcome.FILLED), int(Outcome.ENDED), int(Outcome.KILLED)
_SELF_TRADE, _NO_OPPOSITE = int(Outcome.SELF_TRADE), int(Outcome.NO_OPPOSITE)
_OFF_LADDER, _NO_QUANTITY = int(Outcome.OFF_LADDER), int(Outcome.NO_QUANTITY)
_NOT_RESTING, _CANCELLED, _REDUCED = int(Outcome.NOT_RESTING), int(Outcome.CANCELLED), int(Outcome.REDUCED)
_U = np.uint64
_0, _1, _6, _63 = _U(0), _U(1), _U(6), _U(63)


def _trailing_zeros(_typing: Any, _word: Any) -> Any:
    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, True))

    return types.uint64(types.uint64), generate


ctz: Any = intrinsic(_trailing_zeros)


# Compiled twice: the plain form knows limit orders and cancellations only, and whatever asks for `full` falls away.
def _specialised(*, full: bool) -> Any:  # noqa: C901 - see above why it is one function
    def match(  # noqa: C901
        commands: NDArray[np.void],
        nodes: NDArray[np.void],
        owners: NDArray[np.void],
        bits: NDArray[np.uint64],
        state: NDArray[np.int64],
        fills: NDArray[np.void],
        results: NDArray[np.void],
    ) -> int:
        low, tick, first, policy = state[LOW], state[TICK], state[FIRST], state[POLICY]
        seq, resting = state[SEQ], state[RESTING]
        span, capacity = _U(state[SPAN]), _U(len(nodes))
        last, base, wide = span - _1, span + span, (span + _63) >> _6
        made = _0
        for i in range(_U(len(commands))):
            command, result = commands[i], results[i]
            seq += 1
            kind, quantity_t = command.kind, command.quantity_t
            result.left_t = 0

            # What the command is about: the order's place in the pool, its side, and what is left to trade.
            if kind == _PLACE:
                number, index, side = seq, _U(seq - first) + base, _U(command.side)
                group, order_type, filled_t, left_t = command.group, command.order_type, _0, _U(quantity_t)
                if left_t - _1 >= _U(QUANTITY_T_MAX):
                    result.outcome = _NO_QUANTITY
                    continue
            else:
                number = command.order
                index = _U(number - first) + base
                if index < base or index >= capacity or nodes[index].left_t == 0:
                    result.outcome = _NOT_RESTING
                    continue
                slot, open_t = _U(nodes[index].slot), _U(nodes[index].left_t)
                side = _U(slot >= span)
                result.left_t = open_t
                group, order_type, filled_t, left_t = np.uint32(0), np.uint8(_LIMIT), _0, _0
                if full and kind == _AMEND:
                    if _U(quantity_t) - _1 >= _U(QUANTITY_T_MAX):
                        result.outcome = _NO_QUANTITY
                        continue
                    group = owners[index].group
                    filled_t = _U(owners[index].total_t) - open_t
                    left_t = _U(quantity_t) - min(_U(quantity_t), filled_t)

            # Its rank.
            rank = span
            if (kind != _CANCEL) and not (full and order_type == _MARKET_TO_LIMIT):
                rank = _U(command.price_fen_per_t - low)
                if rank > last:
                    result.outcome = _OFF_LADDER
                    continue
                rank = last - rank if side == _1 else rank

            # An order that stands: lessened in its place, or out of its ring.
            if kind != _PLACE:
                if full and left_t > _0 and left_t <= open_t and slot == side * span + rank:
                    nodes[index].left_t = left_t
                    owners[index].total_t = quantity_t
                    result.outcome, result.left_t = _REDUCED, left_t
                    continue
                before, after = _U(nodes[index].prev), _U(nodes[index].next)
                nodes[before].next = after
                nodes[after].prev = before
                nodes[index].left_t = 0
                resting -= 1
                if left_t == _0:
                    result.outcome = _CANCELLED
                    continue
            facing, limit = _1 - side, last - rank
            at = _U(state[_U(BEST) + facing])
            is_stopped = False
            is_decremented = False
            if full and order_type == _FILL_OR_KILL:
                wanted_t, rung = left_t, at
                while rung <= limit and wanted_t > _0:
                    slot = facing * span + rung
                    node = _U(nodes[slot].next)
                    while node != slot and wanted_t > _0:
                        if owners[node].group != group:
                            wanted_t -= min(wanted_t, _U(nodes[node].left_t))
                        elif policy != _CANCEL_OLDEST:
                            rung = limit
                            break
                        node = _U(nodes[node].next)
                    rung += _1
                if wanted_t > _0:
                    result.outcome, result.left_t = _KILLED, left_t
                    continue
            if full and order_type == _MARKET_TO_LIMIT:
                limit = last
            while at <= limit and left_t > _0:
                slot = facing * span + at
                node = _U(nodes[slot].next)
                if node != slot:
                    if full and order_type == _MARKET_TO_LIMIT:
                        limit, rank = at, last - at
                    price_fen_per_t = low + tick * np.int64(last - at if facing == _1 else at)
                    while True:
                        there_t = _U(nodes[node].left_t)
                        moved_t = min(left_t, there_t)
                        is_prevented = False
                        if full and owners[node].group == group:
                            if policy == _CANCEL_NEWEST:
                                is_stopped = True
                                break
                            is_prevented = True
                            if policy == _CANCEL_OLDEST:
                                moved_t = there_t
                            else:
                                is_decremented = True
                                left_t -= moved_t
                                owners[node].total_t -= np.uint32(moved_t)
                        else:
                            left_t -= moved_t
                            filled_t += moved_t
                        fill = fills[made]
                        fill.taker = number
                        fill.maker = np.int64(node - base) + first
                        fill.price_fen_per_t = price_fen_per_t
                        fill.quantity_t = moved_t
                        fill.is_prevented = is_prevented
                        made += _1
                        nodes[node].left_t = there_t - moved_t
                        if moved_t < there_t:
                            break
                        resting -= 1
                        node = _U(nodes[node].next)
                        if node == slot or left_t == _0:
                            break
                    nodes[slot].next = node
                    nodes[node].prev = slot
                    if node != slot:
                        break
                word = facing * wide + (at >> _6)
                end = (facing + _1) * wide
                bits[word] &= ~(_1 << (at & _63))
                while word < end and bits[word] == _0:
                    word += _1
                at = ((word - facing * wide) << _6) + ctz(bits[word]) if word < end else span
                state[_U(BEST) + facing] = at

            if left_t == _0:
                result.outcome, result.left_t = _SELF_TRADE if is_decremented else _FILLED, 0
                continue
            result.left_t = left_t
            if is_stopped:
                result.outcome = _SELF_TRADE
            elif full and order_type == _IMMEDIATE_OR_CANCEL:
                result.outcome = _ENDED
            elif full and rank == span:
                result.outcome = _NO_OPPOSITE
            else:
                result.outcome = _RESTS
                slot = side * span + rank
                tail = _U(nodes[slot].prev)
                own = nodes[index]
                own.left_t = left_t
                own.next = slot
                own.prev = tail
                own.slot = slot
                nodes[tail].next = index
                nodes[slot].prev = index
                if full:
                    owners[index].group = group
                    owners[index].total_t = filled_t + left_t
                resting += 1
                if tail == slot:
                    bits[side * wide + (rank >> _6)] |= _1 << (rank & _63)
                    if rank < _U(state[_U(BEST) + side]):
                        state[_U(BEST) + side] = rank
        state[SEQ], state[RESTING] = seq, resting
        return int(made)

    return numba.njit(match, cache=True)


match: Any = _specialised(full=True)
match_plain: Any = _specialised(full=False)


def _walk(nodes: NDArray[np.void], levels: int, found: NDArray[np.int64]) -> None:
    count = 0
    for slot in range(levels):
        node = nodes[slot].next
        while node != slot:
            found[count] = node
            count += 1
            node = nodes[node].next


def _look(nodes: NDArray[np.void], span: int, state: NDArray[np.int64], seen: NDArray[np.int64]) -> None:
    for side in range(2):
        count = 0
        for rank in range(state[BEST + side], span):
            slot = side * span + rank
            node = nodes[slot].next
            if node != slot:
                seen[side, count, 0] = rank
                while node != slot:
                    seen[side, count, 1] += nodes[node].left_t
                    node = nodes[node].next
                count += 1
                if count == LEVELS:
                    break


walk: Any = numba.njit(_walk, cache=True)
look: Any = numba.njit(_look, cache=True)
