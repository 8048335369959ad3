"""The API of the market, one module per idea."""

from ninja import Router

from tonnebook.market.api import auctions, commands, days, deals, indications, listed, listed_agreement, one_way, quotes

router = Router(tags=["market"])
router.add_router("", commands.router)
router.add_router("", listed.router)
router.add_router("", auctions.router)
router.add_router("", quotes.router)
router.add_router("", deals.router)
router.add_router("", indications.router)
router.add_router("", listed_agreement.router)
router.add_router("", one_way.router)
router.add_router("", days.router)
