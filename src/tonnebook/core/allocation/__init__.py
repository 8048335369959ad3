"""Allocation (配额分配): from what an entity made and emitted to the tonnes it receives.

`annual` applies the steps in the order the rule book names; `benchmark` and `history` give the base, `incentives` and
`shares` change it, `batches` splits it over the year; `national_power` and `industry` are the national formulas. Every
amount is a trace built from parameters of the rule book. The package does *not* issue anything.
"""
