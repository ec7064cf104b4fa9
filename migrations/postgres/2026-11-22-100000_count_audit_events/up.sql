-- The limits on sign-ins and changes of an account count its latest events of a kind.
CREATE INDEX audit_user_id_event ON audit (user_id, event, at);
