"""Filters and tags that write numbers, days, badges, words of the region and explanations."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

import segno
from django import template
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from tonnebook import rulebook
from tonnebook.core import trace
from tonnebook.core.errors import Refused
from tonnebook.core.trace import Traced
from tonnebook.faces import explanation, formats, labels, problem
from tonnebook.faces.formats import Figure
from tonnebook.rulebook import wording

register = template.Library()

EMPTY = "—"


@register.filter
def tonnes(quantity_t: int | str | None) -> SafeString | str:
    """Write tonnes; nothing is written as a dash."""
    return EMPTY if quantity_t is None or quantity_t == "" else _span(formats.tonnes(int(quantity_t), language()))


@register.filter
def grouped(number: int | str | None) -> str:
    """Write a whole number in full, grouped, without its unit: for columns whose heading names the unit."""
    return EMPTY if number is None or number == "" else formats.grouped(int(number))


@register.filter
def yuan(amount_fen: int | str | None) -> SafeString | str:
    """Write an amount in fen as yuan."""
    return EMPTY if amount_fen is None or amount_fen == "" else _span(formats.yuan(int(amount_fen), language()))


@register.filter
def yuan_per_t(price_fen_per_t: int | str | None) -> SafeString | str:
    """Write a price in fen per tonne."""
    if price_fen_per_t is None or price_fen_per_t == "":
        return EMPTY
    return _span(formats.yuan_per_t(int(price_fen_per_t), language()))


@register.filter
def yuan_digits(amount_fen: int) -> str:
    """Write fen as yuan in plain digits: for columns whose heading names the unit, and for fields."""
    return f"{Decimal(amount_fen).scaleb(-2):.2f}"


@register.filter
def share(part: Decimal | str | None) -> SafeString | str:
    """Write a share as per cent."""
    return EMPTY if part is None else _span(formats.share(part))


@register.filter
def day(on: date | str | None) -> SafeString | str:
    """Write a day."""
    if not on:
        return EMPTY
    text = on if isinstance(on, str) else on.isoformat()
    return format_html('<time class="n" datetime="{}">{}</time>', text, text)


@register.filter
def moment(at: datetime | str | None) -> SafeString | str:
    """Write an instant by the clock of Shanghai."""
    if not at:
        return EMPTY
    figure = formats.moment(datetime.fromisoformat(at) if isinstance(at, str) else at)
    return format_html('<time class="n" datetime="{}">{}</time>', figure.exact, figure.text)


@register.filter
def badge(status: str | None) -> SafeString | str:
    """Say how sure we are of a parameter: nothing for what is enacted, else a badge."""
    text = _badges().get(str(status or "").lower())
    return format_html('<span class="badge badge-{}">{}</span>', str(status).lower(), text) if text else ""


@register.filter
def ruled(value: str | int | None, unit: str) -> SafeString | str:
    """Write a value of the rule book with its unit; codes are said in words, days stand for themselves."""
    if value is None or value == "":
        return EMPTY
    try:
        return _span(formats.measure(Decimal(value), unit, language()))
    except InvalidOperation:
        return gettext(", ").join(labels.label(part, "rule_value") for part in str(value).split(" | "))


@register.filter
def in_words(text: str) -> str:
    """Say a note or an article of the rule book in the current language."""
    return wording.in_chinese(text) if formats.is_chinese(language()) else text


@register.filter
def decimals(number: Decimal | str | None) -> SafeString | str:
    """Write a reported number grouped and with at most six decimals; the exact one stays in the title."""
    return EMPTY if number is None or number == "" else _span(formats.measure(Decimal(number), "", language()))


@register.filter
def unit(code: str) -> str:
    """Write a unit as people do."""
    return formats.unit_words(code, language())


@register.filter
def words(labelled: Any) -> str:
    """Choose the Chinese or English words of anything that carries `zh` and `en`."""
    if isinstance(labelled, Mapping):
        return str(labelled["zh"] if formats.is_chinese(language()) else labelled["en"])
    return str(labelled.zh if formats.is_chinese(language()) else labelled.en)


@register.filter
def name(named: Any) -> str:
    """Choose the Chinese or English name of anything that carries `name_zh` and `name_en`."""
    zh, en = str(named.name_zh), str(named.name_en)
    return (zh or en) if formats.is_chinese(language()) else (en or zh)


@register.filter
def told(row: Any, what: str) -> str:
    """Choose the Chinese or English text of a pair of fields such as `reason_zh` and `reason_en`."""
    return str(getattr(row, f"{what}_zh" if formats.is_chinese(language()) else f"{what}_en"))


@register.filter
def label(code: Enum | str | None, kind: str = "") -> str:
    """Say a code of the core in words; a plain text needs the name of its enum."""
    return EMPTY if code is None or code == "" else labels.label(code, kind)


@register.filter
def refusal(error: Refused) -> str:
    """Say why something was refused."""
    return problem.refused(error).message


@register.filter
def listed(value: Any) -> str:
    """Write a value of a log entry; the parts of a list stand beside each other."""
    return ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)


@register.filter
def field(row: Mapping[str, Any], key: str) -> Any:
    """Look up a field of a mapping whose name is itself a variable; nothing when it is missing."""
    return row.get(key)


@register.simple_tag(takes_context=True)
def word(context: template.Context, code: str) -> str:
    """Say a word of the current region, such as 纳管单位 or 重点排放单位."""
    return word_of(code, region_of(context))


@register.simple_tag(takes_context=True)
def rule_word(context: template.Context, code: str) -> str:
    """Say a code that the rule book may know (a fuel, a product); an unknown one is shown as it is."""
    try:
        return word_of(code, region_of(context))
    except Refused:
        return code


@register.simple_tag(takes_context=True)
def sector(context: template.Context, code: str) -> str:
    """Name a sector as the region says it."""
    return sector_word(code, region_of(context))


@register.simple_tag(takes_context=True)
def region_title(context: template.Context) -> str:
    """Name the region of the page."""
    return region_name(region_of(context))


@register.inclusion_tag("faces/_stamp.html", takes_context=True)
def stamp(context: template.Context) -> dict[str, bool]:
    """Stamp 模拟 on everything a demo database shows."""
    request = context.get("request")
    return {"is_demo": bool(getattr(request, "is_demo", False))}


@register.inclusion_tag("faces/_explain.html")
def explain(traced: Traced | Mapping[str, object] | None, label: str = "", figure: str = "") -> dict[str, object]:
    """Show a number with a dotted underline that opens its derivation.

    `label` names the number for those who do not see the page; `figure` replaces the written number.
    """
    if not traced:
        return {"branch": None, "figure": figure or EMPTY}
    number = explanation.traced_of(traced)
    shown = explanation.branch(number, language())
    unsure = gettext(", ").join(_badges()[status] for status in trace.statuses(number) if status in _badges())
    return {"branch": shown, "label": label or shown.name, "figure": figure, "unsure": unsure}


@register.simple_tag(takes_context=True)
def qr(context: template.Context, path: str, label: str) -> SafeString:
    """Draw the address of a page as a QR code, so that a phone finds what stands on paper."""
    address = context["request"].build_absolute_uri(path)
    # White paper under black dots, in the dark as well: a camera wants it so.
    code = segno.make(address, micro=False).svg_inline(scale=3, border=3, light="#fff", svgclass="qr", title=label)
    return mark_safe(code)  # noqa: S308 - drawn by segno from an address of ours; the label is escaped by it


@register.simple_tag
def form_key() -> SafeString:
    """Put a fresh idempotency key into a form: a double click then has one effect."""
    return format_html('<input type="hidden" name="key" value="{}">', uuid.uuid4())


def language() -> str:
    """Give the language of the current request."""
    return get_language() or "zh-hans"


def word_of(code: str, region: str) -> str:
    """Look up a word of a region in the current language."""
    return rulebook.word(region, code, "zh" if formats.is_chinese(language()) else "en")


def sector_word(code: str, region: str) -> str:
    """Name a sector of a region; a code without a word is shown as it is."""
    try:
        return word_of(f"sector.{code}", region)
    except Refused:
        return code


@register.simple_tag(name="region_name")
def region_name(region: str) -> str:
    """Name a region in the current language."""
    return rulebook.at(region, on=date.max).words("region.name")[0 if formats.is_chinese(language()) else 1]


def region_short_name(region: str) -> str:
    """Name a region in the current language in one or two words, for narrow screens."""
    return rulebook.at(region, on=date.max).words("region.short_name")[0 if formats.is_chinese(language()) else 1]


def region_of(context: template.Context) -> str:
    """Give the region of the page, or the national rules where a page has none."""
    request = context.get("request")
    return str(getattr(request, "region", "national")) if isinstance(request, HttpRequest) else "national"


def _span(figure: Figure) -> SafeString:
    if figure.exact:
        return format_html('<span class="n" title="{}">{}</span>', figure.exact, figure.text)
    return format_html('<span class="n">{}</span>', figure.text)


def _badges() -> dict[str, str]:
    return {
        "draft": gettext("draft"),
        "recalled": gettext("to be checked"),
        "conflict": gettext("sources differ"),
        "scenario": gettext("scenario"),
    }
