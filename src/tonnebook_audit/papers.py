"""Re-check official papers: numbered without a gap, and what is kept is what the log says was issued."""

import hashlib
from typing import Any

import psycopg

from tonnebook_audit import rows, tree
from tonnebook_audit.log import LogFacts
from tonnebook_audit.report import AuditReport


def check(connection: psycopg.Connection[Any], log: LogFacts, report: AuditReport) -> None:
    """Check the papers of every body, year by year, against their numbers, their content, their files and the log."""
    line, last, missing = None, 0, dict(log.papers)
    for number, issuer, year, count, digests, files, content in rows.stream(connection, _PAPERS):
        last = last + 1 if line == (issuer, year) else 1
        line = issuer, year
        report.compare("paper number", number, expected=f"〔{year}〕{last}号", found=number[number.find("〔") :])
        report.compare("paper number", number, expected=last, found=count)
        text = tree.canonical(tree.texts(content))
        found = hashlib.sha256(text.encode()).hexdigest(), *files
        report.compare("paper", number, expected=tuple(digests), found=found)
        report.compare("paper", number, expected=missing.pop(number, None), found=tuple(digests))
        report.compare("paper", number, expected=number, found=content["number"])
    for number in missing:
        report.compare("paper number", number, expected="the paper the log names", found="none")
    for number, digest, bound in rows.stream(connection, _TWINS):
        report.compare("paper twin", number, expected=digest, found=bound)


_PAPERS = """
SELECT paper.number, paper.issuer_id, paper.year, paper.count,
    ARRAY[paper.digest, paper.pdf_sha256, paper.docx_sha256, coalesce(paper.ofd_sha256, '')],
    ARRAY[encode(sha256(content.pdf), 'hex'), encode(sha256(content.docx), 'hex'),
          coalesce(encode(sha256(content.ofd), 'hex'), '')], content.content
FROM members_paper AS paper JOIN members_paper_content AS content ON content.paper_id = paper.id
ORDER BY paper.issuer_id, paper.year, paper.count
"""
_TWINS = """
SELECT paper.number, paper.digest, twin.digest
FROM members_paper_twin AS twin JOIN members_paper AS paper ON paper.id = twin.paper_id ORDER BY twin.id
"""
