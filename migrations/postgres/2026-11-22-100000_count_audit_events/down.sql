DROP INDEX audit_user_id_event;
