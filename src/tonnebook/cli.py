"""The table of commands: `./tonnebook COMMAND`. What a command does stands in its room, imported when it is called."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from tonnebook.imports import commands as imports
from tonnebook.market import commands as auctions
from tonnebook.rulebook import commands as rules

app = typer.Typer(
    name="tonnebook",
    help="碳账本 · a regional carbon market from the chimney to the retired tonne.\n\n"
    "First of all: `./tonnebook up` serves it, `./tonnebook test` tests it, `./tonnebook check` reads the code.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(rules.app, name="rules", rich_help_panel="Rules")
app.add_typer(auctions.app, name="auction", rich_help_panel="Market")


def start_django() -> None:
    """Load the settings and the rooms; commands that need neither start without."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tonnebook.settings")
    django.setup()

    from tonnebook import production
    from tonnebook.journal import tenancy

    production.settle_memory()
    # What the operator runs has no person behind it: imports, the demo, jobs, audits.
    tenancy.serve_as(tenancy.EVERYWHERE)


app.add_typer(imports.app, name="import", callback=start_django, rich_help_panel="Data")
app.add_typer(imports.exports, name="export", rich_help_panel="Data")


def _show_version(wanted: bool) -> None:
    if wanted:
        from tonnebook import settings

        typer.echo(f"tonnebook {settings.version()}")
        raise typer.Exit


@app.callback()
def main(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """碳账本 · a regional carbon market from the chimney to the retired tonne."""


@app.command(rich_help_panel="Server")
def prepare(
    *,
    reset: Annotated[bool, typer.Option("--reset", help="Empty a demo database first; refuses any other.")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="Have an empty database filled with the demo regions.")] = False,
) -> None:
    """Bring the database to this version: migrations, guards, grants."""
    start_django()
    from tonnebook import production, scratch
    from tonnebook.journal import services as journal

    if reset:
        try:
            scratch.reset_database()
        except RuntimeError as reason:
            sys.stderr.write(f"{reason}\n")
            raise typer.Exit(1) from None
    else:
        scratch.prepare_database()
        refuse_a_log_that_is_behind()
    if demo:
        from tonnebook.demo import services

        services.seed()
    production.refuse_defaults()
    journal.keep_artefact()


def refuse_a_log_that_is_behind() -> None:
    """End, and say why, when a longer log than that of the database is known outside of it (D2)."""
    from tonnebook.journal import remembered

    try:
        remembered.check()
    except remembered.Behind as reason:
        sys.stderr.write(f"{reason}\n")
        raise typer.Exit(1) from None


@app.command(rich_help_panel="Server")
def worker() -> None:
    """Work off the jobs of the queue until somebody ends it."""
    start_django()
    from tonnebook import production
    from tonnebook.journal import jobs

    production.check()
    jobs.work()


@app.command(rich_help_panel="Server")
def stream() -> None:
    """Tell browsers and programs what the market does, live, until somebody ends it."""
    start_django()
    from tonnebook import production
    from tonnebook.web.stream import serving

    production.check()
    serving.serve()


@app.command(rich_help_panel="Server")
def engine(
    *, region: Annotated[str, typer.Option(help="Region code; by default that of this installation.")] = ""
) -> None:
    """Hold a market and carry out the orders that are sent to it, until somebody ends it; a second one is refused."""
    start_django()
    from tonnebook import production

    production.check()
    auctions.run_engine(region)


@app.command(rich_help_panel="Server")
def engines() -> None:
    """Run an engine for every market, and a new one for whichever has lost its own, until somebody ends it."""
    start_django()
    from tonnebook import production

    production.check()
    auctions.run_engines()


@app.command(rich_help_panel="Server")
def backup(
    folder: Annotated[Path, typer.Argument(help="New or empty; receives the copy.")],
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Go on copying what is written, until Ctrl-C.")] = False,
) -> None:
    """Copy the database while it runs, and check the copy file by file."""
    start_django()
    from tonnebook.operations import commands

    raise typer.Exit(commands.run_backup(folder, followed=follow))


@app.command(rich_help_panel="Server")
def restore(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder of a backup.")],
    *,
    until: Annotated[str, typer.Option(help="Stop at this instant, such as 2026-07-01T08:30:00+00:00.")] = "",
) -> None:
    """Bring a backup back; it takes the place of the data only when its books and its log hold."""
    start_django()
    from datetime import datetime

    from tonnebook.operations import commands

    raise typer.Exit(commands.run_restore(folder, until=datetime.fromisoformat(until) if until else None))


