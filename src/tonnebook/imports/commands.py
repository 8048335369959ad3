"""The commands `import eutl|entities|reports` and `export template`."""

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
