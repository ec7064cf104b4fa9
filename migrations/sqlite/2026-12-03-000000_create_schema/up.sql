-- The schema. `migrations/postgres` has the same tables and columns.
--
-- Instants are BIGINT, Unix milliseconds, and days are BIGINT, days since 1970-01-01 in UTC: both databases store and compare
-- these alike. Of tokens only SHA-256 hashes are stored, so a copy of the database signs in to no account. A column has a
-- default only if tollgate inserts rows without it.

-- Users

CREATE TABLE users (
    -- AUTOINCREMENT: the id of a deleted user is never assigned again.
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- As entered.
    username TEXT NOT NULL,
    -- The username in the form that is compared: UsernameCaseMapped (RFC 8265, section 3.3).
    username_key TEXT NOT NULL CONSTRAINT users_username_key_unique UNIQUE,
    -- The address as entered, verified or not.
    email TEXT,
    -- The normalized address that the account owns: a verified one, or one that was entered while email was off.
    email_key TEXT CONSTRAINT users_email_key_unique UNIQUE,
    -- Since when `email_key` has been verified; NULL if it is not.
    email_verified_at BIGINT,
    -- The address that replaces `email` when it is verified.
    pending_email TEXT,
    -- The normalized address that waits for its verification: that of `pending_email`, or else of `email`. Not unique, because
    -- an unverified address reserves nothing.
    unverified_email_key TEXT,
    password_hash TEXT NOT NULL,
    -- Counts the passwords that the user has had: a login that was checked against an older one opens no session.
    password_version BIGINT NOT NULL DEFAULT 0,
    -- Whether the user has a confirmed row in `totp_seeds`, so that a login without a second factor needs no other query.
    has_totp BOOLEAN NOT NULL DEFAULT FALSE,
    -- Whether the user has a row in `passkeys`, for the same reason.
    has_passkey BOOLEAN NOT NULL DEFAULT FALSE,
    role TEXT NOT NULL CHECK (role IN ('user', 'editor', 'admin')),
    is_active BOOLEAN NOT NULL,
    -- Until when the user's reads are not metered; NULL without a subscription. Derived from `subscriptions`, and stored here
    -- because every request reads the user anyway.
    subscribed_until BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT,
    -- When the user last signed in or used a session or token, to within a day; NULL if that has not been recorded yet, as for
    -- imported users. Sessions and audit events cannot tell, because they are deleted after a while.
    last_seen_at BIGINT
);
CREATE INDEX users_unverified_email_key ON users (unverified_email_key);
-- For operators, who list the admins among any number of users.
CREATE INDEX users_role ON users (role, is_active, id);
-- For deleting unused accounts.
CREATE INDEX users_last_seen_at ON users (last_seen_at);

-- Credentials

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    token_hash BLOB NOT NULL CONSTRAINT sessions_token_hash_unique UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Selects one of the two lifetimes.
    stay_signed_in BOOLEAN NOT NULL,
    -- Additional values of handlers: a JSON object whose values are strings.
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Approximate: not every request is recorded.
    last_seen_at BIGINT NOT NULL,
    -- The session ends at the earlier of these two times. Using the session postpones the first.
    idle_expires_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- Until when sensitive actions need no password.
    fresh_until BIGINT NOT NULL,
    -- Where the session was last used; NULL if that is unknown.
    ip TEXT,
    user_agent TEXT,
    -- The trusted browser that opened the session. No reference: the session outlives the trust.
    trusted_browser_id BIGINT
);
CREATE INDEX sessions_user_id ON sessions (user_id);
CREATE INDEX sessions_idle_expires_at ON sessions (idle_expires_at);

-- Tokens with which scripts and servers act for a user.
CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL CONSTRAINT api_tokens_token_unique UNIQUE,
    name TEXT NOT NULL,
    -- Separated by spaces, as in OAuth 2.0 (RFC 6749, section 3.3).
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- NULL if the token does not expire.
    expires_at BIGINT,
    -- Approximate: not every request is recorded.
    last_used_at BIGINT
);
CREATE INDEX api_tokens_user_id ON api_tokens (user_id);
CREATE INDEX api_tokens_expires_at ON api_tokens (expires_at);

