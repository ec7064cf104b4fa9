DROP TABLE passkey_challenges;
DROP TABLE passkeys;
ALTER TABLE users DROP COLUMN has_passkey;
