"""Agreement transfers: proposals, and what became of them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One table more, and the count of its rows by instrument."""

    dependencies = [
        ("market", "0005_phases"),
    ]

    operations = [
        migrations.AddField(
            model_name="instrument",
            name="deal_seq",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="Deal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, unique=True)),
                ("seq", models.BigIntegerField()),
                ("side", models.CharField(max_length=4)),
                ("organisation", models.CharField(max_length=18)),
                ("person", models.CharField(max_length=40)),
                ("unit_account", models.CharField(max_length=40)),
                ("cash_account", models.CharField(max_length=40)),
                ("hold", models.CharField(max_length=40)),
                ("counterparty", models.CharField(blank=True, max_length=18)),
                ("asset", models.CharField(blank=True, max_length=40)),
                ("price_fen_per_t", models.BigIntegerField()),
                ("quantity_t", models.BigIntegerField()),
                ("least_t", models.BigIntegerField()),
                ("low_fen_per_t", models.BigIntegerField(null=True)),
                ("high_fen_per_t", models.BigIntegerField(null=True)),
                ("state", models.CharField(default="PROPOSED", max_length=9)),
                ("trading_on", models.DateField()),
                ("at", models.DateTimeField()),
                ("taker", models.CharField(blank=True, max_length=18)),
                ("taker_person", models.CharField(blank=True, max_length=40)),
                ("taker_unit_account", models.CharField(blank=True, max_length=40)),
                ("taker_cash_account", models.CharField(blank=True, max_length=40)),
                ("buyer_fee_fen", models.BigIntegerField(default=0)),
                ("seller_fee_fen", models.BigIntegerField(default=0)),
                ("transfer", models.CharField(blank=True, max_length=40)),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "answers",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="market.deal"
                    ),
                ),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="market.instrument"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["instrument", "trading_on", "state"], name="market_deal_day"),
                    models.Index(fields=["organisation", "-at"], name="market_deal_of_organisation"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("instrument", "seq"), name="market_deal_seq"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("least_t__gt", 0), ("price_fen_per_t__gt", 0), ("quantity_t__gte", models.F("least_t"))
                        ),
                        name="market_deal_size",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("high_fen_per_t", None), ("low_fen_per_t", None)),
                            models.Q(
                                ("price_fen_per_t__gte", models.F("low_fen_per_t")),
                                ("price_fen_per_t__lte", models.F("high_fen_per_t")),
                            ),
                            _connector="OR",
                        ),
                        name="market_deal_price",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "SETTLED"), _negated=True),
                            models.Q(
                                ("settled_at__isnull", False),
                                models.Q(("transfer", ""), _negated=True),
                                models.Q(("taker", ""), _negated=True),
                                models.Q(("asset", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="market_deal_settled",
                    ),
                ],
            },
        ),
    ]
