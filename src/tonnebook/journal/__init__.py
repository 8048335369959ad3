"""The journal: the public log, idempotency keys, checkpoints, receipts, the outbox and the one clock.

Words: a *leaf* is one change in canonical JSON; *integrate* numbers committed leaves; a *checkpoint* is a signed root;
a *receipt* proves one leaf to anybody offline. The journal does *not* know what a leaf means, decides nothing about
amounts, and never shows a sealed field to anybody by itself.
"""
