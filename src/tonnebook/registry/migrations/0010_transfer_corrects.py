import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0009_freezes"),
    ]

    operations = [
        migrations.AddField(
            model_name="transfer",
            name="corrects",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="registry.transfer",
                to_field="number",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("corrects__isnull", False), ("type", "CORRECTION")),
                    models.Q(models.Q(("type", "CORRECTION"), _negated=True), ("corrects__isnull", True)),
                    _connector="OR",
                ),
                name="registry_transfer_correction_names",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrects__isnull", False)),
                fields=("corrects",),
                name="registry_transfer_corrected_once",
            ),
        ),
    ]
