"""Hours of stacks over columns: judged, filled and computed as `core.cems.hours` does it for one stack.

A gap lies between two good hours that follow each other, so all its hours share the number of good hours before them:
that number, and not a search for islands, is what hours, gaps and the values around them are joined by. What is looked
back at is joined by bucket: the last n good hours lie in the gap's own bucket of n or in the one before.
"""

import functools
from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from tonnebook.core import cems
from tonnebook.core.cems import Band, Check, Fill, Quality, Rules
from tonnebook.lake.arithmetic import floor_div, half_up_div

_CO2_CHECKS = (
    (Check.DRIFT, Quality.DRIFT),
    (Check.LINEARITY, Quality.LINEARITY),
    (Check.CO2_ACCURACY, Quality.ACCURACY),
)
_CHANNELS = ("operating_min", "co2_ppm", "flow_m3_per_h", "temperature_ck", "pressure_pa", "moisture_bp")
_FLOW_CHECKS = ((Check.FLOW_ACCURACY, Quality.ACCURACY),)


def judged(readings: ir.Table, tests: ir.Table, stacks: ir.Table, rules: Rules, *, first: int, end: int) -> ir.Table:
    """Judge every hour of every stack, those without a reading too.

    What is rare (hours nobody sent, runs of equal readings, hours without a test that counts) is found apart and
    joined: a window over all rows costs more than all of it.

    Args:
        readings: stack, hour, operating_min, co2_ppm, flow_m3_per_h, temperature_ck, pressure_pa, moisture_bp; integers
            as in `core.cems.Reading`, one row for each stack and hour at most.
        tests: stack, hour, kind (a `Check`), passed (0 or 1), those before the first hour too.
        stacks: stack, co2_ppm_max, flow_m3_per_h_max, dry_flow_dm3_per_h_max.
        rules: how hours are judged.
        first: first hour, hours since 1970 UTC.
        end: the hour after the last.

    Returns:
        One row for each stack and hour of [first, end): stack, hour, operating_min and for each monitor (co2, flow) its
        quality, its value (0 unless good) and most, its maximum potential value. To be held (`lake.held`), since
        `hours` reads it many times.

    Source: as `core.cems.hours`.
    """
    readings, tests, stacks = (table.cast(dict.fromkeys(table.columns, "int64")) for table in (readings, tests, stacks))
    rows = _every_hour(readings, stacks, first=first, end=end)
    rows = rows.mutate(co2_base=_co2_quality(rows), flow_base=_flow_quality(rows, rules))
    good = {name: rows[f"{name}_base"] == Quality.GOOD.value for name in ("co2", "flow")}
    rows = rows.mutate(
        co2_raw=ibis.ifelse(good["co2"], rows.co2_ppm, ibis.null("int64")),
        flow_raw=ibis.ifelse(good["flow"], rows.flow_m3_per_h, ibis.null("int64")),
    )
    marked = _joined(rows, _marks(rows, tests, stacks, rules, first=first, end=end), ["stack", "hour"])
    quality = {
        f"{name}_quality": ibis.ifelse(
            marked[f"{name}_base"] == Quality.GOOD.value,
            marked[f"{name}_mark"].fill_null(Quality.GOOD.value),
            marked[f"{name}_base"],
        ).cast("int64")
        for name in ("co2", "flow")
    }
    return marked.select(
        "stack",
        "hour",
        "operating_min",
        **quality,
        co2_value=marked.co2_raw.fill_null(0),
        flow_value=ibis.ifelse(marked.flow_raw.notnull(), _dry_flow(marked, rules), 0),
        co2_most=marked.co2_ppm_max,
        flow_most=marked.dry_flow_dm3_per_h_max,
    )


def hours(rows: ir.Table, rules: Rules, *, first: int) -> ir.Table:
    """Fill every hour that is not good, and compute the mass of each.

    Args:
        rows: what `judged` gave.
        rules: how hours are filled.
        first: first hour, hours since 1970 UTC.

    Returns:
        For each row: stack, hour, operating_min, co2_ppm, co2_quality, co2_fill, flow_dm3_per_h, flow_quality,
        flow_fill, mass_mg.

    Source: as `core.cems.hours`.
    """
    found = rows
    for name in ("co2", "flow"):
        filled = _filled(rows, name, rules, first).rename({f"{name}_stand_in": "stand_in", f"{name}_found": "fill"})
        found = _joined(found, filled, ["stack", "hour"])
    found = found.mutate(**_chosen(found, "co2"), **_chosen(found, "flow"))
    co2_dm3_per_h = half_up_div(found.flow_used * found.co2_used, cems.PPM)
    return found.select(
        "stack",
        "hour",
        "operating_min",
        "co2_quality",
        "co2_fill",
        "flow_quality",
        "flow_fill",
        co2_ppm=found.co2_used,
        flow_dm3_per_h=found.flow_used,
        mass_mg=half_up_div(co2_dm3_per_h * rules.density_g_per_m3 * found.operating_min, cems.MINUTES),
    )


