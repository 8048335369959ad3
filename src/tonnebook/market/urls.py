"""The addresses of the market."""

from django.urls import path

from tonnebook.market import views

app_name = "market"

urlpatterns = [
    path("", views.market, name="market"),
    path("auctions", views.auctions, name="auctions"),
    path("auctions/announce", views.announce, name="announce"),
    path("auctions/<str:number>", views.auction, name="auction"),
    path("auctions/<str:number>/state", views.auction_state, name="auction_state"),
    path("auctions/<str:number>/file.json", views.auction_file, name="auction_file"),
    path("auctions/<str:number>/shares", views.hand_in_share, name="hand_in_share"),
    path("auctions/<str:number>/bids", views.place_bid, name="place_bid"),
    path("bids/<str:number>/withdraw", views.withdraw_bid, name="withdraw_bid"),
    path("orders/<str:number>/cancel", views.cancel_order, name="cancel_order"),
    path("<str:code>/board", views.board, name="board"),
    path("<str:code>/orders", views.place_order, name="place_order"),
]
