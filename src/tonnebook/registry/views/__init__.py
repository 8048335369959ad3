"""The pages of the registry, one module per idea."""
