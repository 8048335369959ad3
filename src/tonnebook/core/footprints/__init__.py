"""Footprints of products (产品碳足迹): what one declared unit emitted over its stages, told in the form of PACT.

`study` computes; `pact` writes and checks the record that companies exchange; `factors` is the table of key product
factors that the authority publishes and hands on to the national database.
"""
