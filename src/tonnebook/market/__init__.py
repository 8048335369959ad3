"""The market: listed trading, paid auctions, and the close of each day.

Its words: *instrument*, *order*, *trade*, *close*, *auction*, *bid*. Orders are matched in the request's transaction
while the instrument's row is locked, and every trade is settled at once, delivery versus payment, by the registry.

The market does *not* keep balances (the registry does), does not decide how orders match or what an auction's price
is (`core.book`, `core.auction`, `core.clearing` do), and does not know who is covered or short (compliance does).
"""