@app.command(rich_help_panel="Server")
def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Look at disk, keys, database, guards, clock, log, audit, jobs, outbox, engines and backup."""
    start_django()
    from tonnebook.operations import commands

    raise typer.Exit(commands.run_doctor(as_json=as_json))


@app.command(rich_help_panel="Server")
def found(
    *,
    region: Annotated[str, typer.Option(help="Region code, such as shanghai.")],
    authority: Annotated[str, typer.Option(help="Unified social credit code of the authority.")],
    name_zh: Annotated[str, typer.Option(help="Its name in Chinese.")],
    name_en: Annotated[str, typer.Option(help="Its name in English.")],
) -> None:
    """Begin a region: ask the first two people of its authority for their names and passwords."""
    start_django()
    from tonnebook.members import commands

    people = []
    for place in ("一 / first", "二 / second"):
        typer.echo(f"人员{place} person")
        asked = [typer.prompt(words) for words in ("账号 / sign-in name", "中文姓名 / Chinese name", "English name")]
        password = typer.prompt("密码 / password", hide_input=True, confirmation_prompt=True)
        people.append((*asked, password))
    raise typer.Exit(commands.found((authority, name_zh, name_en), region, people))


@app.command(rich_help_panel="Server")
def logins() -> None:
    """Print the sign-in names of the demo; a database without demo has none."""
    start_django()
    from tonnebook.demo import logins

    for line in logins.lines():
        typer.echo(line)


@app.command(rich_help_panel="Market")
def sandbox(login: Annotated[str, typer.Argument(help="A trader of the demo, see `logins`.")] = "northpower") -> None:
    """Give a program a trader of the demo to play: print a key that signs, ready for `tonnebook_client`."""
    start_django()
    from tonnebook.demo import sandbox
    from tonnebook.journal import services as journal

    try:
        for line in sandbox.lines(login, now=journal.now()):
            typer.echo(line)
    except sandbox.NoSandbox as reason:
        sys.stderr.write(f"{reason}\n")
        raise typer.Exit(1) from None


@app.command(rich_help_panel="Market")
def year(
    *,
    region: Annotated[str, typer.Option(help="Demo region: shanghai or tianjin.")] = "shanghai",
    year: Annotated[int, typer.Option(help="Compliance year whose plan ships: 2025 or 2026.")] = 2026,
    seed: Annotated[int, typer.Option(help="Same seed, same root of the log.")] = 20_260_101,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run a whole compliance year of a demo region in a scratch database, and audit it."""
    start_django()
    from tonnebook import compliance_year
    from tonnebook.demo.world import World

    world = World(region, year, seed)
    try:
        _ = world.overlay
    except LookupError as reason:
        sys.stderr.write(f"{reason}\n")
        raise typer.Exit(1) from None
    raise typer.Exit(compliance_year.run(world, as_json=as_json))


@app.command(rich_help_panel="Rules")
def refusals(
    *, write: Annotated[bool, typer.Option("--write", help="Write docs/refusals.md instead of printing.")] = False
) -> None:
    """Show everything the system can refuse, with its article, from the code itself."""
    from tonnebook import refusals as closed_enums
    from tonnebook import settings

    if write:
        (settings.REPOSITORY / "docs" / "refusals.md").write_text(closed_enums.page(), encoding="utf-8")
    else:
        typer.echo(closed_enums.page())


@app.command(rich_help_panel="Rules")
def matrix(
    *, write: Annotated[bool, typer.Option("--write", help="Write docs/matrix.md instead of printing.")] = False
) -> None:
    """Show every transaction of the books and what goes for it, from the code itself."""
    from tonnebook import matrix as transactions
    from tonnebook import settings

    if write:
        (settings.REPOSITORY / "docs" / "matrix.md").write_text(transactions.page(), encoding="utf-8")
    else:
        typer.echo(transactions.page())


@app.command(rich_help_panel="Rules")
def holds(
    *, write: Annotated[bool, typer.Option("--write", help="Write docs/holds.md instead of printing.")] = False
) -> None:
    """Show who comes first when two claims meet, and which lots are used up first."""
    from tonnebook import conflicts, settings

    if write:
        (settings.REPOSITORY / "docs" / "holds.md").write_text(conflicts.page(), encoding="utf-8")
    else:
        typer.echo(conflicts.page())


@app.command(rich_help_panel="Rules")
def golden(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="Files of examples.")],
) -> None:
    """Run worked examples through the core and compare to the last digit."""
    from tonnebook import golden

    try:
        outcome = golden.run(files)
    except golden.CaseError as reason:
        sys.stderr.write(f"{reason}\n")
        raise typer.Exit(1) from None
    for line in outcome.lines():
        typer.echo(line)
    raise typer.Exit(1 if outcome.failed else 0)