-- The seeds of authenticator apps (RFC 6238), one per user.
CREATE TABLE totp_seeds (
    user_id INTEGER PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Encrypted under a key derived from SECRET_KEY: this table alone does not give the codes.
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    -- NULL until the first code is entered. Until then the seed is no second factor.
    confirmed_at BIGINT,
    -- The time step of the last accepted code: codes of this step and earlier ones are rejected. 0 before the first code.
    last_step BIGINT NOT NULL DEFAULT 0
);

-- Codes for users who have lost their second factor. Each works only one time.
CREATE TABLE recovery_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the code.
    hash BLOB NOT NULL,
    CONSTRAINT recovery_codes_unique UNIQUE (user_id, hash)
);

-- Passkeys (WebAuthn). The table contains public keys only.
CREATE TABLE passkeys (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Chosen by the authenticator. It belongs to the first account that registers it.
    credential_id BLOB NOT NULL CONSTRAINT passkeys_credential_unique UNIQUE,
    -- The public key and the other values of the registration, as JSON.
    credential TEXT NOT NULL,
    -- The last signature counter; 0 if the authenticator does not count.
    sign_count BIGINT NOT NULL,
    backed_up BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkeys_user_id ON passkeys (user_id);

-- Accounts at OpenID Connect providers that users sign in with. Issuer and subject are the identity; an address is not.
CREATE TABLE identities (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- The address that the provider named when the identity was added; NULL if it named none. For people only.
    email TEXT,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    CONSTRAINT identities_unique UNIQUE (issuer, subject)
);
CREATE INDEX identities_user_id ON identities (user_id);

-- Challenges that were sent to browsers. Each works only one time.
CREATE TABLE passkey_challenges (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('registration', 'second_factor', 'login')),
    -- SHA-256 of the challenge.
    hash BLOB NOT NULL CONSTRAINT passkey_challenges_hash_unique UNIQUE,
    -- NULL for logins, where the passkey will tell the user.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    -- The user, the pending login, or the client's network if there is neither: each has a limited number of challenges, and
    -- those of the first two are answered by nobody else.
    owner TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX passkey_challenges_owner ON passkey_challenges (owner, id);
CREATE INDEX passkey_challenges_user_id ON passkey_challenges (user_id);
CREATE INDEX passkey_challenges_expires_at ON passkey_challenges (expires_at);

-- Logins with the right password that wait for the second factor.
CREATE TABLE pending_logins (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- SHA-256 of the token in the browser's cookie.
    token_hash BLOB NOT NULL CONSTRAINT pending_logins_token_unique UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- That of the user at the time: the login is void if the password has been changed since.
    password_version BIGINT NOT NULL,
    stay_signed_in BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pending_logins_user_id ON pending_logins (user_id);
CREATE INDEX pending_logins_expires_at ON pending_logins (expires_at);

-- Browsers that need no second factor.
CREATE TABLE trusted_browsers (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- SHA-256 of the token in the browser's cookie.
    token_hash BLOB NOT NULL CONSTRAINT trusted_browsers_token_unique UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- That of the user at the time: the trust ends when the password is changed.
    password_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX trusted_browsers_user_id ON trusted_browsers (user_id);
CREATE INDEX trusted_browsers_expires_at ON trusted_browsers (expires_at);

-- Attempts, counted for rate limits

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('wrong_password', 'wrong_code', 'registration', 'mail_request')),
    -- SHA-256 of what is tried: the entered name, or a message to an address. A name need not be a username: people type
    -- passwords into the wrong field. NULL for registrations, which only count by network.
    subject BLOB,
    -- An IPv4 address, or an IPv6 /64. NULL for wrong codes, which count from wherever they are tried.
    network TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX attempts_subject ON attempts (subject, kind, network, at);
CREATE INDEX attempts_network ON attempts (network, kind, at);
CREATE INDEX attempts_at ON attempts (at);

-- Audit

-- What happened to an account. Rows are deleted when they are old, or with their user.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- NULL for the deletion of an account.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    event TEXT NOT NULL CHECK (event IN (
        'registered', 'signed_in', 'failed', 'signed_out', 'revoked', 'password_changed', 'password_reset', 'account_changed', 'email_verified',
        'disabled', 'deleted', 'throttled',
        'second_factor_added', 'second_factor_removed', 'second_factor_failed', 'recovery_code_used',
        'recovery_codes_replaced', 'trusted_browsers_removed', 'identity_added', 'identity_removed',
        'api_token_created', 'api_token_deleted'
    )),
    at BIGINT NOT NULL,
    ip TEXT,
    user_agent TEXT,
    -- The admin who did it to another account. No reference: the record outlives the admin.
    actor_id BIGINT,
    -- The name of that admin at the time, or the operating system's user who ran a command; NULL for what users do themselves.
    actor TEXT,
    -- The id of an account that was deleted: this is all that is kept of it.
    deleted_user_id BIGINT
);
CREATE INDEX audit_user_id ON audit (user_id, id);
-- Limits count an account's latest events of one kind.
CREATE INDEX audit_user_id_event ON audit (user_id, event, at);
-- For admins, who list the events of all accounts.
CREATE INDEX audit_at ON audit (at, id);
CREATE INDEX audit_event ON audit (event, at, id);
CREATE INDEX audit_actor_id ON audit (actor_id, at, id) WHERE actor_id IS NOT NULL;
CREATE INDEX audit_actor ON audit (actor, at, id) WHERE actor IS NOT NULL;

-- An event is never rewritten, neither by a mistake in tollgate nor by hand.
CREATE TRIGGER audit_is_append_only BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'audit is append only');
END;

