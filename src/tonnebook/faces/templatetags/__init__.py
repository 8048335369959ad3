"""Template tags and filters every room may load."""
