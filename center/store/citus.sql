-- Turns the tables of this package into distributed tables of Citus. Run it once,
-- as the owner of the database, after the center has made its tables and before it
-- has data: psql -f citus.sql. A test holds its text against the schema; that it
-- runs, and how fast, is measured where Citus is at hand.
--
-- Volunteers and kiosks are two groups of tables; within a group everything of one
-- shard key lies on one worker, so every transaction of the center runs on one.
-- Documents lie with kiosks, because a kiosk's own scope has the kiosk's name; the
-- acts of officers lie with what they were done to.

SELECT create_distributed_table('person', 'volunteer', colocate_with => 'none');
SELECT create_distributed_table('lot', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('missing', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('earning', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('rights', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('folded', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('outbox', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('listed', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('finder', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('imported', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('personact', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('reversal', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('honour', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('formerhome', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('merged', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('absorbed', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('star', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('wish', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('certificate', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('attendance', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('objection', 'volunteer', colocate_with => 'person');
SELECT create_distributed_table('pin', 'volunteer', colocate_with => 'person');

SELECT create_distributed_table('kiosk', 'kiosk', colocate_with => 'none');
SELECT create_distributed_table('chain', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('entry', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('redemption', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('shelf', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('suspect', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('allowance', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('writeoff', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('seat', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('recall', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('delivery', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('batch', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('scope', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('policy', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('document', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('sheet', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('merchant', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('price', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('kioskday', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('kioskmonth', 'kiosk', colocate_with => 'kiosk');
SELECT create_distributed_table('townday', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('report', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('residents', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('placecard', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('activity', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('shift', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('enlisted', 'scope', colocate_with => 'kiosk');
SELECT create_distributed_table('enlistheard', 'scope', colocate_with => 'kiosk');

SELECT create_distributed_table('officer', 'officer', colocate_with => 'kiosk');
SELECT create_distributed_table('act', 'place', colocate_with => 'kiosk');
SELECT create_distributed_table('asked', 'place', colocate_with => 'kiosk');
SELECT create_distributed_table('kept', 'officer', colocate_with => 'kiosk');

SELECT create_distributed_table('card', 'card', colocate_with => 'none');
SELECT create_distributed_table('personkey', 'hash', colocate_with => 'none');
SELECT create_distributed_table('enrolment', 'code', colocate_with => 'none');
SELECT create_distributed_table('welcome', 'link', colocate_with => 'none');
SELECT create_distributed_table('session', 'session', colocate_with => 'none');
SELECT create_distributed_table('passkey', 'passkey', colocate_with => 'none');
SELECT create_distributed_table('phone', 'phone', colocate_with => 'none');
SELECT create_distributed_table('ticket', 'ticket', colocate_with => 'none');
SELECT create_distributed_table('attempt', 'attempt', colocate_with => 'none');
SELECT create_distributed_table('job', 'job', colocate_with => 'none');
SELECT create_distributed_table('jobpart', 'job', colocate_with => 'job');

SELECT create_reference_table('migration');
SELECT create_reference_table('era');
SELECT create_reference_table('identity');
SELECT create_distributed_table('sign', 'scope', colocate_with => 'kiosk');
