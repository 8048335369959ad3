"""Emissions: from the facility to the determined figure of a year.

Words: *facility* 设施, *data quality plan* 数据质量控制方案, *monthly filing* 月度存证, *emission report* 年度排放报告,
*verification* 核查, *determination* 审定. What is emitted is computed in `core.mrv`, what may follow what is decided in
`core.reporting`; this room stores and shows it. It does *not* know who is covered or how much is allocated: compliance,
above it, reads determined figures from here.
"""
