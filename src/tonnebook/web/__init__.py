"""Web: the shell around every room's pages.

Words of this room: the *frame* (top bar, clock bar, rail, foot), the *home* of a role, the *role bar* that changes the
demo person. It signs people in, reads clock and region once per request, and turns errors into pages. It decides
nothing and has no tables.
"""
