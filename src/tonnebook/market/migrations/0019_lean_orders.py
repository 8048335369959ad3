from django.db import migrations, models
from django.db.models import deletion

# One look per statement instead of one or three per row; an order without its instrument, and a trade without its
# orders, would stand for nothing. What they name must therefore stay.
KNOWN = """
CREATE FUNCTION market_order_known() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM written WHERE instrument_id NOT IN (SELECT id FROM market_instrument)) THEN
        RAISE EXCEPTION 'an order names an instrument that does not exist' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER market_order_known AFTER INSERT ON market_order REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION market_order_known();

-- Orders are found one by one: the plan is kept, and the table grows by a thousand between two looks.
CREATE FUNCTION market_trade_known() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF EXISTS (
        SELECT FROM written
        LEFT JOIN market_order AS buy ON buy.id = written.buy_order_id
        LEFT JOIN market_order AS sell ON sell.id = written.sell_order_id
        WHERE (buy.instrument_id = written.instrument_id AND sell.instrument_id = written.instrument_id) IS NOT TRUE
    ) THEN
        RAISE EXCEPTION 'a trade names an order that does not exist, or is of another instrument'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER market_trade_known AFTER INSERT ON market_trade REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION market_trade_known();

CREATE FUNCTION market_refuse_deletion() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER market_instrument_not_deleted BEFORE DELETE ON market_instrument
    FOR EACH STATEMENT EXECUTE FUNCTION market_refuse_deletion();
CREATE TRIGGER market_order_not_deleted BEFORE DELETE ON market_order
    FOR EACH STATEMENT EXECUTE FUNCTION market_refuse_deletion();

-- Numbers are looked up whole, never by how they begin.
DROP INDEX IF EXISTS market_order_number_1edc3618_like;
DROP INDEX IF EXISTS market_trade_number_43ff957d_like;
"""
GONE = """
DROP TRIGGER market_order_known ON market_order;
DROP TRIGGER market_trade_known ON market_trade;
DROP TRIGGER market_instrument_not_deleted ON market_instrument;
DROP TRIGGER market_order_not_deleted ON market_order;
DROP FUNCTION market_order_known;
DROP FUNCTION market_trade_known;
DROP FUNCTION market_refuse_deletion;
CREATE INDEX market_order_number_1edc3618_like ON market_order (number varchar_pattern_ops);
CREATE INDEX market_trade_number_43ff957d_like ON market_trade (number varchar_pattern_ops);
"""


def _unchecked(to: str, *, db_index: bool) -> "models.ForeignKey[models.Model, models.Model]":
    return models.ForeignKey(
        db_constraint=False, db_index=db_index, on_delete=deletion.PROTECT, related_name="+", to=to
    )


class Migration(migrations.Migration):
    dependencies = [
        ("market", "0018_holding_reports"),
    ]

    operations = [
        migrations.AlterField("order", "instrument", _unchecked("market.instrument", db_index=False)),
        migrations.AlterField("trade", "instrument", _unchecked("market.instrument", db_index=False)),
        migrations.AlterField("trade", "buy_order", _unchecked("market.order", db_index=True)),
        migrations.AlterField("trade", "sell_order", _unchecked("market.order", db_index=True)),
        migrations.RunSQL(KNOWN, GONE),
    ]
