"""What several files of rows share: who else reads them, and the company that they are of."""

from django.db import models

from tonnebook.journal import tenancy

# The verification body that is assigned to an entity, for any of its years, reads what it has to compare.
VERIFIED = (
    "entity_id IN (SELECT assigned.entity_id FROM emissions_verifierassignment AS assigned"
    " WHERE assigned.verifier_id = {organisation} AND assigned.ended_at IS NULL)"
)

# Whoever writes for an entity by a mandate that holds reads its facilities, and what is of the years of the mandate.
_HELD = f"held.writer_id = {{organisation}} AND held.withdrawn_at IS NULL AND held.until_on >= {tenancy.TODAY}"
WRITTEN_FOR = f"entity_id IN (SELECT held.entity_id FROM emissions_mandate AS held WHERE {_HELD})"  # noqa: S608  our own words only
WRITTEN = f"""(entity_id, year) IN (SELECT held.entity_id, covered FROM emissions_mandate AS held,
 generate_series(held.first_year, held.last_year) AS covered WHERE {_HELD})"""  # noqa: S608  our own words only


def entity_key() -> models.ForeignKey[models.Model, models.Model]:
    """Give a key to an organisation; the column holds the credit code itself, so that reading it needs no join."""
    return models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
