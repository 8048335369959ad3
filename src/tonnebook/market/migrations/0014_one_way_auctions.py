"""Lots in one-way auctions, and the bids for them among the proposals."""

import django.db.models.deletion
from django.db import migrations, models

_STATES = ("OFFERED", "ANNOUNCED", "CLEARED", "DECLINED", "WITHDRAWN", "VOID")


class Migration(migrations.Migration):
    """No proposal of before is a bid."""

    dependencies = [("market", "0013_indications")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE market_sale_number", "DROP SEQUENCE market_sale_number"),
        migrations.CreateModel(
            "Sale",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, unique=True)),
                ("organisation", models.CharField(max_length=18)),
                ("person", models.CharField(max_length=40)),
                ("unit_account", models.CharField(max_length=40)),
                ("cash_account", models.CharField(max_length=40)),
                ("hold", models.CharField(max_length=40)),
                ("asset", models.CharField(max_length=40)),
                ("quantity_t", models.BigIntegerField()),
                ("floor_drop", models.DecimalField(decimal_places=4, max_digits=6)),
                (
                    "pricing",
                    models.CharField(
                        choices=[(one, one) for one in ("UNIFORM_LOWEST_ACCEPTED", "PAY_AS_BID")], max_length=23
                    ),
                ),
                (
                    "state",
                    models.CharField(choices=[(one, one) for one in _STATES], default="OFFERED", max_length=9),
                ),
                ("offered_at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("opens_at", models.DateTimeField(null=True)),
                ("closes_at", models.DateTimeField(null=True)),
                ("low_fen_per_t", models.BigIntegerField(null=True)),
                ("high_fen_per_t", models.BigIntegerField(null=True)),
                ("bids", models.IntegerField(default=0)),
                ("sold_t", models.BigIntegerField(null=True)),
                ("transfer", models.CharField(blank=True, max_length=40)),
                ("cleared_at", models.DateTimeField(null=True)),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="market.instrument"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["instrument", "state"], name="market_sale_state")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity_t__gt", 0),
                            models.Q(
                                ("sold_t", None),
                                models.Q(("sold_t__gte", 0), ("sold_t__lte", models.F("quantity_t"))),
                                _connector="OR",
                            ),
                        ),
                        name="market_sale_within",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closes_at", None), ("opens_at", None)),
                            ("opens_at__lt", models.F("closes_at")),
                            _connector="OR",
                        ),
                        name="market_sale_window",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "CLEARED"), _negated=True),
                            models.Q(("cleared_at__isnull", False), ("sold_t__isnull", False)),
                            _connector="OR",
                        ),
                        name="market_sale_cleared",
                    ),
                ],
            },
        ),
        migrations.AddField(
            "deal",
            "sale",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="market.sale"
            ),
        ),
        migrations.AddField("deal", "bid_price_fen_per_t", models.BigIntegerField(null=True)),
        migrations.AddField("deal", "bid_t", models.BigIntegerField(null=True)),
    ]
