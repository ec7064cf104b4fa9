//! The pages of the console, and who may use them: the handlers' arguments say it, as everywhere.

use super::row::{Row, row};
use crate::http::{
    access::Access::Users,
    admin,
    paths::{CONSOLE, CONSOLE_POSTS},
};

/// They exist beside a single-page app too, which they precede.
pub(super) fn rows() -> Vec<Row> {
    vec![
        row(CONSOLE, Users).read(admin::overview),
        row("/admin/sign-in", Users).read(admin::show_sign_in).post(admin::submit_sign_in),
        row(CONSOLE_POSTS, Users).read(admin::list_posts),
        row("/admin/posts/new", Users).read(admin::new_post).post(admin::submit_new_post),
        row("/admin/posts/{id}", Users).read(admin::edit_post).post(admin::submit_post),
        row("/admin/posts/{id}/delete", Users).read(admin::confirm_post_deletion).post(admin::delete_post),
        row("/admin/users", Users).read(admin::list_users),
        row("/admin/users/{id}", Users).read(admin::show_user).post(admin::submit_user),
        row("/admin/users/{id}/audit", Users).read(admin::show_user_audit),
        row("/admin/users/{id}/export", Users).read(admin::export_user),
        row("/admin/users/{id}/{act}", Users).read(admin::confirm_act).post(admin::submit_act),
        row("/admin/everybody/{act}", Users).read(admin::confirm_everybody).post(admin::submit_everybody),
        row("/admin/subscriptions", Users).read(admin::list_subscriptions),
        row("/admin/payments", Users).read(admin::list_payments),
        row("/admin/payments/{id}", Users).read(admin::show_payment).post(admin::assign_payment),
        row("/admin/outbox", Users).read(admin::list_messages),
        row("/admin/outbox/{id}", Users).read(admin::show_message).post(admin::submit_message),
        row("/admin/audit", Users).read(admin::show_audit),
        row("/admin/settings", Users).read(admin::show_settings),
        row("/admin/health", Users).read(admin::show_health),
    ]
}
