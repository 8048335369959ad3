"""The commands `import eutl|entities|reports` and `export template`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Bring in a registry's extract, or a company's Excel file.", no_args_is_help=True)

_JSON = typer.Option("--json", help="Print one JSON object.")
_DRY_RUN = typer.Option("--dry-run", help="Read and check only; write nothing.")


@app.command()
def eutl(
    folder: Annotated[Path, typer.Argument(help="Folder with the five installations_….csv files.")],
    *,
    dry_run: Annotated[bool, _DRY_RUN] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Import the public extract of the European registry, post 2005 to 2007, and audit the books."""
    from tonnebook.imports import eutl_import

    raise typer.Exit(eutl_import.run(folder, dry_run=dry_run, as_json=as_json))


_WORKBOOK = typer.Argument(help="Filled template (.xlsx); `export template` writes an empty one.")
_AS = typer.Option("--as", help="Sign-in name of the person who hands it in; the system when not given.")


@app.command()
def entities(
    file: Annotated[Path, _WORKBOOK],
    *,
    dry_run: Annotated[bool, _DRY_RUN] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Import entities and facilities from Excel, and open the entities' accounts."""
    from tonnebook.imports import company_import

    code = company_import.run("entities", file, username="", dry_run=dry_run, as_json=as_json)
    raise typer.Exit(code)


@app.command()
def reports(
    file: Annotated[Path, _WORKBOOK],
    *,
    username: Annotated[str, _AS] = "",
    dry_run: Annotated[bool, _DRY_RUN] = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Import annual emission reports from Excel."""
    from tonnebook.imports import company_import

    code = company_import.run("reports", file, username=username, dry_run=dry_run, as_json=as_json)
    raise typer.Exit(code)


exports = typer.Typer(help="Write files for others to fill in.", no_args_is_help=True)


class TemplateKind(StrEnum):
    """What a template is for."""

    ENTITIES = "entities"
    REPORTS = "reports"


@exports.callback()
def _exports() -> None:
    """Write files for others to fill in."""


@exports.command()
def template(
    kind: Annotated[TemplateKind, typer.Argument(help="What it is for.")],
    path: Annotated[Path, typer.Argument(help="Of the new .xlsx file.")],
) -> None:
    """Write an empty Excel template; an existing file is left alone."""
    from tonnebook.imports import templates

    if path.exists():
        typer.echo(f"{path} 已存在，请换一个文件名。 {path} exists already; give another name.", err=True)
        raise typer.Exit(1)
    try:
        templates.write(kind.value, path)
    except OSError as error:
        reason = error.strerror
        typer.echo(f"无法写入 {path}（{reason}）。 {path} cannot be written ({reason}).", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{path}")