def annual(rows: ir.Table) -> ir.Table:
    """Add up the hours of each stack.

    Args:
        rows: what `hours` gives.

    Returns:
        stack, mass_mg, operating_min, hours, and how many hours of each monitor were filled (co2_filled, flow_filled).

    Source: S66 Annex VIII Eq. 1.
    """
    return rows.group_by("stack").aggregate(
        mass_mg=rows.mass_mg.sum().cast("int64"),
        operating_min=rows.operating_min.sum().cast("int64"),
        hours=rows.count(),
        co2_filled=(rows.co2_fill > Fill.NOT_OPERATING.value).sum().cast("int64"),
        flow_filled=(rows.flow_fill > Fill.NOT_OPERATING.value).sum().cast("int64"),
    )


# What was sent, and a row without values for each hour between two readings, before the first and after the last.
def _every_hour(readings: ir.Table, stacks: ir.Table, *, first: int, end: int) -> ir.Table:
    sent = readings.filter(readings.hour.between(first, end - 1))
    sent = sent.select("stack", "hour", *_CHANNELS)
    known = sent.select("stack", "hour").union(stacks.select("stack", hour=ibis.literal(first - 1, "int64")))
    after = known.hour.lead().over(ibis.window(group_by="stack", order_by="hour")).fill_null(end)
    before_gap = known.mutate(after=after)
    before_gap = before_gap.filter(before_gap.after > before_gap.hour + 1)
    unsent = before_gap.select("stack", hour=ibis.range(before_gap.hour + 1, before_gap.after).unnest().cast("int64"))
    unsent = unsent.mutate(**{name: ibis.null("int64") for name in _CHANNELS})
    rows = sent.union(unsent).join(stacks, "stack")
    minutes = ibis.ifelse(rows.operating_min.between(0, cems.MINUTES), rows.operating_min, cems.MINUTES)
    return rows.mutate(operating_min=minutes.fill_null(cems.MINUTES).cast("int64"))


# For each hour that is not to be believed although its values look well: the code of each monitor.
def _marks(rows: ir.Table, tests: ir.Table, stacks: ir.Table, rules: Rules, *, first: int, end: int) -> ir.Table:
    nothing = ibis.null("int64")
    parts = [
        _stuck(rows, "co2", rules).mutate(co2=ibis.literal(Quality.STUCK.value, "int64"), flow=nothing),
        _stuck(rows, "flow", rules).mutate(co2=nothing, flow=ibis.literal(Quality.STUCK.value, "int64")),
    ]
    for check, code in _CO2_CHECKS:
        hours_of = _untested(tests, stacks, check, rules, first=first, end=end)
        parts.append(hours_of.mutate(co2=ibis.literal(code.value, "int64"), flow=nothing))
    for check, code in _FLOW_CHECKS:
        hours_of = _untested(tests, stacks, check, rules, first=first, end=end)
        parts.append(hours_of.mutate(co2=nothing, flow=ibis.literal(code.value, "int64")))
    marks = ibis.union(*parts)
    return marks.group_by("stack", "hour").aggregate(co2_mark=marks.co2.min(), flow_mark=marks.flow.min())


# The hours of runs of equal readings: where a reading equals the one `stuck_h - 1` hours before, those between are
# looked at.
def _stuck(rows: ir.Table, name: str, rules: Rules) -> ir.Table:
    raw = rows.select("stack", "hour", raw=rows[f"{name}_raw"])
    ordered = ibis.window(group_by="stack", order_by="hour")
    ends = raw.mutate(same=raw.raw == raw.raw.lag(rules.stuck_h - 1).over(ordered))
    ends = ends.filter(ends.same)
    spread = ends.select(
        "stack", last=ends.hour, value=ends.raw, hour=ibis.range(ends.hour - rules.stuck_h + 1, ends.hour + 1).unnest()
    ).mutate(hour=lambda table: table.hour.cast("int64"))
    looked_at = _joined(spread, raw.rename(own="raw"), ["stack", "hour"])
    runs = looked_at.group_by("stack", "last").aggregate(
        equal_h=(looked_at.own == looked_at.value).fill_null(False).sum()
    )
    runs = runs.filter(runs.equal_h == rules.stuck_h)
    found = runs.select("stack", hour=ibis.range(runs["last"] - rules.stuck_h + 1, runs["last"] + 1).unnest())
    return found.mutate(hour=found.hour.cast("int64")).distinct()


