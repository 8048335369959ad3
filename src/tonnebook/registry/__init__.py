"""The registry: every account of units and of money, what is in it, and the way of each unit.

Its words: *account*, *asset*, *balance*, *transfer* with *postings*, *hold*, *serial block*. Other rooms open accounts,
hold and post through `services` inside their own transaction; `docs/locking.md` says in which order.

The registry does *not* know why a transfer is due (compliance, market and credits do), nor decide whether a balance
suffices (`core.ledger` does).
"""
