-- Servers keep copies of sessions, users and posts; each listens on `tollgate` for what others change. In the database,
-- so that it is told whoever changes something: another server, the command line, or an operator by hand.

CREATE FUNCTION tell_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tollgate', OLD.id::text);
    RETURN NULL;
END;
$$;
CREATE TRIGGER tell_of_update AFTER UPDATE ON users
FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION tell_of_user();
CREATE TRIGGER tell_of_delete AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION tell_of_user();

CREATE FUNCTION tell_of_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tollgate', OLD.user_id::text);
    RETURN NULL;
END;
$$;
CREATE TRIGGER tell_of_delete AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION tell_of_session();
-- Not of a later end or of when it was last seen, which are written once a minute for each session: who keeps an older
-- copy asks again when that ends.
CREATE TRIGGER tell_of_update AFTER UPDATE ON sessions
FOR EACH ROW WHEN (
    NEW.idle_expires_at < OLD.idle_expires_at OR NEW.expires_at <> OLD.expires_at
    OR NEW.fresh_until <> OLD.fresh_until OR NEW.state <> OLD.state OR NEW.token_hash <> OLD.token_hash
    OR NEW.user_id <> OLD.user_id OR NEW.stay_signed_in <> OLD.stay_signed_in
    OR NEW.ip IS DISTINCT FROM OLD.ip OR NEW.user_agent IS DISTINCT FROM OLD.user_agent
) EXECUTE FUNCTION tell_of_session();

CREATE FUNCTION tell_of_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tollgate', TG_TABLE_NAME);
    RETURN NULL;
END;
$$;
CREATE TRIGGER tell_of_change AFTER UPDATE OR DELETE OR TRUNCATE ON posts
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_table();
CREATE TRIGGER tell_of_truncate AFTER TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION tell_of_table();
CREATE TRIGGER tell_of_truncate AFTER TRUNCATE ON sessions FOR EACH STATEMENT EXECUTE FUNCTION tell_of_table();
