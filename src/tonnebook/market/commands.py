"""`./tonnebook auction` makes keys away from the server and checks published results; `engine` runs a market."""

import secrets
import sys
from pathlib import Path
from typing import Annotated

import shamir_mnemonic
import typer

from tonnebook.core import sealed_bids

app = typer.Typer(help="Keys of auctions, and results checked off the network.", no_args_is_help=True)


@app.command()
def keys(
    folder: Annotated[Path, typer.Argument(help="New or empty; receives the opening key and one file per officer.")],
) -> None:
    """Make the key of an auction on a machine off the network; three officers get a share each, two open the bids."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        sys.stderr.write(f"{folder} 不是空文件夹，请另选。 {folder} is not empty; choose another folder.\n")
        raise typer.Exit(1)
    secret = secrets.token_bytes(sealed_bids.KEY_BYTES)
    group = (sealed_bids.OFFICERS_NEEDED, sealed_bids.OFFICERS)
    (shares,) = shamir_mnemonic.generate_mnemonics(1, [group], secret)
    for place, words in enumerate(shares, 1):
        file = folder / f"share-{place}.txt"
        file.touch(mode=0o600)
        file.write_text(f"{words}\n", encoding="utf-8")
    opening_key = sealed_bids.public_key(secret)
    (folder / "opening-key.txt").write_text(f"{opening_key}\n", encoding="utf-8")
    typer.echo(f"开标公钥（写入竞价公告） / opening key, for the announcement: {opening_key}")
    typer.echo(
        "请将 share-1、2、3 分别抄写给三位保管人，然后销毁本文件夹；任意两份可开标。 "
        "Copy share-1, 2 and 3 on paper for three officers, then destroy this folder; any two of them open the bids."
    )


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The result as published (JSON).")],
    *,
    key: Annotated[str | None, typer.Option(help="The log's public key, known from elsewhere.")] = None,
    witness: Annotated[
        list[str] | None, typer.Option(help="The key of a witness that must have signed after the close; repeatable.")
    ] = None,
    receipt: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="The receipt of a bid that must be in the file; repeatable."),
    ] = None,
) -> None:
    """Open and clear a published auction again, without network and without database."""
    from tonnebook_audit import cli as second_pair_of_eyes

    receipts = [one.read_text(encoding="utf-8") for one in receipt or ()]
    code = second_pair_of_eyes.verify_auction(file, trusted_key=key, witnesses=witness or (), receipts=receipts)
    raise typer.Exit(code)


def run_engine(region: str) -> None:
    """Run the engine of a region's market until somebody ends it; say why when the market is held by another."""
    from django.conf import settings

    from tonnebook.core.errors import Refused
    from tonnebook.market import engine

    try:
        engine.run(region or settings.REGION)
    except Refused as refused:
        sys.stderr.write(f"{refused.zh} {refused.en}\n")
        raise typer.Exit(1) from None


def run_engines() -> None:
    """Run an engine for every market until somebody ends it."""
    from tonnebook.market import engine

    engine.run_all()
