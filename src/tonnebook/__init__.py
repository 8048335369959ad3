"""tonnebook (碳账本): a regional carbon market from the chimney to the retired tonne.

Rooms stand on floors: `core` decides and computes, the rooms above store, list, show and send.
`docs/tour.md` is the way in.
"""
