"""An instrument is in a phase of its day, halts have a history, and the trading of an organisation can be stopped."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nothing could be halted before, so no value is taken along."""

    dependencies = [("market", "0004_commands")]

    operations = [
        migrations.RemoveField("instrument", "is_halted"),
        migrations.AddField(
            "instrument", "phase", models.CharField(db_default="CLOSED", default="CLOSED", max_length=10)
        ),
        migrations.AddField(
            "instrument", "phase_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())
        ),
        migrations.AddField("instrument", "halted_until", models.DateTimeField(null=True)),
        migrations.CreateModel(
            "Halt",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=24, unique=True)),
                ("ground", models.CharField(choices=[("STAFF", "STAFF"), ("BREAKER", "BREAKER")], max_length=8)),
                ("reason", models.CharField(max_length=500)),
                ("halted_at", models.DateTimeField()),
                ("until_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "instrument",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="market.instrument"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["instrument", "-halted_at"], name="market_halt_of_instrument")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("instrument",), name="market_halt_one_at_a_time"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "Stop",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(max_length=20)),
                ("organisation", models.CharField(max_length=18)),
                ("reason", models.CharField(max_length=500)),
                ("stopped_by", models.CharField(max_length=40)),
                ("stopped_at", models.DateTimeField()),
                ("allowed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("allowed_at", None)),
                        fields=("region", "organisation"),
                        name="market_stop_once",
                    ),
                ],
            },
        ),
    ]
