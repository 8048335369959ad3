"""`./tonnebook import entities|reports`: read a filled Excel template, post it whole, audit, tell what came of it."""

import time
from datetime import datetime
from pathlib import Path

from django.db import transaction

from tonnebook.core.errors import Busy, Refused
from tonnebook.core.roles import SYSTEM, Actor
from tonnebook.imports import company_books, screen, workbook
from tonnebook.imports.problems import Unreadable
from tonnebook.imports.workbook import Filled
from tonnebook.journal import queries as log
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import queries as people
from tonnebook_audit.auditor import audit


def run(kind: str, path: Path, *, username: str, dry_run: bool, as_json: bool) -> int:
    """Import a filled template and tell what came of it.

    Args:
        kind: "entities" or "reports".
        path: of the workbook.
        username: sign-in name of the person who hands it in; empty for the system.
        dry_run: post and take back, so that what the rules refuse is found as well.
        as_json: one JSON object on standard output instead of lines.

    Returns:
        Exit code: 0 when everything was loaded and the auditor finds no break.
    """
    started = time.monotonic()
    try:
        with screen.progress_bar() as show:
            show("读取文件", "read the file", 0, 3)
            filled = workbook.read(path, kind)
            show("写入", "post", 1, 3)
            actor = people.actor_named(username) if username else SYSTEM
            answer = post(kind, filled, actor, now=journal.now(), keep=not dry_run)
            show("审计", "audit", 2, 3)
            audited = {"breaks": 0} if dry_run else _audited()
    except Unreadable as error:
        screen.tell_problems(error.problems, {"seconds": round(time.monotonic() - started, 2)}, as_json=as_json)
        return 1
    except (Refused, Busy) as error:
        screen.tell_refusal(error, as_json=as_json)
        return 1
    seconds = round(time.monotonic() - started, 2)
    facts = {"rows": filled.rows, "refused": 0, **answer, **audited, "dry_run": dry_run, "seconds": seconds}
    screen.tell(facts, as_json=as_json, lines=[f"{name}: {value}" for name, value in facts.items()])
    return 1 if facts["breaks"] else 0


def post(kind: str, filled: Filled, actor: Actor, *, now: datetime, keep: bool) -> Answer:
    """Post a filled template in one transaction; the same file a second time changes nothing.

    Args:
        kind: "entities" or "reports".
        filled: free of problems.
        actor: who hands it in.
        now: when.
        keep: whether to keep it; otherwise everything is taken back.

    Returns:
        The answer of the command.

    Raises:
        Refused: what the command refuses; nothing is kept then, so that the same file can be loaded after a remedy.
    """
    key = f"imports-{kind}-{filled.digest}"
    with transaction.atomic():
        if kind == "entities":
            entities, facilities = company_books.entity_drafts(filled)
            answer = company_books.load_entities(actor, entities=entities, facilities=facilities, key=key, now=now)
        else:
            drafts = company_books.report_drafts(filled)
            answer = company_books.load_reports(actor, reports=drafts, key=key, now=now)
        if not keep:
            transaction.set_rollback(True)
    return answer


def _audited() -> dict[str, object]:
    journal.integrate(now=journal.now())
    journal.publish_checkpoint(now=journal.now())
    report = audit(log.audit_url())
    return {"breaks": len(report.breaks), "log_root": report.log_root}
