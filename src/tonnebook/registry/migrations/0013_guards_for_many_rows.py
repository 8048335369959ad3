"""Guards of many rows at once: a balance knows whether it is final, and postings are looked at with a fresh plan."""

from django.db import migrations, models

# The account was looked up for every balance that fell; its type never changes, so the balance can know by itself.
TERMINAL = """
-- As the owner of the tables: a guard that cannot see an account would take it for an open one.
CREATE FUNCTION registry_set_terminal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    NEW.is_terminal := registry_is_terminal(NEW.account_id);
    RETURN NEW;
END $$;
CREATE TRIGGER registry_balance_set_terminal BEFORE INSERT ON registry_balance
    FOR EACH ROW EXECUTE FUNCTION registry_set_terminal();

-- Nothing that the log knows of changes, so there is no leaf to write.
ALTER TABLE registry_balance DISABLE TRIGGER USER;
UPDATE registry_balance SET is_terminal = true WHERE registry_is_terminal(account_id);
ALTER TABLE registry_balance ENABLE TRIGGER USER;

DROP TRIGGER registry_balance_terminal ON registry_balance;
CREATE TRIGGER registry_balance_terminal BEFORE UPDATE ON registry_balance
    FOR EACH ROW WHEN (NEW.total < OLD.total AND OLD.is_terminal) EXECUTE FUNCTION registry_refuse_terminal();
DROP TRIGGER registry_balance_kept ON registry_balance;
CREATE TRIGGER registry_balance_kept BEFORE DELETE ON registry_balance
    FOR EACH ROW WHEN (OLD.is_terminal) EXECUTE FUNCTION registry_refuse_terminal();
DROP TRIGGER registry_balance_same_place ON registry_balance;
CREATE TRIGGER registry_balance_same_place BEFORE UPDATE ON registry_balance
    FOR EACH ROW WHEN (
        (OLD.account_id, OLD.asset_id, OLD.is_source, OLD.is_terminal)
        IS DISTINCT FROM (NEW.account_id, NEW.asset_id, NEW.is_source, NEW.is_terminal)
    ) EXECUTE FUNCTION registry_refuse_change_of_place();
"""

# Both sides of every posting in one pass: is there such an account, and does anything leave a terminal one?
_SIDES = """
            bool_or(account.id IS NULL),
            bool_or(side.leaves AND account.type IN ('SURRENDER', 'RETIREMENT', 'CANCELLATION'))
"""
_OF_SIDES = """
        FROM (
            SELECT debit_account_id AS id, true AS leaves FROM written
            UNION ALL SELECT credit_account_id, false FROM written
        ) AS side LEFT JOIN registry_account AS account ON account.id = side.id
"""

# A session keeps the plan that it made for the first rows it saw, and what is right for one posting goes row by row for
# ten thousand. Many are therefore asked about in a text, which is planned for the rows that are there.
POSTINGS = f"""
CREATE FUNCTION registry_check_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    is_unknown boolean;
    is_final boolean;
BEGIN
    IF (SELECT count(*) FROM written) < 100 THEN
        SELECT {_SIDES} INTO is_unknown, is_final {_OF_SIDES};
    ELSE
        EXECUTE $many$SELECT {_SIDES} {_OF_SIDES}$many$ INTO is_unknown, is_final;
    END IF;
    IF is_unknown OR EXISTS (
        SELECT FROM (SELECT DISTINCT transfer_id, asset_id FROM written) AS named
        WHERE NOT EXISTS (SELECT FROM registry_transfer WHERE id = named.transfer_id)
           OR NOT EXISTS (SELECT FROM registry_asset WHERE id = named.asset_id)
    ) THEN
        RAISE EXCEPTION 'a posting names a transfer, an account or an asset that does not exist (A2)'
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    IF is_final THEN
        RAISE EXCEPTION 'nothing leaves a terminal account (A6)' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER registry_posting_known ON registry_posting;
DROP TRIGGER registry_posting_terminal ON registry_posting;
DROP FUNCTION registry_posting_known();
CREATE TRIGGER registry_posting_checked AFTER INSERT ON registry_posting REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION registry_check_written();
"""  # noqa: S608  our own text


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0012_account_restrictions"),
    ]

    operations = [
        migrations.AddField(
            model_name="balance",
            name="is_terminal",
            field=models.BooleanField(db_default=False),
        ),
        migrations.RunSQL(TERMINAL),
        migrations.RunSQL(POSTINGS),
    ]
