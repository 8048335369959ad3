"""Which sectors the departments of a city look after."""

from tonnebook.members.models import Remit


def remits(*departments: str) -> dict[str, tuple[str, ...]]:
    """Give the sectors that departments look after, by their code; one without a remit is left out."""
    rows = Remit.objects.filter(department__uscc__in=departments)
    return {code: tuple(sectors) for code, sectors in rows.values_list("department__uscc", "sectors")}
