"""The bars of closed days are kept, and made once for the days that were closed before."""

import django.db.models.deletion
from django.db import migrations, models

MAKE_EARLIER_DAYS = """
INSERT INTO market_daybar (instrument_id, day, asset, open_fen_per_t, high_fen_per_t, low_fen_per_t, last_fen_per_t,
    volume_t, turnover_fen, trades)
SELECT made.instrument_id, made.trading_on, coalesce(made.asset, ''), first.price_fen_per_t, made.high, made.low,
    last.price_fen_per_t, made.volume, made.turnover, made.trades
FROM (
    SELECT instrument_id, trading_on, asset, min(seq) AS first_seq, max(seq) AS last_seq,
        max(price_fen_per_t) AS high, min(price_fen_per_t) AS low, sum(quantity_t) AS volume,
        sum(price_fen_per_t * quantity_t) AS turnover, count(*) AS trades
    FROM market_trade JOIN market_dayclose USING (instrument_id)
    WHERE trading_on = day
    GROUP BY GROUPING SETS ((instrument_id, trading_on), (instrument_id, trading_on, asset))
) AS made
JOIN market_trade AS first ON first.instrument_id = made.instrument_id AND first.seq = made.first_seq
JOIN market_trade AS last ON last.instrument_id = made.instrument_id AND last.seq = made.last_seq
"""


class Migration(migrations.Migration):
    """What was traded stands in the trades; a history over years is no longer added up from them."""

    dependencies = [("market", "0002_sealed_bids")]

    operations = [
        migrations.CreateModel(
            "DayBar",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("asset", models.CharField(blank=True, max_length=40)),
                ("open_fen_per_t", models.BigIntegerField()),
                ("high_fen_per_t", models.BigIntegerField()),
                ("low_fen_per_t", models.BigIntegerField()),
                ("last_fen_per_t", models.BigIntegerField()),
                ("volume_t", models.BigIntegerField()),
                ("turnover_fen", models.BigIntegerField()),
                ("trades", models.BigIntegerField()),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="market.instrument"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("instrument", "asset", "day"), name="market_daybar_once"),
                ],
            },
        ),
        migrations.RunSQL(MAKE_EARLIER_DAYS, reverse_sql=migrations.RunSQL.noop),
    ]
