import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0011_posting_known_by_counts"),
    ]

    operations = [
        migrations.CreateModel(
            name="StateChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(max_length=20)),
                (
                    "barred",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None),
                ),
                ("reason", models.CharField(max_length=500)),
                ("initiator", models.CharField(max_length=40)),
                ("approver", models.CharField(blank=True, max_length=40)),
                ("at", models.DateTimeField()),
                ("leaf_hash", models.CharField(max_length=64)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.account"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("approver", models.F("initiator")), _negated=True),
                        name="registry_state_change_two_people",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="account",
            name="barred",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), db_default=[], default=list, size=None
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "SOME_RESTRICTED"), models.Q(("barred", []), _negated=True)),
                    models.Q(models.Q(("state", "SOME_RESTRICTED"), _negated=True), ("barred", [])),
                    _connector="OR",
                ),
                name="registry_account_barred_named",
            ),
        ),
    ]
