-- For addresses that people read; what stays the same is the id.
ALTER TABLE posts ADD COLUMN slug TEXT NOT NULL DEFAULT '';

-- Until then the user's reads are not metered. Kept beside the user, who is looked at for each request; what it comes
-- of is in `subscriptions`.
ALTER TABLE users ADD COLUMN subscribed_until BIGINT;

-- A row for each read that was counted; of those that cost nothing, one a day and post: they are without end.
CREATE TABLE new_reads (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- No reference: a read stays counted when its post is gone.
    post_id BIGINT NOT NULL,
    read_at BIGINT NOT NULL,
    metered BOOLEAN NOT NULL
);
INSERT INTO new_reads (user_id, post_id, read_at, metered) SELECT user_id, post_id, charged_at, TRUE FROM reads;
DROP TABLE reads;
ALTER TABLE new_reads RENAME TO reads;
CREATE INDEX reads_user_id ON reads (user_id, read_at);
CREATE INDEX reads_read_at ON reads (read_at);
-- By days of 86,400,000 ms, as the program counts them.
CREATE UNIQUE INDEX reads_free ON reads (user_id, post_id, (read_at / 86400000)) WHERE NOT metered;

-- How often a user was asked to pay, by day (days since 1970-01-01, UTC): a row a refusal would be the reader's to pile up.
CREATE TABLE refusals (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (user_id, day)
);
CREATE INDEX refusals_day ON refusals (day);

-- What is known of a subscription, of each kind the latest: events come out of order, twice or not at all.
CREATE TABLE subscriptions (
    -- Stripe's id, or `by-hand-<user id>`.
    id TEXT PRIMARY KEY NOT NULL,
    -- Who checked out, or is named in the metadata; NULL where only the customer is known.
    user_id BIGINT REFERENCES users (id) ON DELETE CASCADE,
    -- Which event says so: the greatest wins.
    user_event TEXT,
    customer TEXT,
    checked_out_at BIGINT,
    -- The last word on its state.
    status TEXT,
    status_event TEXT,
    status_at BIGINT,
    -- When it was last good: a payment that failed before that was made up for.
    last_good_at BIGINT,
    current_period_end BIGINT,
    -- The last invoice that was not paid, and when that was first tried.
    failed_invoice TEXT,
    failed_at BIGINT,
    -- When an admin ended it.
    ended_at BIGINT,
    -- When it was first paid for.
    started_at BIGINT
);
CREATE INDEX subscriptions_user_id ON subscriptions (user_id);
CREATE INDEX subscriptions_customer ON subscriptions (customer);
CREATE INDEX subscriptions_started_at ON subscriptions (started_at);

CREATE TABLE customers (
    -- Stripe's id.
    id TEXT PRIMARY KEY NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_event TEXT NOT NULL
);
CREATE INDEX customers_user_id ON customers (user_id);

-- Events that were taken: each is taken once.
CREATE TABLE stripe_events (
    id TEXT PRIMARY KEY NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX stripe_events_received_at ON stripe_events (received_at);
