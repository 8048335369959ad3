"""Sector departments and their officers, the sectors each looks after, and the notices they get."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0022_papers_of_entry"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("DETERMINED", "DETERMINED"),
                    ("LISTED", "LISTED"),
                    ("OBJECTION_DECIDED", "OBJECTION_DECIDED"),
                    ("SURRENDER_CONFIRMED", "SURRENDER_CONFIRMED"),
                    ("SURRENDER_FORCED", "SURRENDER_FORCED"),
                    ("ACCOUNT_STATE", "ACCOUNT_STATE"),
                    ("PAPER", "PAPER"),
                    ("TASK_DUE", "TASK_DUE"),
                    ("SHORTFALL_EXPECTED", "SHORTFALL_EXPECTED"),
                    ("CONSULTED", "CONSULTED"),
                    ("OPINION_ANSWERED", "OPINION_ANSWERED"),
                ],
                max_length=19,
            ),
        ),
        migrations.AlterField(
            model_name="organisation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("AUTHORITY", "AUTHORITY"),
                    ("REGISTRY_BODY", "REGISTRY_BODY"),
                    ("EXCHANGE", "EXCHANGE"),
                    ("VERIFIER", "VERIFIER"),
                    ("ENTITY", "ENTITY"),
                    ("INVESTOR", "INVESTOR"),
                    ("PROJECT_OWNER", "PROJECT_OWNER"),
                    ("DISTRICT_AUTHORITY", "DISTRICT_AUTHORITY"),
                    ("FINANCE_BUREAU", "FINANCE_BUREAU"),
                    ("SETTLEMENT_BANK", "SETTLEMENT_BANK"),
                    ("INCLUSION_CENTRE", "INCLUSION_CENTRE"),
                    ("TECHNICAL_REVIEWER", "TECHNICAL_REVIEWER"),
                    ("LABORATORY", "LABORATORY"),
                    ("REPORT_WRITER", "REPORT_WRITER"),
                    ("SECTOR_DEPARTMENT", "SECTOR_DEPARTMENT"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="roles",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("OFFICER", "OFFICER"),
                        ("REGISTRAR", "REGISTRAR"),
                        ("EXCHANGE_STAFF", "EXCHANGE_STAFF"),
                        ("VERIFIER", "VERIFIER"),
                        ("REPRESENTATIVE", "REPRESENTATIVE"),
                        ("TRADER", "TRADER"),
                        ("AUDITOR", "AUDITOR"),
                        ("DISTRICT_OFFICER", "DISTRICT_OFFICER"),
                        ("FINANCE_OFFICER", "FINANCE_OFFICER"),
                        ("BANK_CLERK", "BANK_CLERK"),
                        ("INCLUSION_STAFF", "INCLUSION_STAFF"),
                        ("REVIEWER", "REVIEWER"),
                        ("ANALYST", "ANALYST"),
                        ("REPORT_WRITER", "REPORT_WRITER"),
                        ("SECTOR_OFFICER", "SECTOR_OFFICER"),
                    ],
                    max_length=20,
                ),
                default=list,
                size=None,
            ),
        ),
        migrations.CreateModel(
            name="Remit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "sectors",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None),
                ),
                ("set_at", models.DateTimeField()),
                (
                    "department",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.organisation",
                        to_field="uscc",
                    ),
                ),
            ],
            options={
                "db_table": "members_remit",
            },
        ),
    ]
