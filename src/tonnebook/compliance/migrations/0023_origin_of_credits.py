from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0022_withdrawn_grounds"),
    ]

    operations = [
        migrations.AddField(
            model_name="cancellationproof",
            name="gas",
            field=models.CharField(db_default="CO2", max_length=10),
        ),
        migrations.AddField(
            model_name="cancellationproof",
            name="province",
            field=models.CharField(blank=True, db_default="", max_length=2),
        ),
    ]
