"""Pages of the shell, one module per role."""
