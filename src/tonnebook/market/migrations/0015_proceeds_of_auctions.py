"""Auctions say who pays what and what becomes of the rest; what they bring in is noticed, receipted and accounted for."""

import django.db.models.deletion
from django.db import migrations, models

# What was cleared before: all paid one price, and every winner gets the notice of it. The log has the awards these sums
# are made of, so there is no leaf to write.
_FILL = """
ALTER TABLE market_auction DISABLE TRIGGER USER;
ALTER TABLE market_paymentnotice DISABLE TRIGGER USER;
UPDATE market_auction SET proceeds_fen = sold_t * coalesce(price_fen_per_t, 0) WHERE cleared_at IS NOT NULL;
INSERT INTO market_paymentnotice (number, region, auction_id, organisation, quantity_t, amount_fen, transfer, at)
SELECT auction.number || '-P' || row_number() OVER (PARTITION BY auction.id ORDER BY bid.organisation), auction.region,
       auction.id, bid.organisation, sum(bid.awarded_t), sum(bid.awarded_t) * auction.price_fen_per_t,
       min(bid.transfer), auction.cleared_at
FROM market_bid AS bid JOIN market_auction AS auction ON auction.id = bid.auction_id
WHERE bid.awarded_t > 0
GROUP BY auction.id, bid.organisation;
ALTER TABLE market_auction ENABLE TRIGGER USER;
ALTER TABLE market_paymentnotice ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    """All rules before were: one price for all, and nothing was kept for a later auction."""

    dependencies = [("market", "0014_one_way_auctions")]

    operations = [
        migrations.AddField("auction", "pricing", models.CharField(default="UNIFORM_LOWEST_ACCEPTED", max_length=23)),
        migrations.AddField("auction", "unsold_rule", models.CharField(default="RETURN", max_length=12)),
        migrations.AddField("auction", "carried_t", models.BigIntegerField(default=0)),
        migrations.AddField("auction", "proceeds_fen", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            "auction",
            models.CheckConstraint(
                condition=models.Q(carried_t__gte=0, carried_t__lte=models.F("quantity_t")),
                name="market_auction_carried",
            ),
        ),
        migrations.CreateModel(
            "PaymentNotice",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, unique=True)),
                ("region", models.CharField(max_length=20)),
                ("organisation", models.CharField(max_length=18)),
                ("quantity_t", models.BigIntegerField()),
                ("amount_fen", models.BigIntegerField()),
                ("transfer", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                (
                    "auction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="market.auction"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["auction", "organisation"], name="market_notice_one_each"),
                    models.CheckConstraint(
                        condition=models.Q(quantity_t__gt=0, amount_fen__gt=0), name="market_notice_proper"
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            "TreasuryReceipt",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20)),
                ("region", models.CharField(max_length=20)),
                ("amount_fen", models.BigIntegerField()),
                ("received_on", models.DateField()),
                ("person", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                (
                    "notice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="receipt", to="market.paymentnotice"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["region", "number"], name="market_receipt_number_once")]
            },
        ),
        migrations.CreateModel(
            "UseOfProceeds",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(max_length=20)),
                ("year", models.IntegerField()),
                ("purpose", models.TextField()),
                ("amount_fen", models.BigIntegerField()),
                ("person", models.CharField(max_length=40)),
                ("leaf_hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["region", "year"], name="market_use_of_year")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(amount_fen=0, _negated=True), name="market_use_not_nothing"
                    )
                ],
            },
        ),
        migrations.RunSQL(_FILL, reverse_sql=migrations.RunSQL.noop),
    ]