@app.command(rich_help_panel="Development")
def bench(
    name: Annotated[
        str,
        typer.Argument(help="What to measure: allocation, auction, cems, close, ledger, log, matching, mrv or settle."),
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure what it does, each figure beside a plain reference in the same run."""
    start_django()
    from tonnebook.bench import allocation, auction, cems, close, ledger, log, matching, mrv, report, settle

    benches = {
        "allocation": allocation.measure,
        "auction": auction.measure,
        "cems": cems.measure,
        "close": close.measure,
        "ledger": ledger.measure,
        "log": log.measure,
        "matching": matching.measure,
        "mrv": mrv.measure,
        "settle": settle.measure,
    }
    if name not in benches:
        raise typer.BadParameter(f"one of: {', '.join(benches)}")
    raise typer.Exit(report.tell(name, benches[name](), as_json=as_json))


@app.command(rich_help_panel="Evidence")
def audit(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    key: Annotated[str | None, typer.Option(help="The log's public key; otherwise this installation's own.")] = None,
) -> None:
    """Recompute log, books and statuses with own SQL and own arithmetic; compute every report and file digest again."""
    start_django()
    from tonnebook.journal import queries as journal
    from tonnebook_audit import cli as second_pair_of_eyes

    keys = {"trusted_key": key} if key else journal.signer().keys
    from tonnebook.emissions import queries as emissions
    from tonnebook.members import queries as members

    broken = [f"{one.subject}: {one.what}: {one.expected} ≠ {one.found}" for one in emissions.recompute().breaks]
    broken += [f"{number}: document" for number in members.damaged_documents()]
    code = second_pair_of_eyes.audit_database(journal.audit_url(), as_json=as_json, records=broken, **keys)
    raise typer.Exit(code)


@app.command(rich_help_panel="Evidence")
def verify(
    receipt: Annotated[Path, typer.Argument(help="The receipt, as it was handed out (JSON).")],
    key: Annotated[str | None, typer.Option(help="The log's public key, known from elsewhere.")] = None,
    witness: Annotated[
        list[str] | None, typer.Option(help="The public key of a witness that must have signed; may be repeated.")
    ] = None,
) -> None:
    """Check a receipt, without network and without database."""
    from tonnebook_audit import cli as second_pair_of_eyes

    raise typer.Exit(second_pair_of_eyes.verify_receipt(receipt, trusted_key=key, witnesses=witness or ()))


draws = typer.Typer(no_args_is_help=True)
app.add_typer(draws, name="draw", rich_help_panel="Evidence")


@draws.callback()
def _draws() -> None:
    """Draws by lot, to be repeated by anybody."""


@draws.command("verify")
def verify_draw(file: Annotated[Path, typer.Argument(help="The published file of a draw (JSON).")]) -> None:
    """Repeat a draw from its published file, without network and without database."""
    from tonnebook_audit import draw

    raise typer.Exit(draw.run(file))


@app.command(rich_help_panel="Evidence")
def witness(
    *,
    log: Annotated[list[str], typer.Option(help="The public key of a log to sign for; may be repeated.")],
    name: Annotated[str, typer.Option(help="Name in the signature lines, such as witness.example/w1.")],
    listen: Annotated[str, typer.Option(help="Address and port.")] = "127.0.0.1:8010",
    state: Annotated[Path, typer.Option(help="File that remembers what was signed.")] = Path("witness.json"),
) -> None:
    """Witness public logs: sign that they only grow. To be run elsewhere, by somebody else; needs no database."""
    from tonnebook_witness import server

    raise typer.Exit(server.serve(listen=listen, state=state, name=name, logs=log))


@app.command(rich_help_panel="Evidence")
def explain(
    subject: Annotated[str, typer.Argument(help="Such as allocation:CODE:YEAR, obligation:CODE:YEAR, report:NUMBER.")],
) -> None:
    """Print how a stored number came about, and compute it again from its derivation alone."""
    start_django()
    from tonnebook.journal import services as journal
    from tonnebook.web import explaining

    raise typer.Exit(explaining.run(subject, now=journal.now()))


@app.command(rich_help_panel="Development")
def messages() -> None:
    """Collect the sentences of all pages into the Chinese catalogue and compile it."""
    from tonnebook.web import messages as catalogue

    catalogue.refresh()
    lacking = catalogue.gaps().empty
    for sentence in lacking:
        typer.echo(f"没有中文 / no Chinese: {sentence}")
    raise typer.Exit(1 if lacking else 0)


def run() -> None:
    """Run the command line; a database that cannot be reached is told in one sentence, not in a traceback."""
    import psycopg
    from django.db import OperationalError

    try:
        app(prog_name="./tonnebook")
    except (OperationalError, psycopg.OperationalError) as error:
        reason = str(error).strip().partition("\n")[0]
        sys.stderr.write(f"碳账本：无法连接数据库，请检查 TONNEBOOK_DATABASE_URL 与数据库服务：{reason}\n")
        sys.stderr.write(
            f"tonnebook: cannot reach the database; check TONNEBOOK_DATABASE_URL and the server: {reason}\n"
        )
        raise SystemExit(1) from None


if __name__ == "__main__":
    run()
