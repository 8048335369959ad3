"""What leaves an account waits for a second representative, where one is appointed to approve."""

from django.db import migrations, models

# As it was asked for, so it is done (A13); that includes whether somebody must approve it, and who has.
KEPT = """
CREATE OR REPLACE TRIGGER registry_pending_kept BEFORE UPDATE ON registry_pendingtransfer
    FOR EACH ROW WHEN (
        OLD.state <> 'WAITING'
        OR (OLD.approved_by <> '' AND OLD.approved_by <> NEW.approved_by)
        OR (OLD.number, OLD.region, OLD.type, OLD.account_id, OLD.quantity, OLD.payload, OLD.digest, OLD.hold,
            OLD.counts_on, OLD.asked_by, OLD.asked_at, OLD.ready_at, OLD.needs_approval) IS DISTINCT FROM
           (NEW.number, NEW.region, NEW.type, NEW.account_id, NEW.quantity, NEW.payload, NEW.digest, NEW.hold,
            NEW.counts_on, NEW.asked_by, NEW.asked_at, NEW.ready_at, NEW.needs_approval)
    ) EXECUTE FUNCTION registry_refuse_altered();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0019_handed_over_is_final"),
    ]

    operations = [
        migrations.AddField(
            model_name="pendingtransfer",
            name="approved_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="pendingtransfer",
            name="needs_approval",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddConstraint(
            model_name="pendingtransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_by", ""), ("needs_approval", True), ("state", "DONE"), _negated=True),
                    models.Q(
                        ("approved_by", ""),
                        models.Q(("approved_by", models.F("asked_by")), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="registry_pending_two_people",
            ),
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
    ]
