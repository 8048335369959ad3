"""Auctions carry the rule they are cleared by and may be cancelled; bids carry the limit of their bidder's group."""

from django.db import migrations, models

# What was announced before: its leaf, and every bidder alone in its group. The log knows of nothing that changes here,
# so there is no leaf to write.
_FILL = """
ALTER TABLE market_auction DISABLE TRIGGER USER;
ALTER TABLE market_bid DISABLE TRIGGER USER;
UPDATE market_auction AS auction SET receipt = encode(leaf.leaf_hash, 'hex')
FROM journal_leaf AS leaf
WHERE leaf.kind = 'market.auction.announced' AND leaf.payload::jsonb -> 'facts' ->> 'auction' = auction.number;
UPDATE market_bid AS bid SET bidder_seq = own.seq, group_seq = own.seq
FROM (SELECT auction_id, organisation, min(seq) AS seq FROM market_bid GROUP BY auction_id, organisation) AS own
WHERE own.auction_id = bid.auction_id AND own.organisation = bid.organisation;
ALTER TABLE market_auction ENABLE TRIGGER USER;
ALTER TABLE market_bid ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    """All rules before were: the lowest bid sets the price, time decides among equals, one bidder is enough."""

    dependencies = [("market", "0008_invoices"), ("journal", "0001_initial")]

    operations = [
        migrations.AddField(
            "auction", "shortage", models.CharField(default="LOWEST_BID", max_length=21), preserve_default=False
        ),
        migrations.AddField(
            "auction", "tie_break", models.CharField(default="TIME", max_length=8), preserve_default=False
        ),
        migrations.AddField("auction", "bidders_min", models.IntegerField(default=1), preserve_default=False),
        migrations.AddField("auction", "bid_t_min", models.BigIntegerField(default=1), preserve_default=False),
        migrations.AddField("auction", "receipt", models.CharField(default="", max_length=64), preserve_default=False),
        migrations.AddField("auction", "cancelled_at", models.DateTimeField(null=True)),
        migrations.AddField("auction", "cancel_reason", models.TextField(blank=True, default="")),
        migrations.AddField("bid", "bidder_seq", models.BigIntegerField(default=1), preserve_default=False),
        migrations.AddField("bid", "group_seq", models.BigIntegerField(default=1), preserve_default=False),
        migrations.AddField("bid", "group_limit_t", models.BigIntegerField(null=True)),
        migrations.AlterField("bid", "void_reason", models.CharField(blank=True, default="", max_length=17)),
        migrations.RunSQL(_FILL, reverse_sql=migrations.RunSQL.noop),
        migrations.AddConstraint(
            "auction",
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True) | models.Q(cleared_at__isnull=True),
                name="market_auction_one_end",
            ),
        ),
    ]
