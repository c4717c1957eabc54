"""Entries can be added, and nothing else: the database itself refuses to change or delete one."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION record_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'entry % of % is on the record and cannot be changed', OLD.seq, OLD.subject
    USING HINT = 'Add an entry that corrects it.', ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER record_entry_is_final BEFORE UPDATE OR DELETE ON record_entry
  FOR EACH ROW EXECUTE FUNCTION record_entry_is_final();
"""
BACKWARD = "DROP TRIGGER record_entry_is_final ON record_entry; DROP FUNCTION record_entry_is_final();"


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
