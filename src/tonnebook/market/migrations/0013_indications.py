"""The board of surplus and shortfall, deals that come of it, and why a proposal was declined."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Proposals of before took nothing up and gave no reason."""

    dependencies = [("market", "0012_watches")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE market_indication_number", "DROP SEQUENCE market_indication_number"),
        migrations.CreateModel(
            "Indication",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, unique=True)),
                ("side", models.CharField(max_length=4)),
                ("organisation", models.CharField(max_length=18)),
                ("person", models.CharField(max_length=40)),
                ("quantity_t", models.BigIntegerField()),
                ("vintage", models.IntegerField(null=True)),
                (
                    "audience",
                    models.CharField(choices=[(one, one) for one in ("PUBLIC", "MEMBERS")], max_length=7),
                ),
                ("until_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[(one, one) for one in ("STANDING", "WITHDRAWN", "MATCHED")],
                        default="STANDING",
                        max_length=9,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="market.instrument"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["instrument", "state", "until_on"], name="market_indication_board"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("quantity_t__gt", 0)), name="market_indication_positive"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "STANDING")),
                        fields=("instrument", "organisation", "side"),
                        name="market_indication_one",
                    ),
                ],
            },
        ),
        migrations.AddField(
            "deal",
            "indication",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="market.indication"
            ),
        ),
        migrations.AddField("deal", "reason", models.CharField(blank=True, db_default="", default="", max_length=500)),
    ]