-- A trigger, so that it also applies if an operator disables an account by hand.
CREATE TRIGGER users_disabled AFTER UPDATE OF is_active ON users WHEN OLD.is_active AND NOT NEW.is_active
BEGIN
    DELETE FROM sessions WHERE user_id = NEW.id;
    DELETE FROM api_tokens WHERE user_id = NEW.id;
    -- Not `unixepoch('now', 'subsec')`: the `sqlite3` shells of many systems are too old for it.
    INSERT INTO audit (user_id, event, at)
    VALUES (NEW.id, 'disabled', CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER));
END;

-- Email

-- Users without a password who were invited by email to sign in: each once.
CREATE TABLE invitations (
    user_id INTEGER PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- When the message is, or was, due.
    invited_at BIGINT NOT NULL
);

-- Messages that wait for their delivery, and those of the last days without their content.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    -- No reference: the message about a deleted account is still sent.
    user_id BIGINT,
    recipient TEXT NOT NULL,
    -- The values that the text mentions: a JSON object without secrets.
    payload TEXT NOT NULL,
    -- The token in the link is computed from this and SECRET_KEY: this table alone gives no token.
    seed BLOB,
    token_expires_at BIGINT,
    message_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    -- Until then one node is delivering the message, and the others leave it alone.
    claimed_until BIGINT,
    last_error TEXT,
    sent_at BIGINT,
    failed_at BIGINT
);
CREATE INDEX outbox_waiting ON outbox (next_attempt_at) WHERE sent_at IS NULL AND failed_at IS NULL;
-- What operators see: few rows beside those that were sent.
CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;
CREATE INDEX outbox_user_id ON outbox (user_id, created_at);
CREATE INDEX outbox_created_at ON outbox (created_at);

-- The tokens in links. Each works only one time.
CREATE TABLE one_time_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind TEXT NOT NULL,
    -- SHA-256 of the token.
    hash BLOB NOT NULL CONSTRAINT one_time_tokens_hash_unique UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The address that the link verifies or restores; NULL for links that reset a password.
    payload TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX one_time_tokens_user_id ON one_time_tokens (user_id, kind);
CREATE INDEX one_time_tokens_expires_at ON one_time_tokens (expires_at);

-- Links and codes to sign in with that were mailed to an address. Rows are kept for a day, because wrong codes count as long.
CREATE TABLE email_codes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- SHA-256 of the token of the browser or app that asked, without which the code does not work.
    holder_hash BLOB NOT NULL,
    -- SHA-256 of the token in the link.
    link_hash BLOB NOT NULL CONSTRAINT email_codes_link_unique UNIQUE,
    -- The token in the link and the code are computed from this and SECRET_KEY: this table alone gives neither.
    seed BLOB NOT NULL,
    -- SHA-256 of the normalized address, which need not belong to an account.
    address BLOB NOT NULL,
    email TEXT NOT NULL,
    -- The network that asked, as in `failed_passwords`.
    network TEXT NOT NULL,
    stay_signed_in BOOLEAN NOT NULL,
    wrong_codes BIGINT NOT NULL DEFAULT 0,
    used_at BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX email_codes_holder_hash ON email_codes (holder_hash);
