"""The API of the registry, one module per idea."""

from ninja import Router

from tonnebook.registry.api import accounts, applications

router = Router(tags=["registry"])
router.add_router("", accounts.router)
router.add_router("", applications.router)
