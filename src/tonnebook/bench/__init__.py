"""Measurements: what the ledger and the log do in a second, each beside a plain reference in the same run.

A figure alone says little on a shared machine; its ratio to the reference, measured in turn with it, says what our own
code costs. Every bench works in a scratch database and leaves nothing behind.
"""
