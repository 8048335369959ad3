"""The published papers of auctions."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """None was issued before."""

    dependencies = [("market", "0015_proceeds_of_auctions")]

    operations = [
        migrations.CreateModel(
            "AuctionPaper",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=18)),
                ("paper", models.CharField(max_length=60, unique=True)),
                ("at", models.DateTimeField()),
                (
                    "auction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="papers", to="market.auction"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["auction", "kind"], name="market_paper_one_each")]
            },
        ),
    ]
