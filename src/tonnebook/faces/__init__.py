"""Faces: the shapes every page and every answer shares.

Words of this room: a *problem* is the one JSON shape of all errors; a *figure* is a number with its unit beside it; a
*drawing* is the geometry of a chart that a template writes as SVG. It has no tables, knows no room above it, and
decides nothing: what is shown has been computed elsewhere.
"""
