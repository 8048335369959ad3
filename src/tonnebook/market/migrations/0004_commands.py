"""The commands on a book are numbered, and an order's place among its equals is the number of one of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Orders of before stand in front of those of today, in the order of their numbers."""

    dependencies = [("market", "0003_day_bars")]

    operations = [
        migrations.AddField("instrument", "command_seq", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField("order", "order_type", models.SmallIntegerField(db_default=0, default=0)),
        migrations.AddField("order", "priority", models.BigIntegerField(db_default=0, default=0)),
    ]
