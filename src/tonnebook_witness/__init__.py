"""A witness for public logs (C2SP tlog-witness): signs that a log has only ever grown, and remembers what it signed.

It runs elsewhere, for somebody else: it needs the standard library, `cryptography` and the reading of notes and proofs
of `tonnebook_audit`, and knows nothing of the system whose log it watches.
"""
