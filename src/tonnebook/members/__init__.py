"""Members: organisations, people, their roles, and approvals by two people.

Words: an *organisation* is known by its unified social credit code, a *person* by a number; an *approval* covers the
digest of exactly what will be executed. Members does *not* know what the approved commands do (`tonnebook.commands`
runs them) and holds no accounts.
"""
