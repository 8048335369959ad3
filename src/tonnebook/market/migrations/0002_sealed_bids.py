"""Bids travel sealed: envelopes, deposits and marks, the opening key of an auction and the shares of its secret."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Bids made before keep their figures: their deposit is what they had set aside, their mark follows from the number."""

    dependencies = [("market", "0001_initial")]

    operations = [
        migrations.AddField(
            "auction", "opening_key", models.CharField(default="", max_length=64), preserve_default=False
        ),
        migrations.AddField("auction", "opened_with", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("auction", "count_receipt", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("auction", "sealed_size", models.BigIntegerField(null=True)),
        migrations.AddField("auction", "shares", models.IntegerField(default=0)),
        migrations.AddField("bid", "mark", models.CharField(default="", max_length=32), preserve_default=False),
        migrations.AddField("bid", "envelope", models.BinaryField(default=b"", max_length=79), preserve_default=False),
        migrations.AddField("bid", "deposit_fen", models.BigIntegerField(default=1), preserve_default=False),
        migrations.AddField("bid", "limit_t", models.BigIntegerField(null=True)),
        migrations.AddField("bid", "receipt", models.CharField(default="", max_length=64), preserve_default=False),
        migrations.AddField("bid", "withdrawal", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("bid", "void_reason", models.CharField(blank=True, default="", max_length=13)),
        migrations.RunSQL(
            "UPDATE market_bid SET mark = md5(number), deposit_fen = price_fen_per_t * quantity_t",
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RemoveConstraint("bid", "market_bid_within"),
        migrations.AlterField("bid", "price_fen_per_t", models.BigIntegerField(null=True)),
        migrations.AlterField("bid", "quantity_t", models.BigIntegerField(null=True)),
        migrations.AddConstraint(
            "bid",
            models.CheckConstraint(
                condition=models.Q(awarded_t=0)
                | models.Q(awarded_t__gt=0, awarded_t__lte=models.F("quantity_t"), price_fen_per_t__gt=0),
                name="market_bid_within",
            ),
        ),
        migrations.AddConstraint(
            "bid", models.CheckConstraint(condition=models.Q(deposit_fen__gt=0), name="market_bid_deposit")
        ),
        migrations.AddConstraint("bid", models.UniqueConstraint(fields=("auction", "mark"), name="market_bid_mark")),
        migrations.CreateModel(
            "KeyShare",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.CharField(max_length=40)),
                ("words", models.TextField()),
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
                    models.UniqueConstraint(fields=("auction", "person"), name="market_share_one_each"),
                    models.UniqueConstraint(fields=("auction", "words"), name="market_share_once"),
                ],
            },
        ),
    ]
