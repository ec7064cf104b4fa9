// @generated automatically by Diesel CLI.

diesel::table! {
    audit (id) {
        id -> BigInt,
        user_id -> Nullable<BigInt>,
        event -> Text,
        at -> BigInt,
        ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
    }
}

diesel::table! {
    failed_passwords (id) {
        id -> BigInt,
        account -> Binary,
        network -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    meters (user_id) {
        user_id -> BigInt,
        period_started_at -> BigInt,
        used -> BigInt,
    }
}

diesel::table! {
    posts (id) {
        id -> BigInt,
        title -> Text,
        data -> Text,
        excerpt -> Text,
        published -> Bool,
        created_at -> BigInt,
        updated_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    reads (user_id, post_id) {
        user_id -> BigInt,
        post_id -> BigInt,
        charged_at -> BigInt,
    }
}

diesel::table! {
    registrations (id) {
        id -> BigInt,
        network -> Text,
        at -> BigInt,
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
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        username_key -> Text,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        password_hash -> Text,
        role -> Text,
        is_active -> Bool,
        created_at -> BigInt,
        updated_at -> Nullable<BigInt>,
        password_version -> BigInt,
    }
}

diesel::joinable!(audit -> users (user_id));
diesel::joinable!(meters -> users (user_id));
diesel::joinable!(reads -> posts (post_id));
diesel::joinable!(reads -> users (user_id));
diesel::joinable!(sessions -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    audit,
    failed_passwords,
    meters,
    posts,
    reads,
    registrations,
    sessions,
    users,
);
