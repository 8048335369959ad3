"""Official papers are kept as OFD files too; those issued before have none."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns without a default: no row is written anew."""

    dependencies = [
        ("members", "0026_auction_papers"),
    ]

    operations = [
        migrations.AddField(
            model_name="paper",
            name="ofd_sha256",
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.AddField(
            model_name="papercontent",
            name="ofd",
            field=models.BinaryField(null=True),
        ),
    ]
