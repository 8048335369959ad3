"""Compliance: who is covered, what they receive, what they surrender, and how each year ends.

Its words: *coverage* with a stage and a reason, *allocation plan* (a rule-book overlay that two people adopt), *batch*,
*surrender* in two acts (the entity submits, the authority confirms), *status*, *carry-over*.

Compliance does *not* compute an amount (core does), does *not* move a unit (the registry does) and does *not* know
how emissions were determined (the emissions room does).
"""
