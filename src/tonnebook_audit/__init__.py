"""The second pair of eyes: recompute books and log from the raw rows, with own SQL and own arithmetic.

Nothing here imports tonnebook or Django, so that no mistake of the one can hide in the other.
"""
