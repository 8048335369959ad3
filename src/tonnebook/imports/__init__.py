"""Import (导入): bring in what other registries publish and what companies keep in Excel.

A file is read whole and checked before anything is written; what is wrong is told by file, line and column (or sheet
and cell) in both languages, and then nothing is loaded. What is right goes through the services of the rooms below, in
one transaction. This room has no tables and does *not* decide or compute an amount.
"""
