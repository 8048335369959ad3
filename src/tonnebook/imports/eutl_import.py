"""`./tonnebook import eutl`: read, compare, post, number the log, audit, and tell what came of it."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from tonnebook.core.errors import Busy, Refused
from tonnebook.imports import eutl, eutl_books, screen
from tonnebook.imports.eutl import BOOKED_YEARS, Agreement, Extract
from tonnebook.imports.eutl_books import Loaded
from tonnebook.imports.problems import Unreadable
from tonnebook.journal import queries as log
from tonnebook.journal import services as journal
from tonnebook_audit.auditor import AuditReport, audit

_SUMS = ("issued_t", "opening_entries", "opening_entry_t", "surrenders", "surrendered_t")


def run(folder: Path, *, dry_run: bool, as_json: bool) -> int:
    """Import an extract of the European registry and tell what came of it.

    Args:
        folder: where its files lie.
        dry_run: read and compare only.
        as_json: one JSON object on standard output instead of lines.

    Returns:
        Exit code: 0 when everything was loaded and the auditor finds no break.
    """
    started = time.monotonic()
    try:
        with screen.progress_bar() as show:
            show("读取文件", "read the files", 0, 1)
            extract = eutl.read(folder)
            facts = _read_facts(extract)
            breaks = 0 if dry_run else _post(extract, facts, show)
    except Unreadable as error:
        screen.tell_problems(error.problems, {"seconds": _seconds(started)}, as_json=as_json)
        return 1
    except (Refused, Busy) as error:
        screen.tell_refusal(error, as_json=as_json)
        return 1
    facts |= {"breaks": breaks, "dry_run": dry_run, "seconds": _seconds(started)}
    screen.tell(facts, as_json=as_json, lines=_lines(facts))
    return 1 if breaks else 0


def _read_facts(extract: Extract) -> dict[str, object]:
    ours = {account: eutl.status_codes(values, extract.years) for account, values in extract.values.items()}
    return {
        "rows": extract.rows,
        "refused": 0,
        "breaks": 0,
        "accounts": len(extract.installations),
        "accounts_with_values": len(extract.values),
        "words": extract.words,
        **_agreement_facts(eutl.agreement(extract, ours)),
    }


def _agreement_facts(by_year: Mapping[int, Agreement]) -> dict[str, object]:
    booked = [by_year[year] for year in BOOKED_YEARS]
    together = Agreement(sum(one.comparable for one in booked), sum(one.agreeing for one in booked))
    return {
        "agreement": _share(together),
        "agreement_cells": together.comparable,
        "agreement_by_year": {str(year): _share(one) for year, one in by_year.items() if one.comparable},
    }


def _post(extract: Extract, facts: dict[str, object], show: screen.Show) -> int:
    loaded = eutl_books.load(extract, now=journal.now(), progress=show)
    show("公开日志", "publish the log", 1, 3)
    journal.integrate(now=journal.now())
    journal.publish_checkpoint(now=journal.now())
    show("审计", "audit", 2, 3)
    report = audit(log.audit_url())
    facts |= _booked_facts(extract, loaded, report)
    show("完成", "done", 3, 3)
    return len(report.breaks)


# What has been posted answers for the booked years; later years are judged from the files alone.
def _booked_facts(extract: Extract, loaded: Loaded, report: AuditReport) -> dict[str, object]:
    codes = eutl_books.booked_codes()
    ours = {
        account: eutl.status_codes(values, extract.years) | codes.get(account, {})
        for account, values in extract.values.items()
    }
    years = loaded.answer["years"]
    assert isinstance(years, dict)
    sums = {name: sum(int(str(one[name])) for one in years.values() if isinstance(one, dict)) for name in _SUMS}
    shown = [f"BREAK {one.check} {one.subject}: {one.expected} ≠ {one.found}" for one in report.breaks[:20]]
    return {
        **_agreement_facts(eutl.agreement(extract, ours)),
        **sums,
        "years": years,
        "already_loaded": not loaded.is_new,
        "log_root": report.log_root,
        "log_size": report.log_size,
        "found": shown,
    }


def _share(one: Agreement) -> float | None:
    # A share for readers, no amount: six digits.
    return round(one.agreeing / one.comparable, 6) if one.comparable else None


def _seconds(started: float) -> float:
    return round(time.monotonic() - started, 2)


def _lines(facts: Mapping[str, object]) -> list[str]:
    lines = [
        f"{facts['rows']:,} 行 rows · {facts['accounts']:,} 账户 accounts"
        f" · {facts['accounts_with_values']:,} 有年度数据 with yearly values",
        f"与官方代码一致 agreement 2005–2007: {facts['agreement']} of {facts['agreement_cells']:,} cells",
    ]
    if "issued_t" in facts:
        again = "（此前已导入，未作改动 loaded before, nothing changed）" if facts["already_loaded"] else ""
        lines += [
            f"发放 issued {facts['issued_t']:,} t · 清缴 surrendered {facts['surrendered_t']:,} t{again}",
            f"期初分录 OPENING_ENTRY {facts['opening_entries']:,}: {facts['opening_entry_t']:,} t",
            f"日志根 log root {facts['log_root']} ({facts['log_size']:,} leaves)",
            *cast("list[str]", facts["found"]),
        ]
    else:
        lines.append("试运行：没有写入任何内容。 Dry run: nothing was written.")
    return [*lines, f"{facts['breaks']} breaks · {facts['seconds']} s"]
