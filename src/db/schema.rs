// @generated automatically by Diesel CLI.

diesel::table! {
    api_tokens (id) {
        id -> BigInt,
        user_id -> BigInt,
        token_hash -> Binary,
        name -> Text,
        scopes -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    attempts (id) {
        id -> BigInt,
        kind -> Text,
        subject -> Nullable<Binary>,
        network -> Nullable<Text>,
        at -> BigInt,
    }
}

diesel::table! {
    audit (id) {
        id -> BigInt,
        user_id -> Nullable<BigInt>,
        event -> Text,
        at -> BigInt,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        actor_id -> Nullable<BigInt>,
        actor -> Nullable<Text>,
        deleted_user_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    content_refusals (day, post_id, shard) {
        day -> BigInt,
        post_id -> BigInt,
        shard -> BigInt,
        refusals -> BigInt,
        sign_ups -> BigInt,
        subscriptions -> BigInt,
    }
}

diesel::table! {
    customers (id) {
        id -> Text,
        user_id -> BigInt,
        user_event -> Text,
    }
}

diesel::table! {
    days (day, shard) {
        day -> BigInt,
        shard -> BigInt,
        reads -> BigInt,
        refusals -> BigInt,
        readers -> BigInt,
        conversions -> BigInt,
        has_reads -> Bool,
        anonymous_reads -> BigInt,
        anonymous_refusals -> BigInt,
        anonymous_readers -> BigInt,
        anonymous_conversions -> BigInt,
        subscriber_reads -> BigInt,
        subscriber_readers -> BigInt,
    }
}

diesel::table! {
    gift_openings (gift_id, opener) {
        gift_id -> BigInt,
        opener -> BigInt,
        opened_at -> BigInt,
    }
}

diesel::table! {
    gifts (id) {
        id -> BigInt,
        user_id -> BigInt,
        post_id -> BigInt,
        seed -> Binary,
        token_hash -> Binary,
        opens -> BigInt,
        opened -> BigInt,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    last_refusals (reader_id) {
        reader_id -> BigInt,
        user_id -> Nullable<BigInt>,
        post_id -> BigInt,
        at -> BigInt,
    }
}

diesel::table! {
    meters (id) {
        id -> BigInt,
        user_id -> Nullable<BigInt>,
        period_started_at -> BigInt,
        used -> BigInt,
        last_read -> BigInt,
        signed_in_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    post_days (day, post_id) {
        day -> BigInt,
        post_id -> BigInt,
        reads -> BigInt,
    }
}

diesel::table! {
    email_codes (id) {
        id -> BigInt,
        holder_hash -> Binary,
        link_hash -> Binary,
        seed -> Binary,
        address -> Binary,
        email -> Text,
        network -> Text,
        stay_signed_in -> Bool,
        wrong_codes -> BigInt,
        used_at -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    identities (id) {
        id -> BigInt,
        user_id -> BigInt,
        issuer -> Text,
        subject -> Text,
        email -> Nullable<Text>,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    invitations (user_id) {
        user_id -> BigInt,
        invited_at -> BigInt,
    }
}

diesel::table! {
    one_time_tokens (id) {
        id -> BigInt,
        kind -> Text,
        hash -> Binary,
        user_id -> BigInt,
        payload -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        kind -> Text,
        user_id -> Nullable<BigInt>,
        recipient -> Text,
        payload -> Text,
        seed -> Nullable<Binary>,
        token_expires_at -> Nullable<BigInt>,
        message_id -> Text,
        created_at -> BigInt,
        next_attempt_at -> BigInt,
        attempts -> BigInt,
        claimed_until -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        sent_at -> Nullable<BigInt>,
        failed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    passkey_challenges (id) {
        id -> BigInt,
        kind -> Text,
        hash -> Binary,
        user_id -> Nullable<BigInt>,
        owner -> Text,
        expires_at -> BigInt,
    }
}

diesel::table! {
    passkeys (id) {
        id -> BigInt,
        user_id -> BigInt,
        credential_id -> Binary,
        credential -> Text,
        sign_count -> BigInt,
        backed_up -> Bool,
        name -> Text,
        created_at -> BigInt,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    payments (id) {
        id -> Text,
        subscription -> Nullable<Text>,
        customer -> Nullable<Text>,
        email -> Nullable<Text>,
        amount -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        received_at -> BigInt,
        user_id -> Nullable<BigInt>,
        assigned_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    pending_logins (id) {
        id -> BigInt,
        token_hash -> Binary,
        user_id -> BigInt,
        password_version -> BigInt,
        stay_signed_in -> Bool,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    posts (id) {
        id -> BigInt,
        title -> Text,
        slug -> Text,
        excerpt -> Text,
        data -> Text,
        published -> Bool,
        access -> Text,
        author -> Nullable<Text>,
        image -> Nullable<Text>,
        published_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> Nullable<BigInt>,
        source -> Nullable<Text>,
    }
}

diesel::table! {
    read_batches (id) {
        id -> BigInt,
        day -> BigInt,
        post_ids -> Text,
        reads -> BigInt,
        readers -> BigInt,
        anonymous_reads -> BigInt,
        anonymous_readers -> BigInt,
        subscriber_reads -> BigInt,
        subscriber_readers -> BigInt,
    }
}

diesel::table! {
    reads (user_id, read_at, id) {
        id -> BigInt,
        user_id -> BigInt,
        post_id -> BigInt,
        read_at -> BigInt,
        metered -> Bool,
    }
}

diesel::table! {
    recovery_codes (id) {
        id -> BigInt,
        user_id -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    refusals (user_id, day) {
        user_id -> BigInt,
        day -> BigInt,
        count -> BigInt,
    }
}

diesel::table! {
    pages (id) {
        id -> BigInt,
        path -> Text,
        used_on -> BigInt,
    }
}

diesel::table! {
    schema_compatibility (compatible_since) {
        compatible_since -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        token_hash -> Binary,
        user_id -> BigInt,
        stay_signed_in -> Bool,
        state -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        idle_expires_at -> BigInt,
        expires_at -> BigInt,
        fresh_until -> BigInt,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        trusted_browser_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    stripe_events (id) {
        id -> Text,
        received_at -> BigInt,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> Text,
        user_id -> Nullable<BigInt>,
        user_event -> Nullable<Text>,
        customer -> Nullable<Text>,
        checked_out_at -> Nullable<BigInt>,
        status -> Nullable<Text>,
        status_event -> Nullable<Text>,
        status_at -> Nullable<BigInt>,
        last_good_at -> Nullable<BigInt>,
        current_period_end -> Nullable<BigInt>,
        failed_invoice -> Nullable<Text>,
        failed_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        started_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    totp_seeds (user_id) {
        user_id -> BigInt,
        sealed -> Binary,
        created_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
        last_step -> BigInt,
    }
}

diesel::table! {
    trusted_browsers (id) {
        id -> BigInt,
        token_hash -> Binary,
        user_id -> BigInt,
        password_version -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        username_key -> Text,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        email_verified_at -> Nullable<BigInt>,
        pending_email -> Nullable<Text>,
        unverified_email_key -> Nullable<Text>,
        password_hash -> Text,
        password_version -> BigInt,
        has_totp -> Bool,
        has_passkey -> Bool,
        role -> Text,
        is_active -> Bool,
        subscribed_until -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> Nullable<BigInt>,
        last_seen_at -> Nullable<BigInt>,
    }
}

diesel::joinable!(api_tokens -> users (user_id));
diesel::joinable!(audit -> users (user_id));
diesel::joinable!(customers -> users (user_id));
diesel::joinable!(gift_openings -> gifts (gift_id));
diesel::joinable!(last_refusals -> users (user_id));
diesel::joinable!(meters -> users (user_id));
diesel::joinable!(one_time_tokens -> users (user_id));
diesel::joinable!(payments -> users (user_id));
diesel::joinable!(refusals -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(subscriptions -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    api_tokens,
    attempts,
    audit,
    content_refusals,
    customers,
    days,
    gift_openings,
    gifts,
    identities,
    invitations,
    last_refusals,
    meters,
    one_time_tokens,
    outbox,
    passkey_challenges,
    passkeys,
    payments,
    pending_logins,
    post_days,
    read_batches,
    posts,
    reads,
    recovery_codes,
    refusals,
    pages,
    schema_compatibility,
    sessions,
    stripe_events,
    subscriptions,
    totp_seeds,
    trusted_browsers,
    users,
);
