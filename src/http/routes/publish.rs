//! `/blog`, as admins write it.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};

use super::blog::{PostBody, post_id};
use crate::{
    db::DbConnection,
    http::{body::Json, current_user::Admin, error::ApiError, fields::Fields, state::AppState},
    models::posts::{self, PostDraft},
    paywall::posts::{MOST_SLUG, Manuscript},
};

const MOST_TITLE: usize = 200;
const MOST_EXCERPT: usize = 1000;

/// Adds a post.
pub(super) async fn create(state: Data<AppState>, admin: Admin, body: Json) -> Result<HttpResponse, ApiError> {
    let (draft, now) = (draft(body.0)?, state.clock.now());
    let insert = move |connection: &mut DbConnection| {
        admin.settle(connection, now)?;
        Ok::<_, ApiError>(posts::insert(connection, &draft, now)?)
    };
    let post = state.db.write(insert).await?;
    let location = format!("/blog/{}", post.id);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(PostBody::from(post)))
}

/// Writes a post anew, whole.
pub(super) async fn replace(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let id = post_id(&request)?;
    let (draft, now) = (draft(body.0)?, state.clock.now());
    let update = move |connection: &mut DbConnection| {
        admin.settle(connection, now)?;
        posts::update(connection, id, &draft, now)?.ok_or(ApiError::BlogNotFound)
    };
    let post = state.db.write(update).await?;
    Ok(HttpResponse::Ok().json(PostBody::from(post)))
}

/// Deletes a post.
pub(super) async fn delete(state: Data<AppState>, request: HttpRequest, _: Admin) -> Result<HttpResponse, ApiError> {
    let id = post_id(&request)?;
    match state.db.write(move |connection| posts::delete(connection, id)).await? {
        true => Ok(HttpResponse::NoContent().finish()),
        false => Err(ApiError::BlogNotFound),
    }
}

fn draft(mut fields: Fields) -> Result<PostDraft, ApiError> {
    let title = fields.text("title").and_then(|text| fields.check("title", bounded(text, MOST_TITLE)));
    // Its most is that of the body.
    let data = fields.text("data").and_then(|text| fields.check("data", bounded(text, usize::MAX)));
    let excerpt = fields.optional_text("excerpt");
    let excerpt = excerpt.and_then(|text| fields.check("excerpt", bounded(text, MOST_EXCERPT)));
    let given = fields.optional_text("slug").filter(|text| !text.is_empty());
    let slug = given.and_then(|text| fields.check("slug", slug(text)));
    let published = fields.flag_or("published", true);
    fields.finish()?;
    let (title, data) = title.zip(data).ok_or_else(ApiError::missing_field)?;
    Ok(Manuscript { title, data, excerpt, slug, published }.into())
}

/// PostgreSQL keeps no NUL in a text.
fn bounded(text: String, most: usize) -> Result<String, String> {
    match text.chars().count() {
        _ if text.contains('\0') => Err("must not hold NUL".to_owned()),
        _ if text.trim().is_empty() => Err("must not be empty".to_owned()),
        length if length > most => Err(format!("must have at most {most} characters")),
        _ => Ok(text),
    }
}

fn slug(text: String) -> Result<String, &'static str> {
    let is_slug = text
        .split('-')
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    if is_slug && text.len() <= MOST_SLUG {
        Ok(text)
    } else {
        Err("must have lower-case letters, digits and single hyphens")
    }
}
