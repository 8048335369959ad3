from django.db import migrations

# What becomes of a bid is written once, of all bids of an auction together: with room for it on the page, the row stays
# where its five indexes point.
ROOM = "ALTER TABLE market_bid SET (fillfactor = 45)"
NO_ROOM = "ALTER TABLE market_bid RESET (fillfactor)"


class Migration(migrations.Migration):
    dependencies = [
        ("market", "0023_plain_batches"),
    ]

    operations = [migrations.RunSQL(ROOM, NO_ROOM)]