CREATE INDEX email_codes_address ON email_codes (address, created_at);
CREATE INDEX email_codes_network ON email_codes (network, created_at);
CREATE INDEX email_codes_created_at ON email_codes (created_at);

-- Paywall

CREATE TABLE posts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    title TEXT NOT NULL,
    -- For the addresses of pages. It may change; the id does not.
    slug TEXT NOT NULL,
    excerpt TEXT NOT NULL,
    -- The text, in Markdown.
    data TEXT NOT NULL,
    published BOOLEAN NOT NULL,
    -- `metered` costs a read, `free` costs nothing and needs no session, and `subscribers` is for subscribers only.
    access TEXT NOT NULL CHECK (access IN ('metered', 'free', 'subscribers')),
    -- The name of who wrote it, as readers see it. Not a user: authors need no account.
    author TEXT,
    -- The address of a picture.
    image TEXT,
    -- Readers see a published post from this time on. NULL for a draft without a date; for a published post it is then
    -- `created_at`.
    published_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT,
    -- What an imported post was made of, so that it is imported once.
    source TEXT CONSTRAINT posts_source_unique UNIQUE
);
-- Requests without a session look up the free posts.
CREATE INDEX posts_free ON posts (id) WHERE access = 'free' AND published;
-- The order of lists.
CREATE INDEX posts_date ON posts (coalesce(published_at, created_at), id);

-- Pages of other applications that were read. As a `post_id`, a page has the negative of its id: -3 is page 3.
CREATE TABLE pages (
    -- An id is never assigned again: reads may refer to a page that was deleted here.
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- In its canonical spelling, without the query.
    path TEXT NOT NULL CONSTRAINT pages_path_unique UNIQUE CHECK (length(path) <= 2048),
    -- The day on which it was last read.
    used_on BIGINT NOT NULL
);
CREATE INDEX pages_used_on ON pages (used_on);

-- How many reads have been used in the current period: by users, by anonymous readers, and by the networks of new
-- ones.
CREATE TABLE meters (
    -- The user's id, or negative. The id of an anonymous reader is random and stored in its cookie. A network's is
    -- derived from its address under SECRET_KEY, and less than -2^62.
    -- INTEGER and not BIGINT: it is the row's own key, where a BIGINT would need an index beside the table.
    id INTEGER PRIMARY KEY NOT NULL,
    -- For the reference, which the ids of others could not have.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE CHECK (user_id = id),
    -- The time of the period's first read. Earlier than any possible period (-2^62) for a meter that was never charged.
    period_started_at BIGINT NOT NULL,
    used BIGINT NOT NULL,
    -- The id of the latest read: the day times 2^32, plus the number of the read within the day. It numbers the reads, and
    -- tells which read is the first of a day. 0 before the first read.
    last_read BIGINT NOT NULL DEFAULT 0,
    -- When an anonymous reader first signed in.
    signed_in_at BIGINT,
    CHECK (id < 0 OR user_id IS NOT NULL)
);
-- What a deletion of a user looks for.
CREATE INDEX meters_user ON meters (user_id) WHERE user_id IS NOT NULL;

