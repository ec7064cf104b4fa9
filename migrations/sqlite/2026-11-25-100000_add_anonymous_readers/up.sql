-- The meters of readers without a session, and of the networks of new readers. The columns are those of `meters`, so that
-- the same code counts for both, but no user is referenced.
CREATE TABLE anonymous_meters (
    -- Negative, so that it is no user's id: their reads are in `reads`, too. A reader's is random, and its cookie has it; a
    -- network's is derived from its address under the SECRET_KEY, and less than -2^62.
    id INTEGER PRIMARY KEY NOT NULL,
    period_started_at BIGINT NOT NULL,
    used BIGINT NOT NULL,
    last_read BIGINT NOT NULL DEFAULT 0,
    -- When the reader first signed in.
    signed_in_at BIGINT
);
