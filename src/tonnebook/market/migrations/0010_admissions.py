"""Whoever trades is admitted by the exchange as a class of participant."""

import django.contrib.postgres.fields
from django.db import migrations, models

CLASSES = ["COVERED", "INSTITUTION", "BANK", "NATURAL_PERSON", "FOREIGN"]
STATES = ["ASKED", "ADMITTED", "SUSPENDED", "REFUSED", "ENDED"]


class Migration(migrations.Migration):
    """Whether an admission is needed says the rule book, from a day on; so none has to be made for the past."""

    dependencies = [("market", "0009_limits_and_ends_of_auctions")]

    operations = [
        migrations.RunSQL("CREATE SEQUENCE market_admission_number", "DROP SEQUENCE market_admission_number"),
        migrations.CreateModel(
            "Admission",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=24, unique=True)),
                ("region", models.CharField(max_length=20)),
                ("organisation", models.CharField(max_length=18)),
                ("participant_class", models.CharField(choices=[(one, one) for one in CLASSES], max_length=14)),
                ("state", models.CharField(choices=[(one, one) for one in STATES], max_length=9)),
                (
                    "answers",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None),
                ),
                (
                    "documents",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None),
                ),
                ("asked_by", models.CharField(max_length=40)),
                ("asked_at", models.DateTimeField()),
                ("from_on", models.DateField(null=True)),
                ("until_on", models.DateField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=40)),
                ("reason", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["ASKED", "ADMITTED", "SUSPENDED"])),
                        fields=("region", "organisation"),
                        name="market_admission_once",
                    ),
                ],
            },
        ),
    ]
