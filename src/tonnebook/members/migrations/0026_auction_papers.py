"""A paper may be one of an auction, to everybody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The words are known to the program; the database keeps them as text."""

    dependencies = [
        ("members", "0025_deals_are_told"),
    ]

    operations = [
        migrations.AlterField(
            model_name="paper",
            name="kind",
            field=models.CharField(
                choices=[
                    ("ACCOUNT_STATE", "ACCOUNT_STATE"),
                    ("FREEZE", "FREEZE"),
                    ("ALLOCATION", "ALLOCATION"),
                    ("DEADLINE", "DEADLINE"),
                    ("ORDER_TO_SURRENDER", "ORDER_TO_SURRENDER"),
                    ("PENALTY", "PENALTY"),
                    ("ANNOUNCEMENT", "ANNOUNCEMENT"),
                    ("AUCTION_NOTICE", "AUCTION_NOTICE"),
                    ("AUCTION_RESULT", "AUCTION_RESULT"),
                ],
                max_length=18,
            ),
        ),
    ]
