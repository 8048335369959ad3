"""The sign-in names of the demo, as `./tonnebook logins` prints them."""

from collections.abc import Iterator

from django.utils import translation

from tonnebook.core.roles import Role
from tonnebook.demo import cast
from tonnebook.demo.population import CAST_COMPANIES, DISTRICTS
from tonnebook.faces import labels
from tonnebook.journal import queries as journal

_HEAD = "演示登录，密码均为 {password} / demo logins, the password is always {password}"
_ELSEWHERE = "{zh}同样，如 {example} / likewise in {en}: {example}, …"
_NONE = "这不是演示数据库，没有演示登录。 This is no demo database; it has no demo logins."


def lines() -> Iterator[str]:
    """Write one line per sign-in name: name, role and organisation in both languages."""
    if not journal.clock().is_demo:
        yield _NONE
        return
    yield _HEAD.format(password=cast.PASSWORD)
    city_zh, city_en = cast.CITIES[cast.HOME_REGION]
    district = DISTRICTS[cast.HOME_REGION][0]
    for body in cast.BODIES:
        zh, en = body.zh.format(city=city_zh, district=district), body.en.format(city=city_en)
        for name, _, _, roles in body.people:
            yield _line(name, roles[0], zh, en)
    for (region, _), (zh, en, _) in CAST_COMPANIES.items():
        if region == cast.HOME_REGION:
            yield _line(cast.COMPANY_NAMES[en], Role.REPRESENTATIVE, zh, en)
    for region, (zh, en) in cast.CITIES.items():
        if region != cast.HOME_REGION:
            yield _ELSEWHERE.format(zh=zh, en=en, example=cast.username(region, cast.BODIES[0].people[0][0]))


def _line(username: str, role: Role, zh: str, en: str) -> str:
    with translation.override("zh-hans"):
        role_zh = labels.label(role)
    with translation.override("en"):
        role_en = labels.label(role)
    return f"  {username:<20} {role_zh} {role_en} · {zh} {en}"
