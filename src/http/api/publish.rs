//! `/blog`: creating, changing and deleting posts, for editors.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};

use super::blog::PostBody;
use crate::{
    base::clock::Timestamp,
    http::{
        error::ApiError,
        extract::{body::Json, editor::Editor, fields::Fields},
        reading::post_id,
        state::AppState,
    },
    paywall::posts::{
        self, Post, PostDraft,
        access::Access,
        input::{
            Change, PostChange, PostInput, check_author, check_data, check_excerpt, check_image, check_slug,
            check_title, parse_access,
        },
    },
};

/// The fields that a request may have. Those that only the server sets are ignored, so that a post can be sent back.
const FIELDS: [&str; 12] = [
    "title",
    "data",
    "excerpt",
    "slug",
    "published",
    "access",
    "author",
    "image",
    "published_at",
    "id",
    "created_at",
    "updated_at",
];

pub(in crate::http) async fn create(
    state: Data<AppState>,
    editor: Editor,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let post = create_post(&state, editor, body.0).await?;
    let location = format!("/blog/{}", post.id);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(PostBody::from(post)))
}

pub(in crate::http) async fn create_post(state: &AppState, editor: Editor, fields: Fields) -> Result<Post, ApiError> {
    let (draft, now) = (SentPost::complete(fields)?.into_draft()?, state.clock.now());
    editor.write(&state.db, now, move |tx| posts::insert(tx, draft, now)).await
}

/// Replaces a post. Of what is omitted, who may read the post and when stays as it is; the rest gets its default.
pub(in crate::http) async fn replace(
    state: Data<AppState>,
    request: HttpRequest,
    editor: Editor,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let id = post_id(&request)?;
    let change =
        SentPost::complete(body.0)?.into_change(|name| !["published", "access", "published_at"].contains(&name));
    Ok(HttpResponse::Ok().json(PostBody::from(write(&state, editor, id, change).await?)))
}

/// Changes the fields that the request has.
pub(in crate::http) async fn change(
    state: Data<AppState>,
    request: HttpRequest,
    editor: Editor,
    body: Json,
) -> Result<HttpResponse, ApiError> {
    let post = change_post(&state, editor, post_id(&request)?, body.0).await?;
    Ok(HttpResponse::Ok().json(PostBody::from(post)))
}

pub(in crate::http) async fn change_post(
    state: &AppState,
    editor: Editor,
    id: i64,
    fields: Fields,
) -> Result<Post, ApiError> {
    let named: Vec<_> = FIELDS.into_iter().filter(|name| fields.is_named(name)).collect();
    let change = SentPost::partial(fields)?.into_change(|name| named.contains(&name));
    write(state, editor, id, change).await
}

async fn write(state: &AppState, editor: Editor, id: i64, change: PostChange) -> Result<Post, ApiError> {
    let now = state.clock.now();
    let updated = editor.write(&state.db, now, move |tx| posts::update(tx, id, |post| change.apply(post), now)).await?;
    updated.ok_or(ApiError::BlogNotFound)
}

pub(in crate::http) async fn delete(
    state: Data<AppState>,
    request: HttpRequest,
    editor: Editor,
) -> Result<HttpResponse, ApiError> {
    delete_post(&state, editor, post_id(&request)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(in crate::http) async fn delete_post(state: &AppState, editor: Editor, id: i64) -> Result<(), ApiError> {
    let now = state.clock.now();
    let existed = editor.write(&state.db, now, move |tx| posts::delete(tx, id)).await?;
    if existed { Ok(()) } else { Err(ApiError::BlogNotFound) }
}

/// The valid fields of a request that writes a post.
struct SentPost {
    title: Option<String>,
    data: Option<String>,
    excerpt: Option<String>,
    slug: Option<String>,
    published: Option<bool>,
    access: Option<Access>,
    author: Option<String>,
    image: Option<String>,
    published_at: Option<Timestamp>,
}

impl SentPost {
    /// A post that must have a title and a text.
    fn complete(mut fields: Fields) -> Result<Self, ApiError> {
        fields.deny_others(&FIELDS);
        let (title, data) = (fields.text("title"), fields.text("data"));
        Self::with(fields, title, data)
    }

    fn partial(mut fields: Fields) -> Result<Self, ApiError> {
        fields.deny_others(&FIELDS);
        let (title, data) = (fields.optional_text("title"), fields.optional_text("data"));
        Self::with(fields, title, data)
    }

    fn with(mut fields: Fields, title: Option<String>, data: Option<String>) -> Result<Self, ApiError> {
        let sent = Self {
            title: checked(&mut fields, "title", title, check_title),
            data: checked(&mut fields, "data", data, check_data),
            excerpt: text(&mut fields, "excerpt", check_excerpt),
            slug: slug(&mut fields),
            published: fields.optional_flag("published"),
            access: fields.optional_text("access").and_then(|text| fields.check("access", parse_access(&text))),
            author: text(&mut fields, "author", check_author),
            image: text(&mut fields, "image", check_image),
            published_at: fields
                .optional_text("published_at")
                .and_then(|text| fields.check("published_at", text.parse())),
        };
        fields.finish()?;
        Ok(sent)
    }

    fn into_draft(self) -> Result<PostDraft, ApiError> {
        let Self { excerpt, slug, author, image, published_at, .. } = self;
        let (published, access) = (self.published.unwrap_or(true), self.access.unwrap_or_default());
        let (title, data) = self.title.zip(self.data).ok_or_else(ApiError::missing_field)?;
        Ok(PostInput { title, data, excerpt, slug, published, access, author, image, published_at }.into())
    }

    /// Sets every field that has a value, and clears the others of those that `is_set` names.
    fn into_change(self, is_set: impl Fn(&str) -> bool) -> PostChange {
        let clearable = |name, value: Option<String>| match value {
            None if !is_set(name) => Change::Keep,
            value => Change::Set(value),
        };
        PostChange {
            title: self.title.into(),
            data: self.data.into(),
            excerpt: clearable("excerpt", self.excerpt),
            slug: clearable("slug", self.slug),
            published: self.published.into(),
            access: self.access.into(),
            author: clearable("author", self.author),
            image: clearable("image", self.image),
            published_at: match self.published_at {
                None if !is_set("published_at") => Change::Keep,
                at => Change::Set(at),
            },
        }
    }
}

fn checked(
    fields: &mut Fields,
    name: &'static str,
    text: Option<String>,
    check: fn(&str) -> Result<(), String>,
) -> Option<String> {
    text.and_then(|text| fields.check(name, check(&text).map(|()| text)))
}

fn text(fields: &mut Fields, name: &'static str, check: fn(&str) -> Result<(), String>) -> Option<String> {
    let text = fields.optional_text(name);
    checked(fields, name, text, check)
}

/// An empty slug is generated, like one that is omitted.
fn slug(fields: &mut Fields) -> Option<String> {
    let slug = fields.optional_text("slug").filter(|text| !text.is_empty());
    checked(fields, "slug", slug, check_slug)
}
