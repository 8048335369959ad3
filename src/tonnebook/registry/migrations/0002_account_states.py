from django.db import migrations, models

# What has been handed over to the national market is as final here as what has been surrendered (A6).
HANDED_OVER = """
CREATE OR REPLACE FUNCTION registry_is_terminal(account bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT type IN ('SURRENDER', 'RETIREMENT', 'CANCELLATION', 'HANDOVER') FROM registry_account WHERE id = account
$$;

CREATE OR REPLACE FUNCTION registry_check_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM added JOIN registry_account AS account ON account.id = added.debit_account_id
        WHERE account.type IN ('SURRENDER', 'RETIREMENT', 'CANCELLATION', 'HANDOVER')
    ) THEN
        RAISE EXCEPTION 'nothing leaves a terminal account (A6)' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="state",
            field=models.CharField(default="OPEN", max_length=20),
        ),
        migrations.RunSQL(HANDED_OVER),
    ]