# The hours for which no test of a kind counts: before the first, after a failed one until the next, and after a passed
# one has run out. Of two in the same hour the failed one counts.
def _untested(tests: ir.Table, stacks: ir.Table, check: Check, rules: Rules, *, first: int, end: int) -> ir.Table:
    own = tests.filter((tests.kind == check.value) & (tests.hour < end))
    own = own.select("stack", "hour", "passed")
    # Since ever until the first test: as if one had failed long ago.
    ever = stacks.select("stack", hour=ibis.literal(-1, "int64"), passed=ibis.literal(0, "int64"))
    own = own.union(ever)
    own = own.group_by("stack", "hour").aggregate(passed=own.passed.min())
    following = own.hour.lead().over(ibis.window(group_by="stack", order_by="hour")).fill_null(end)
    own = own.mutate(following=following)
    begins = own.hour + own.passed * rules.valid_h[check]
    own = own.mutate(begins=ibis.greatest(begins, first))
    own = own.filter(own.begins < own.following)
    found = own.select("stack", hour=ibis.range(own.begins, own.following).unnest())
    return found.mutate(hour=found.hour.cast("int64"))


def _co2_quality(rows: ir.Table) -> ir.IntegerValue:
    return ibis.cases(
        (rows.operating_min == 0, Quality.NOT_OPERATING.value),
        (rows.co2_ppm.isnull(), Quality.MISSING.value),
        (~rows.co2_ppm.between(0, rows.co2_ppm_max), Quality.OUT_OF_RANGE.value),
        else_=Quality.GOOD.value,
    )


def _flow_quality(rows: ir.Table, rules: Rules) -> ir.IntegerValue:
    channels = (rows.flow_m3_per_h, rows.temperature_ck, rows.pressure_pa, rows.moisture_bp)
    believed = (
        rows.flow_m3_per_h.between(0, rows.flow_m3_per_h_max)
        & rows.temperature_ck.between(cems.TEMPERATURE_CK[0], cems.TEMPERATURE_CK[-1])
        & rows.pressure_pa.between(cems.PRESSURE_PA[0], cems.PRESSURE_PA[-1])
        & rows.moisture_bp.between(0, rules.moisture_bp_max)
    )
    return ibis.cases(
        (rows.operating_min == 0, Quality.NOT_OPERATING.value),
        (functools.reduce(lambda a, b: a | b, [channel.isnull() for channel in channels]), Quality.MISSING.value),
        (~believed, Quality.OUT_OF_RANGE.value),
        else_=Quality.GOOD.value,
    )


def _dry_flow(rows: ir.Table, rules: Rules) -> ir.IntegerValue:
    cooled = half_up_div(rows.flow_m3_per_h * 1000 * rules.temperature_ck, rows.temperature_ck)
    pressed = half_up_div(cooled * rows.pressure_pa, rules.pressure_pa)
    return half_up_div(pressed * (cems.PARTS - rows.moisture_bp), cems.PARTS)


# For every hour that must be filled: what stands in for it.
def _filled(judged: ir.Table, name: str, rules: Rules, first: int) -> ir.Table:
    quality = judged[f"{name}_quality"]
    rows = judged.select("stack", "hour", quality=quality, value=judged[f"{name}_value"], most=judged[f"{name}_most"])
    good = rows.filter(rows.quality == Quality.GOOD.value)
    place = ibis.row_number().over(ibis.window(group_by="stack", order_by="hour"))
    good = good.select("stack", "value", rank=(place + 1).cast("int64"))
    bad = _bad(rows, first)
    gaps = bad.group_by("stack", "rank").aggregate(gap_h=bad.count(), ran=bad.ran.max(), most=bad.most.max())
    gaps = _around(gaps, good)
    gaps = gaps.mutate(
        available_ppm=floor_div(gaps["rank"] * cems.PPM, gaps.ran),
        mean=ibis.cases(
            (gaps.before.isnull(), gaps.after),
            (gaps.after.isnull(), gaps.before),
            else_=half_up_div(gaps.before + gaps.after, 2),
        ),
    )
    gaps = gaps.mutate(band=_band(gaps, rules))
    parts = [_by_mean(gaps)]
    for number, band in enumerate(rules.bands):
        if band.percentile:
            parts.append(_by_look_back(gaps.filter(gaps.band == number), good, band))
    found = ibis.union(*parts) if len(parts) > 1 else parts[0]
    return _joined(bad, found, ["stack", "rank"]).select("stack", "hour", "stand_in", "fill")


