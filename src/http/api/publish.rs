//! `/blog`: creating, replacing and deleting posts, for admins.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};

use super::blog::PostBody;
use crate::{
    http::{
        error::ApiError,
        extract::{body::Json, current_user::Admin, fields::Fields},
        reading::post_id,
        state::AppState,
    },
    paywall::posts::{
        self, PostDraft,
        input::{PostInput, check_data, check_excerpt, check_slug, check_title, parse_access},
    },
};

pub(in crate::http) async fn create(state: Data<AppState>, admin: Admin, body: Json) -> Result<HttpResponse, ApiError> {
    let (draft, now) = (draft(body.0)?, state.clock.now());
    let post = admin.write(&state.db, now, move |tx| posts::insert(tx, &draft, now)).await?;
    let location = format!("/blog/{}", post.id);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(PostBody::from(post)))
}

/// Replaces a post completely; omitted optional fields get their defaults.
pub(in crate::http) async fn replace(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let id = post_id(&request)?;
    let (draft, now) = (draft(body.0)?, state.clock.now());
    let updated = admin.write(&state.db, now, move |tx| posts::update(tx, id, &draft, now)).await?;
    let post = updated.ok_or(ApiError::BlogNotFound)?;
    Ok(HttpResponse::Ok().json(PostBody::from(post)))
}

pub(in crate::http) async fn delete(
    state: Data<AppState>,
    request: HttpRequest,
    admin: Admin,
) -> Result<HttpResponse, ApiError> {
    let (id, now) = (post_id(&request)?, state.clock.now());
    if !admin.write(&state.db, now, move |tx| posts::delete(tx, id)).await? {
        return Err(ApiError::BlogNotFound);
    }
    Ok(HttpResponse::NoContent().finish())
}

fn draft(mut fields: Fields) -> Result<PostDraft, ApiError> {
    let title = fields.text("title").and_then(|text| fields.check("title", check_title(&text).map(|()| text)));
    let data = fields.text("data").and_then(|text| fields.check("data", check_data(&text).map(|()| text)));
    let excerpt = fields.optional_text("excerpt");
    let excerpt = excerpt.and_then(|text| fields.check("excerpt", check_excerpt(&text).map(|()| text)));
    let slug = fields.optional_text("slug").filter(|text| !text.is_empty());
    let slug = slug.and_then(|text| fields.check("slug", check_slug(&text).map(|()| text)));
    let published = fields.flag_or("published", true);
    let access = fields.optional_text("access").and_then(|text| fields.check("access", parse_access(&text)));
    let access = access.unwrap_or_default();
    fields.finish()?;
    let (title, data) = title.zip(data).ok_or_else(ApiError::missing_field)?;
    Ok(PostInput { title, data, excerpt, slug, published, access }.into())
}
