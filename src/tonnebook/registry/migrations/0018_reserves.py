"""Reserves: one hold for all orders of an account in an asset, which grows, shrinks and gives way in part."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0017_papers_about_trading"),
    ]

    operations = [
        migrations.AddField("hold", "is_reserve", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("hold", "given_way", models.BigIntegerField(db_default=0, default=0)),
        migrations.RemoveConstraint("hold", "registry_hold_within"),
        migrations.AddConstraint(
            "hold",
            models.CheckConstraint(
                condition=Q(quantity__gt=0, remaining__gte=0, waiting__gte=0, given_way__gte=0)
                & (Q(is_reserve=True) | Q(quantity__gte=F("remaining") + F("waiting"))),
                name="registry_hold_within",
            ),
        ),
        migrations.AddConstraint(
            "hold",
            models.CheckConstraint(
                condition=Q(given_way=0) | Q(is_reserve=True, state="ACTIVE"), name="registry_hold_gives_way"
            ),
        ),
        migrations.AddConstraint(
            "hold",
            models.UniqueConstraint(
                fields=["account", "asset"],
                condition=Q(is_reserve=True, state="ACTIVE"),
                name="registry_hold_one_reserve",
            ),
        ),
        migrations.AddIndex(
            "hold",
            models.Index(fields=["number"], condition=Q(given_way__gt=0), name="registry_hold_given_way"),
        ),
    ]
