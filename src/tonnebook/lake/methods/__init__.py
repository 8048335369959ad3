"""Amounts over columns, each the twin of a readable function of core with which a property test compares it."""
