"""Programs may be told of proposals."""

import django.contrib.postgres.fields
from django.db import migrations, models

_KINDS = [(one, one) for one in ("order.changed", "trade.made", "bid.decided", "deal.changed", "test")]


class Migration(migrations.Migration):
    """Only what the program offers changes, nothing in the database."""

    dependencies = [("members", "0024_scopes_of_mandates")]

    operations = [
        migrations.AlterField(
            "webhook",
            "events",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=_KINDS, max_length=20), size=None
            ),
        ),
        migrations.AlterField("webhookmessage", "event", models.CharField(choices=_KINDS, max_length=20)),
    ]
