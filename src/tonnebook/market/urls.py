"""The addresses of the market."""

from django.urls import path

from tonnebook.market.views import auctions, days, deals, listed, listed_agreement, papers, quotes, supervision

app_name = "market"

urlpatterns = [
    path("", listed.market, name="market"),
    path("day", days.closing, name="closing"),
    path("breaks/<str:number>/explain", days.explain_break, name="explain_break"),
    path("breaks/<str:number>/resolve", days.resolve_break, name="resolve_break"),
    path("bulletin", quotes.bulletin, name="bulletin"),
    path("bulletin.csv", quotes.bulletin_csv, name="bulletin_csv"),
    path("colours", quotes.colours, name="colours"),
    path("auctions", auctions.auctions, name="auctions"),
    path("auctions/announce", auctions.announce, name="announce"),
    path("auctions/check", auctions.check_auction, name="check_auction"),
    path("auctions/<str:number>", auctions.auction, name="auction"),
    path("auctions/<str:number>/state", auctions.auction_state, name="auction_state"),
    path("auctions/<str:number>/file.json", auctions.auction_file, name="auction_file"),
    path("auctions/<str:number>/shares", auctions.hand_in_share, name="hand_in_share"),
    path("auctions/<str:number>/cancel", auctions.cancel_auction, name="cancel_auction"),
    path("auctions/<str:number>/bids", auctions.place_bid, name="place_bid"),
    path("bids/<str:number>/withdraw", auctions.withdraw_bid, name="withdraw_bid"),
    path("blocks", deals.blocks, name="blocks"),
    path("blocks/<str:code>/proposals", deals.propose_deal, name="propose_deal"),
    path("deals/<str:number>", deals.deal, name="deal"),
    path("deals/<str:number>/accept", deals.accept_deal, name="accept_deal"),
    path("deals/<str:number>/decline", deals.decline_deal, name="decline_deal"),
    path("deals/<str:number>/withdraw", deals.withdraw_deal, name="withdraw_deal"),
    path("fees", papers.fees, name="fees"),
    path("invoices", papers.invoices, name="invoices"),
    path("invoices/make", papers.issue_invoice, name="issue_invoice"),
    path("papers", papers.paper, name="paper"),
    path("slips", papers.slips, name="slips"),
    path("slips/make", papers.issue_slip, name="issue_slip"),
    path("orders/<str:number>/take", listed_agreement.take_order, name="take_order"),
    path("entry", supervision.entry, name="entry"),
    path("entry/stop", supervision.stop_own, name="stop_own"),
    path("supervision", supervision.supervision, name="supervision"),
    path("supervision/halt", supervision.halt, name="halt"),
    path("supervision/stop", supervision.stop_member, name="stop_member"),
    path("supervision/resume/<str:code>", supervision.propose_resume, name="propose_resume"),
    path("supervision/allow/<str:uscc>", supervision.propose_allow, name="propose_allow"),
    path("supervision/admissions/<str:number>", supervision.decide_admission, name="decide_admission"),
    path("orders/<str:number>/cancel", listed.cancel_order, name="cancel_order"),
    path("<str:code>/board", listed.board, name="board"),
    path("<str:code>/check", listed.check_order, name="check_order"),
    path("<str:code>/pick", listed_agreement.pick_list, name="pick_list"),
    path("<str:code>/orders", listed.place_order, name="place_order"),
]
