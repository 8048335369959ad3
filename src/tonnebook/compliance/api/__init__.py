"""The API of compliance, one module per idea."""

from ninja import Router

from tonnebook.compliance.api import annual, consultations, facts, grounds, interventions, reserve, risks, surrenders

router = Router(tags=["compliance"])
router.add_router("", annual.router)
router.add_router("", consultations.router)
router.add_router("", facts.router)
router.add_router("", grounds.router)
router.add_router("", risks.router)
router.add_router("", reserve.router)
router.add_router("", interventions.router)
router.add_router("", surrenders.router)
