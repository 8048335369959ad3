"""The addresses of members."""

from django.urls import path

from tonnebook.members.views import erasures, keepers, news, own, people, webhooks

app_name = "members"

urlpatterns = [
    path("documents/<str:number>", own.document, name="document"),
    path("api-keys", own.api_keys, name="api_keys"),
    path("api-keys/<str:number>/revoke", own.revoke_api_key, name="revoke_api_key"),
    path("webhooks", webhooks.webhooks, name="webhooks"),
    path("webhooks/<str:number>/secret", webhooks.webhook_secret, name="webhook_secret"),
    path("webhooks/<str:number>/try", webhooks.try_webhook, name="try_webhook"),
    path("webhooks/<str:number>/remove", webhooks.remove_webhook, name="remove_webhook"),
    path("webhooks/messages/<str:number>/again", webhooks.send_message_again, name="send_message_again"),
    path("news", news.news, name="news"),
    path("news/kept", news.kept_news, name="kept_news"),
    path("news/<str:number>/insiders", news.name_insider, name="name_insider"),
    path("news/<str:number>/withdraw", news.withdraw_news, name="withdraw_news"),
    path("people", people.people, name="people"),
    path("people/<str:number>/code", people.draw_code, name="draw_code"),
    path("people/<str:number>/end", people.end_person, name="end_person"),
    path("people/<str:number>/readmit", people.readmit_person, name="readmit_person"),
    path("organisations", people.organisations, name="organisations"),
    path("seal-keys", keepers.seal_keys, name="seal_keys"),
    path("seal-keys/withdraw", keepers.withdraw_seal_key, name="withdraw_seal_key"),
    path("identities", keepers.identity_links, name="identity_links"),
    path("identities/unlink", keepers.unlink_identity, name="unlink_identity"),
    path("barred", keepers.barred, name="barred"),
    path("barred/lift", keepers.lift_bar, name="lift_bar"),
    path("erasure", erasures.erasure, name="erasure"),
    path("controllers", keepers.controlled, name="controlled"),
    path("controllers/end", keepers.end_controller, name="end_controller"),
]