# The hours to fill, with the operating hours up to each and how many of those were good: counted by what is not good,
# which is rare.
def _bad(rows: ir.Table, first: int) -> ir.Table:
    rest = rows.filter(rows.quality > Quality.GOOD.value)
    is_off = rest.quality == Quality.NOT_OPERATING.value
    so_far = ibis.window(group_by="stack", order_by="hour", preceding=None, following=0)
    off_h = ibis.ifelse(is_off, 1, 0).sum().over(so_far)
    not_good_h = ibis.ifelse(is_off, 1, 1).sum().over(so_far)
    passed_h = rest.hour - first + 1
    rest = rest.mutate(ran=(passed_h - off_h).cast("int64"), rank=(passed_h - not_good_h).cast("int64"))
    return rest.filter(rest.quality > Quality.NOT_OPERATING.value)


def _around(gaps: ir.Table, good: ir.Table) -> ir.Table:
    gaps = _joined(gaps, good.select("stack", "rank", before=good.value), ["stack", "rank"])
    return _joined(gaps, good.select("stack", rank=good["rank"] - 1, after=good.value), ["stack", "rank"])


_MEAN, _POTENTIAL = -1, -2


# Which band a gap falls under, by its place among the bands; -1 for the mean around it, -2 for the potential value.
def _band(gaps: ir.Table, rules: Rules) -> ir.IntegerValue:
    branches = [(gaps["rank"] < rules.initial_h, ibis.literal(_MEAN))]
    for place, band in enumerate(rules.bands):
        fits = (gaps.available_ppm >= band.from_ppm) & (gaps.gap_h <= band.gap_h_max)
        branches.append((fits, ibis.literal(place if band.percentile else _MEAN)))
    chosen = ibis.cases(*branches, else_=_POTENTIAL)
    # Nothing to look back at, nothing around.
    return ibis.cases(
        ((chosen >= 0) & (gaps["rank"] == 0), _POTENTIAL),
        ((chosen == _MEAN) & gaps["mean"].isnull(), _POTENTIAL),
        else_=chosen,
    )


def _by_mean(gaps: ir.Table) -> ir.Table:
    gaps = gaps.filter(gaps.band < 0)
    is_mean = gaps.band == _MEAN
    return gaps.select(
        "stack",
        "rank",
        stand_in=ibis.ifelse(is_mean, gaps["mean"], gaps.most).cast("int64"),
        fill=ibis.ifelse(is_mean, Fill.MEAN.value, Fill.POTENTIAL.value).cast("int64"),
    )


def _by_look_back(gaps: ir.Table, good: ir.Table, band: Band) -> ir.Table:
    found = _looked_at(gaps, good, band.look_back_h)
    if band.percentile == 100:
        value = found.value.max()
    else:
        ordered = ibis.window(group_by=["stack", "rank"], order_by=["value", "seen"])
        count = ibis.least(found["rank"], band.look_back_h)
        found = found.mutate(place=ibis.row_number().over(ordered) + 1, count=count)
        value = found.value.min(where=found.place * 100 >= found["count"] * band.percentile)
    best = found.group_by("stack", "rank").aggregate(value=value, mean=found["mean"].max())
    is_mean = (best["mean"] > best.value).fill_null(False) & band.is_at_least_mean
    return best.select(
        "stack",
        "rank",
        stand_in=ibis.ifelse(is_mean, best["mean"], best.value).cast("int64"),
        fill=ibis.ifelse(is_mean, Fill.MEAN.value, Fill.LOOK_BACK.value).cast("int64"),
    )


# Ranks begin at 1; the last n before a gap of rank r are (r - n, r], in the bucket of r or the one before.
def _looked_at(gaps: ir.Table, good: ir.Table, look_back_h: int) -> ir.Table:
    own = floor_div(gaps["rank"], look_back_h)
    both = ibis.union(gaps.mutate(bucket=own), gaps.mutate(bucket=own - 1))
    good = good.select("stack", "value", bucket=floor_div(good["rank"], look_back_h), seen=good["rank"])
    found = _joined(both, good, ["stack", "bucket"])
    return found.filter((found.seen > found["rank"] - look_back_h) & (found.seen <= found["rank"]))


def _chosen(rows: ir.Table, name: str) -> dict[str, ir.Value]:
    quality, fill = rows[f"{name}_quality"], rows[f"{name}_found"]
    is_filled = quality > Quality.NOT_OPERATING.value
    own = ibis.ifelse(quality == Quality.GOOD.value, Fill.MEASURED.value, Fill.NOT_OPERATING.value)
    return {
        f"{name}_used": ibis.ifelse(is_filled, rows[f"{name}_stand_in"], rows[f"{name}_value"]),
        f"{name}_fill": ibis.ifelse(is_filled, fill, own).cast("int64"),
    }


# The rows of the left with what the right has for them. By name, because both often come from the same table.
def _joined(left: ir.Table, right: ir.Table, keys: Sequence[str]) -> ir.Table:
    new = [name for name in right.columns if name not in keys]
    return left.left_join(right, keys, rname="{name}_of_right").select(*left.columns, *new)
