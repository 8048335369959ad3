"""Worked examples as calls: one small function per kind of example, text in and text out.

A golden file (`tests/golden/*.yaml`) names `call: <module>.<function>` in this package. The function turns strings into
core values, calls core, and gives its numbers back as exact decimals in text; it decides and computes nothing itself.
"""
