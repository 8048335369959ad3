"""Credits that live in another registry (such as CCER) and come in by proof that they were cancelled there.

Such a credit is never issued here and never moves in our books: what counts is a block of serial numbers that the
other registry has cancelled for one entity and one compliance year. A proof is used whole and exactly once; whether it
may be used is asked when it is submitted and again when it is confirmed. The module does *not* know the other registry.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.ledger import AssetKey, AssetKind
from tonnebook.core.rules import RulesAt

# Each registry of origin has a stretch of one line of numbers, so that no block of any of them lies on it twice.
SCHEMES = ("CCER", "CEA", "SHCER", "TJCER", "GEC")
_STRETCH = 10**15


class ForeignCreditRefusal(Refusal):
    """Why a proof of cancellation is not taken in or not used, in order of precedence."""

    PROOF_UNKNOWN = Sentence(
        "没有收到编号为 {serials} 的注销凭证；请核对编号，或由主管部门导入。",
        "No proof of cancellation of {serials} has come in; check the numbers, or have the authority import it.",
        "S06 Art. 29; S02 item 18",
        status=404,
    )
    SCHEME_UNKNOWN = Sentence(
        "{scheme} 不是其他登记系统的减排量代码。",
        "{scheme} is no code of credits of another registry.",
        "design choice",
        status=422,
    )
    ISSUED_HERE = Sentence(
        "{scheme} 由本系统签发，不接受其他系统的注销凭证。",
        "{scheme} is issued in this registry; no proof from elsewhere stands for it.",
        "design choice (no tonne counts twice)",
    )
    SERIALS_TAKEN = Sentence(
        "编号 {serials} 与已导入的凭证重叠。",
        "The serials {serials} overlap a proof that has come in.",
        "design choice",
    )
    WRONG_SERIALS = Sentence(
        "编号 {serials} 不正确：首号应大于零且不大于末号。",
        "The serials {serials} are not right: the first must be above zero and not behind the last.",
        "design choice",
        status=422,
    )
    PROOF_OF_ANOTHER = Sentence(
        "注销凭证 {serials} 不是为本单位注销的。",
        "The cancellation of {serials} was made for somebody else.",
        "design choice",
    )
    PROOF_OF_OTHER_YEAR = Sentence(
        "注销凭证 {serials} 用于 {proof_year} 年度，不能用于 {year} 年度。",
        "The cancellation of {serials} is for {proof_year}, not for {year}.",
        "design choice",
    )
    PROOF_USED = Sentence(
        "注销凭证 {serials} 已在 {surrender} 中使用。",
        "The cancellation of {serials} has been used in {surrender}.",
        "design choice (no tonne counts twice)",
    )
    SCHEME_NOT_ADMITTED = Sentence(
        "{year} 年度 {region} 不接受 {scheme} 抵销。", "{region} admits no {scheme} for {year}.", "S29; S02 item 18"
    )
    REDUCED_TOO_EARLY = Sentence(
        "{serials} 的减排发生于 {reduced_on}，早于 {earliest_on}。",
        "The reductions of {serials} are of {reduced_on}, before {earliest_on}.",
        "S31; S36",
    )
    REGISTERED_TOO_EARLY = Sentence(
        "{serials} 登记于 {registered_on}，早于 {earliest_on}。",
        "{serials} were registered on {registered_on}, before {earliest_on}.",
        "S08",
    )
    LAST_USE_OVER = Sentence(
        "{serials} 登记于 {before_on} 之前，最后使用日 {last_on} 已过。",
        "{serials} were registered before {before_on}; such credits could be used until {last_on}.",
        "S14",
    )
    GAS_NOT_COUNTED = Sentence(
        "{serials} 减排的是 {gas}，{year} 年度只接受 {gases}。",
        "{serials} are reductions of {gas}; for {year} only those of {gases} count.",
        "S36",
    )
    KIND_EXCLUDED = Sentence(
        "{serials} 的项目类型“{kind}”不得用于抵销。",
        "Projects of the kind “{kind}”, such as that of {serials}, are excluded.",
        "S36",
    )
    INSIDE_BOUNDARY = Sentence(
        "{serials} 的减排来自纳入配额管理的 {boundary} 的边界以内，不得用于抵销。",
        "The reductions of {serials} lie inside the boundary of covered entity {boundary}.",
        "S30 Art. 17; S31; S06 Art. 29",
    )


@dataclass(frozen=True, slots=True)
class CancelledBlock:
    """A block of serial numbers that another registry has cancelled.

    Attributes:
        scheme: code of the credits, such as "CCER".
        serial_from: first number.
        serial_to: last number, included.
        entity: for whom it was cancelled (unified social credit code).
        year: compliance year it was cancelled for.
        project: number or name of the project.
        project_kind: such as "HYDROPOWER", as the other registry calls it.
        province: where the project lies, by the letters of GB/T 2260 such as "JS"; empty when nobody said.
        gas: what was reduced, such as "CO2" or "CH4".
        boundary: covered entity inside whose boundary the reductions lie, or empty.
        reduced_from_on: first day of the reductions.
        registered_on: when the credits were registered.
        cancelled_on: when they were cancelled.
        certificate: number of the proof there.
    """

    scheme: str
    serial_from: int
    serial_to: int
    entity: str
    year: int
    project: str
    project_kind: str
    province: str
    gas: str
    boundary: str
    reduced_from_on: date
    registered_on: date
    cancelled_on: date
    certificate: str

    @property
    def quantity_t(self) -> int:
        """Tonnes: one per serial number."""
        return self.serial_to - self.serial_from + 1

    @property
    def serials(self) -> str:
        """How people name it: "CCER 1001-1500"."""
        return name_of(self.scheme, self.serial_from, self.serial_to)

    @property
    def asset(self) -> AssetKey:
        """The credits as something that is surrendered; no account of ours ever holds it."""
        return AssetKey(self.serials, AssetKind.CREDIT, self.scheme, self.reduced_from_on.year)


def name_of(scheme: str, serial_from: int, serial_to: int) -> str:
    """Write a block as people name it."""
    return f"{scheme} {serial_from}-{serial_to}"


def line_of(scheme: str, serial_from: int, serial_to: int) -> tuple[int, int]:
    """Lay a block on the one line of foreign serial numbers, half open.

    Args:
        scheme: one of the known schemes.
        serial_from: first number, > 0.
        serial_to: last number, included.

    Raises:
        Refused: SCHEME_UNKNOWN; WRONG_SERIALS when the numbers are no block.

    Source: design choice, no legal source.
    """
    if scheme not in SCHEMES:
        raise Refused(ForeignCreditRefusal.SCHEME_UNKNOWN, scheme=scheme)
    if not 0 < serial_from <= serial_to < _STRETCH:
        raise Refused(ForeignCreditRefusal.WRONG_SERIALS, serials=name_of(scheme, serial_from, serial_to))
    start = SCHEMES.index(scheme) * _STRETCH
    return start + serial_from, start + serial_to + 1


def check_arrival(block: CancelledBlock, rules: RulesAt) -> None:
    """Decide whether a proof may be taken in.

    Args:
        block: what the other registry has cancelled.
        rules: of the region.

    Raises:
        Refused: SCHEME_UNKNOWN, ISSUED_HERE or WRONG_SERIALS.

    Source: S02 item 18, S06 Art. 29 (what is issued elsewhere comes with its proof).
    """
    if rules.has("region.credit_scheme") and block.scheme == rules.text("region.credit_scheme"):
        raise Refused(ForeignCreditRefusal.ISSUED_HERE, scheme=block.scheme)
    line_of(block.scheme, block.serial_from, block.serial_to)


def unusable(block: CancelledBlock, *, entity: str, covered: Collection[str], rules: RulesAt) -> Refused | None:
    """Say why a proof cannot be used by an entity for the compliance year of the rules, or None when it can.

    Args:
        block: what the other registry has cancelled.
        entity: who wants to use it.
        covered: codes of the entities covered in that year.
        rules: of the region for the compliance year; a limit that has no value in force bars nothing.

    Returns:
        PROOF_OF_ANOTHER, PROOF_OF_OTHER_YEAR, SCHEME_NOT_ADMITTED, REDUCED_TOO_EARLY, REGISTERED_TOO_EARLY,
        LAST_USE_OVER, GAS_NOT_COUNTED, KIND_EXCLUDED or INSIDE_BOUNDARY, the first that applies.

    Source: S30 Art. 17, S31 (Shanghai); S36 (Tianjin, as of 2018); S06 Art. 29, S08, S14 (national).
    """
    if block.entity != entity:
        return Refused(ForeignCreditRefusal.PROOF_OF_ANOTHER, serials=block.serials)
    if block.year != rules.year:
        facts = {"proof_year": block.year, "year": rules.year}
        return Refused(ForeignCreditRefusal.PROOF_OF_OTHER_YEAR, serials=block.serials, **facts)
    if not rules.has("surrender.credit_schemes") or block.scheme not in rules.words("surrender.credit_schemes"):
        code = ForeignCreditRefusal.SCHEME_NOT_ADMITTED
        return Refused(code, scheme=block.scheme, region=rules.region, year=rules.year)
    return _too_early(block, rules) or _too_old(block, rules) or _barred(block, covered, rules)


def labels(block: CancelledBlock, rules: RulesAt) -> frozenset[str]:
    """Say which limits of their own a block counts towards: those of a kind that does not spare its province.

    Args:
        block: what the other registry has cancelled.
        rules: of the region for the compliance year; a limit names whom it spares in `surrender.sub_limit_spares`.

    Source: S20 (recalled); that a block of unknown province counts: design choice.
    """
    names = rules.below("surrender.sub_limit")
    return frozenset(one for one in names if block.province not in rules.words(f"surrender.sub_limit_spares.{one}"))


def by_label(blocks: Sequence[CancelledBlock], rules: RulesAt) -> Mapping[str, int]:
    """Add up blocks by the limits they count towards, tonnes."""
    found: dict[str, int] = {}
    for block in blocks:
        for label in labels(block, rules):
            found[label] = found.get(label, 0) + block.quantity_t
    return found


def _too_early(block: CancelledBlock, rules: RulesAt) -> Refused | None:
    path = "surrender.credit.generated_from_on"
    if rules.has(path) and block.reduced_from_on < rules.day(path):
        facts = {"reduced_on": block.reduced_from_on, "earliest_on": rules.day(path)}
        return Refused(ForeignCreditRefusal.REDUCED_TOO_EARLY, serials=block.serials, **facts)
    path = "surrender.credit.registered_from_on"
    if rules.has(path) and block.registered_on < rules.day(path):
        facts = {"registered_on": block.registered_on, "earliest_on": rules.day(path)}
        return Refused(ForeignCreditRefusal.REGISTERED_TOO_EARLY, serials=block.serials, **facts)
    return None


# The day of the rules is that of the use.
def _too_old(block: CancelledBlock, rules: RulesAt) -> Refused | None:
    before, last = "surrender.vintage.old_credit_filed_before_on", "surrender.credit_filed_before_last_use_on"
    if not (rules.has(before) and rules.has(last)):
        return None
    if block.registered_on < rules.day(before) and rules.on > rules.day(last):
        facts = {"before_on": rules.day(before), "last_on": rules.day(last)}
        return Refused(ForeignCreditRefusal.LAST_USE_OVER, serials=block.serials, **facts)
    return None


def _barred(block: CancelledBlock, covered: Collection[str], rules: RulesAt) -> Refused | None:
    path = "surrender.credit.gases"
    if rules.has(path) and block.gas not in rules.words(path):
        facts = {"gas": block.gas, "gases": ", ".join(rules.words(path)), "year": rules.year}
        return Refused(ForeignCreditRefusal.GAS_NOT_COUNTED, serials=block.serials, **facts)
    path = "surrender.credit.excluded_types"
    if rules.has(path) and block.project_kind in rules.words(path):
        return Refused(ForeignCreditRefusal.KIND_EXCLUDED, serials=block.serials, kind=block.project_kind)
    path = "surrender.credit.own_boundary_barred"
    is_barred = rules.has(path) and rules.flag(path)
    if is_barred and block.boundary and (block.boundary in covered or block.boundary == block.entity):
        return Refused(ForeignCreditRefusal.INSIDE_BOUNDARY, serials=block.serials, boundary=block.boundary)
    return None