-- Reads that were granted, the users' and the anonymous readers'. Of reads that cost nothing there is one per reader, post
-- and day, because their number has no limit.
--
-- Every counted read writes a row. So it is one row in one tree, next to the reader's other reads, without an index beside it.
CREATE TABLE reads (
    -- Unique among the reader's reads: the meter's `last_read`.
    id BIGINT NOT NULL,
    -- The id of the reader's meter. No reference, because an anonymous reader is no user, and because the user's meter has just
    -- been changed: looking the user up again would find nothing new.
    user_id BIGINT NOT NULL,
    -- The post, or the page with a negative number. No reference: a read stays counted when its post is deleted.
    post_id BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    -- Whether the read was charged.
    metered BOOLEAN NOT NULL,
    PRIMARY KEY (user_id, read_at, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX reads_free ON reads (user_id, post_id, (read_at / 86400000)) WHERE NOT metered;
-- A reader may read any number of pages, and each request asks whether this one was read. Reads of posts, which are by far
-- the most, do not pay for it.
CREATE INDEX reads_of_pages ON reads (user_id, post_id, read_at) WHERE post_id < 0;

-- In place of the reference that `reads` does not have.
CREATE TRIGGER users_deleted AFTER DELETE ON users
BEGIN
    DELETE FROM reads WHERE user_id = OLD.id;
END;

-- How often users met the paywall. A number per day: with a row per request, a reader could fill the disk.
CREATE TABLE refusals (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (user_id, day)
);
CREATE INDEX refusals_day ON refusals (day);

-- What was last refused to a reader, so that a registration or subscription within seven days is counted for it. Deleted after
-- that time.
CREATE TABLE last_refusals (
    -- The id of the reader's meter: the user's, or a negative one.
    reader_id BIGINT PRIMARY KEY NOT NULL,
    -- For the reference, as in `meters`.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE CHECK (user_id = reader_id),
    -- As in `reads`.
    post_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    CHECK (reader_id < 0 OR user_id IS NOT NULL)
) WITHOUT ROWID;
CREATE INDEX last_refusals_user ON last_refusals (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX last_refusals_at ON last_refusals (at);

-- Links with which subscribers give away a post.
CREATE TABLE gifts (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
    -- The token is a MAC of this under a key derived from SECRET_KEY: the giver can see the link again, and this table alone
    -- gives no token.
    seed BLOB NOT NULL,
    token_hash BLOB NOT NULL CONSTRAINT gifts_token_unique UNIQUE,
    -- How many readers may open the post, and how many have.
    opens BIGINT NOT NULL,
    opened BIGINT NOT NULL DEFAULT 0 CHECK (opened <= opens),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    -- A revoked gift still counts against its giver's quota.
    revoked_at BIGINT
);
CREATE INDEX gifts_user_id ON gifts (user_id, created_at);
CREATE INDEX gifts_post_id ON gifts (post_id);
CREATE INDEX gifts_revoked_at ON gifts (revoked_at);
CREATE INDEX gifts_expires_at ON gifts (expires_at);

-- The readers who have opened a gift. They can open it again, which does not count.
CREATE TABLE gift_openings (
    gift_id BIGINT NOT NULL REFERENCES gifts (id) ON DELETE CASCADE,
    -- The id of the reader's meter. No reference, as in `reads`.
    opener BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    PRIMARY KEY (gift_id, opener)
);
CREATE INDEX gift_openings_opener ON gift_openings (opener);

-- Statistics. They name no user, and stay when reads and accounts are deleted.

-- The counts of each day.
CREATE TABLE days (
    day BIGINT NOT NULL,
    -- Always 0. On PostgreSQL a day has eight rows, so that connections rarely wait for each other's commit.
    shard BIGINT NOT NULL DEFAULT 0,
    reads BIGINT NOT NULL,
    -- Requests that met the paywall.
    refusals BIGINT NOT NULL,
    -- Readers with a read on this day.
    readers BIGINT NOT NULL,
    -- Subscriptions of deleted accounts that started on this day. Those of other accounts are counted in `subscriptions`.
    conversions BIGINT NOT NULL,
    -- Whether `reads` may still have rows of this day.
    has_reads BOOLEAN NOT NULL,
    -- What anonymous readers and subscribers add to the counts above. The rest is due to other users.
    anonymous_reads BIGINT NOT NULL,
    anonymous_refusals BIGINT NOT NULL,
    anonymous_readers BIGINT NOT NULL,
    -- Anonymous readers who registered on this day.
    anonymous_conversions BIGINT NOT NULL,
    subscriber_reads BIGINT NOT NULL,
    subscriber_readers BIGINT NOT NULL,
    PRIMARY KEY (day, shard)
) WITHOUT ROWID;

-- The reads of each post, or page with a negative number, and day.
CREATE TABLE post_days (
    day BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    reads BIGINT NOT NULL,
    PRIMARY KEY (day, post_id)
) WITHOUT ROWID;

-- The refusals of each post, or page with a negative number, and day.
CREATE TABLE content_refusals (
    day BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    -- As in `days`.
    shard BIGINT NOT NULL DEFAULT 0,
    refusals BIGINT NOT NULL,
    -- Readers who registered, and subscriptions that started, on this day and within seven days of their last refusal, which was
    -- for this content.
    sign_ups BIGINT NOT NULL,
    subscriptions BIGINT NOT NULL,
    PRIMARY KEY (day, post_id, shard)
) WITHOUT ROWID;

-- Counted reads that are not in `days` and `post_days` yet, one row per batch: adding them there at once would change almost
-- one row per read.
CREATE TABLE read_batches (
    id INTEGER PRIMARY KEY NOT NULL,
    day BIGINT NOT NULL,
    -- The `post_id` of each read, separated by commas.
    post_ids TEXT NOT NULL,
    -- What the batch adds to the columns of `days` with these names.
    reads BIGINT NOT NULL,
    readers BIGINT NOT NULL,
    anonymous_reads BIGINT NOT NULL DEFAULT 0,
    anonymous_readers BIGINT NOT NULL DEFAULT 0,
    subscriber_reads BIGINT NOT NULL DEFAULT 0,
    subscriber_readers BIGINT NOT NULL DEFAULT 0
);

-- Billing

-- What events and operators have said about a subscription, of each kind the latest: events arrive in any order, twice or
-- not at all.
CREATE TABLE subscriptions (
    -- Stripe's id, or `by-hand-<user id>`.
    id TEXT PRIMARY KEY NOT NULL,
    -- The user who checked out, or whom the metadata names; NULL if only the customer is known.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    -- The event that names the user. The greatest wins.
    user_event TEXT,
    customer TEXT,
    checked_out_at BIGINT,
    -- The latest state, and the event that has it.
    status TEXT,
    status_event TEXT,
    status_at BIGINT,
    -- When the subscription was last in good standing: a payment that failed before that has been made up for.
    last_good_at BIGINT,
    current_period_end BIGINT,
    -- The last unpaid invoice, and when its payment first failed.
    failed_invoice TEXT,
    failed_at BIGINT,
    -- When an admin ended it.
    ended_at BIGINT,
    -- When it was first paid for.
    started_at BIGINT
);
CREATE INDEX subscriptions_user_id ON subscriptions (user_id);
CREATE INDEX subscriptions_customer ON subscriptions (customer);
-- With all that the statistics need, so that they read no rows.
CREATE INDEX subscriptions_started_at ON subscriptions (started_at, user_id, customer);
-- The order of the list.
CREATE INDEX subscriptions_date ON subscriptions (coalesce(started_at, status_at), id);

-- Which user a customer of Stripe is.
CREATE TABLE customers (
    -- Stripe's id.
    id TEXT PRIMARY KEY NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- The event that names the user. The greatest wins.
    user_event TEXT NOT NULL
);
CREATE INDEX customers_user_id ON customers (user_id);

-- Completed checkouts that belonged to no account when they arrived, until an operator or a later event says whose they are.
CREATE TABLE payments (
    -- Stripe's id of the checkout.
    id TEXT PRIMARY KEY NOT NULL,
    -- Stripe's ids. A one-time payment has no subscription.
    subscription TEXT,
    customer TEXT,
    -- The payer's address. NULL once the payment is assigned.
    email TEXT,
    -- In the smallest unit of the currency.
    amount BIGINT,
    currency TEXT,
    received_at BIGINT NOT NULL,
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    assigned_at BIGINT,
    CHECK ((user_id IS NULL) = (assigned_at IS NULL))
);
CREATE INDEX payments_user_id ON payments (user_id);
CREATE INDEX payments_subscription ON payments (subscription);

-- Events that were applied, so that a repeated one is ignored.
CREATE TABLE stripe_events (
    id TEXT PRIMARY KEY NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX stripe_events_received_at ON stripe_events (received_at);

-- Upgrades

-- Which binaries can work with this schema. A migration that an older binary cannot work with inserts the version of the
-- first migration whose binary can, such as '20270301090000' for 2027-03-01-090000_drop_slug; its down.sql deletes that row.
-- The greatest version counts. Expanding migrations insert nothing, and an empty table lets every binary serve.
CREATE TABLE schema_compatibility (
    compatible_since TEXT PRIMARY KEY NOT NULL
);
