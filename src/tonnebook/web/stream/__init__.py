"""Live quotes: a process of its own that tells browsers and programs what the market does, over SSE and WebSocket.

`states` reads what may be told, `hub` keeps the newest of it for everybody who listens, `serving` speaks the protocols.
Nothing here is private and nothing is decided: it is what the public pages show, a moment after it happened.
"""
