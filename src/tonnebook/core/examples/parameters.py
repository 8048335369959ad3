"""Parameters of a worked example as rules: what the law's text gives, without files and dates around it."""

import hashlib
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from tonnebook.core.rules import Dated, Leaf, RulesAt, Status


def rules(
    parameters: Mapping[str, str],
    *,
    year: int = 2026,
    region: str = "example",
    units: Mapping[str, str] = MappingProxyType({}),
) -> RulesAt:
    """Build rules from paths and texts, all of them in force in one compliance year.

    Args:
        parameters: text by path, such as `{"allocation.first_batch_share": "0.7"}`.
        year: compliance year.
        region: region code to show.
        units: by path, where the unit matters.
    """
    leaves = {path: _leaf(path, text, year, units.get(path, "")) for path, text in parameters.items()}
    written = "".join(f"{path}\x1f{text}\x1e" for path, text in sorted(parameters.items()))
    digest = hashlib.sha256(f"{region}\x1f{year}\x1e{written}".encode()).hexdigest()
    return RulesAt(region, date(year, 1, 1), year, leaves, digest)


def _leaf(path: str, text: str, year: int, unit: str) -> Leaf:
    day = date(year, 1, 1)
    dated = Dated(day, None, text, "EXAMPLE", "example", Status.SCENARIO, None, day)
    return Leaf(path, unit, "示例参数", "Parameter of an example", (dated,))
