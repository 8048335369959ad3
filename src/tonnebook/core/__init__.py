"""The pure core: everything that decides or computes an amount.

No Django, no input or output, no clock, no chance. One file per idea; rooms load rows, turn them into the values
defined here, call a function, and write rows. The core does *not* know who is asking, what time it is (callers pass
`now` or `today`) or where rules are kept (callers pass a `rules.RulesAt`).
"""
