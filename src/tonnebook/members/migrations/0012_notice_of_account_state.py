from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0011_notices"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("DETERMINED", "DETERMINED"),
                    ("SURRENDER_CONFIRMED", "SURRENDER_CONFIRMED"),
                    ("ACCOUNT_STATE", "ACCOUNT_STATE"),
                ],
                max_length=19,
            ),
        ),
    ]
