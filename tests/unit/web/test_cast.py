"""The people whom the role bar of a demo offers."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.unit.web.town import PEOPLE, REGION, Town

from tonnebook.core.roles import OrganisationKind
from tonnebook.web import cast


def test_one_organisation_of_each_kind_is_offered_in_few_queries(town: Town) -> None:
    with CaptureQueriesContext(connection) as captured:
        found = cast.cast_of(REGION)
    assert len(captured) <= 4
    assert {one.username for one in found} == set(PEOPLE)
    kinds = [one.kind for one in found]
    assert kinds == sorted(kinds, key=[kind.value for kind in cast._KINDS].index)
    assert {one.organisation_en for one in found if one.kind == OrganisationKind.REPORT_WRITER} == {"Fine Pen"}
    assert town.stage
