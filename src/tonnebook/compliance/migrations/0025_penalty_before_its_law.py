"""A penalty file where the rule book does not know the law of the day: without a range."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0024_task_of_the_plan"),
    ]

    operations = [
        migrations.AlterField(
            model_name="penaltyfile",
            name="largest_fen",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="penaltyfile",
            name="regime",
            field=models.CharField(
                choices=[
                    ("PRICE_MULTIPLE", "PRICE_MULTIPLE"),
                    ("FIXED_FINE", "FIXED_FINE"),
                    ("NO_SUPPORT", "NO_SUPPORT"),
                    ("NOT_READ", "NOT_READ"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="penaltyfile",
            name="smallest_fen",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name="penaltyfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("largest_fen", None), ("regime", "NOT_READ"), ("smallest_fen", None)),
                    models.Q(
                        models.Q(("regime", "NOT_READ"), _negated=True),
                        ("largest_fen__isnull", False),
                        ("smallest_fen__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="compliance_penalty_range_read",
            ),
        ),
    ]
