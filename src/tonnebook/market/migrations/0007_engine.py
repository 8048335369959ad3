"""What members send is kept until an engine carries it out; batches, the lease of a market, marks of its books."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """New tables only."""

    dependencies = [("market", "0006_deals")]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, unique=True)),
                ("region", models.CharField(max_length=20)),
                ("lines", models.TextField()),
                ("leaf_hash", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="EngineLease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("region", models.CharField(max_length=20, unique=True)),
                ("holder", models.CharField(max_length=36)),
                ("artefact", models.CharField(max_length=64)),
                ("config", models.CharField(max_length=64)),
                ("taken_at", models.DateTimeField()),
                ("beat_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="BookMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("command_seq", models.BigIntegerField()),
                ("state_hash", models.CharField(max_length=64)),
                (
                    "instrument",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="market.instrument"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Command",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=40, unique=True)),
                ("region", models.CharField(max_length=20)),
                ("organisation", models.CharField(max_length=18)),
                ("person", models.CharField(max_length=40)),
                ("unit_account", models.CharField(max_length=40)),
                ("cash_account", models.CharField(max_length=40)),
                ("instructions", models.JSONField()),
                ("answers", models.JSONField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("RECEIVED", "Received"), ("DONE", "Done")], default="RECEIVED", max_length=8
                    ),
                ),
                ("received_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "RECEIVED")), fields=["region", "id"], name="market_command_queue"
                    ),
                    models.Index(fields=["organisation", "-id"], name="market_command_of_member"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answers__isnull", True), ("done_at__isnull", True), ("state", "RECEIVED")),
                            models.Q(("answers__isnull", False), ("done_at__isnull", False), ("state", "DONE")),
                            _connector="OR",
                        ),
                        name="market_command_answered",
                    )
                ],
            },
        ),
    ]
