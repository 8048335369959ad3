"""The pages of the market, one module per idea."""
