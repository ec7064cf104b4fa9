//! `tollgate post publish`, `unpublish` and `delete`

use serde_json::json;

use super::{
    super::Context,
    row::{Row, no_such_post},
};
use crate::{
    base::clock::Timestamp,
    paywall::posts::{
        self, Post,
        input::{Change, PostChange},
    },
};

/// A post that readers could see keeps its date, so that it does not move up in the list.
pub(super) async fn publish(context: &Context, id: i64) -> anyhow::Result<()> {
    let publish = |post: &Post, now: Timestamp| PostChange {
        published: Change::Set(true),
        published_at: Change::Set(post.published_at().filter(|at| *at <= now)),
        ..PostChange::default()
    };
    change(context, id, publish, "is published").await
}

pub(super) async fn unpublish(context: &Context, id: i64) -> anyhow::Result<()> {
    let unpublish = |_: &Post, _| PostChange { published: Change::Set(false), ..PostChange::default() };
    change(context, id, unpublish, "is a draft").await
}

async fn change(
    context: &Context,
    id: i64,
    change: fn(&Post, Timestamp) -> PostChange,
    sentence: &str,
) -> anyhow::Result<()> {
    let now = context.clock.now();
    let apply = move |post: Post| change(&post, now).apply(post);
    let changed = context.db.write(move |tx| posts::update(tx, id, apply, now)).await?;
    let row = Row::from(changed.ok_or_else(|| no_such_post(id))?);
    context.show(&row, || format!("/blog/{id} {sentence}"))
}

pub(super) async fn delete(context: &Context, id: i64) -> anyhow::Result<()> {
    if !context.db.write(move |tx| posts::delete(tx, id)).await? {
        return Err(no_such_post(id));
    }
    context.show(&json!({ "deleted": id }), || format!("deleted /blog/{id}"))
}
