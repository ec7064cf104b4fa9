//! The form of a post: its fields, and a picture that is sent along, so that what has been typed is not lost meanwhile.

use std::collections::HashMap;

use actix_multipart::{Field, Multipart};
use actix_web::{HttpRequest, web::Payload};
use serde_json::{Map, Value};

use crate::{
    base::clock::Timestamp,
    http::{
        api::media::{self, next_piece},
        error::ApiError,
        extract::{
            body::{MAX_MEDIA_KIB, MAX_POST_KIB, is_multipart},
            fields::Fields,
        },
        media_folder::Incoming,
        state::AppState,
    },
    paywall::posts::{Post, access::Access},
};

/// The text fields, which the browser sends as typed.
#[derive(Clone, Debug, Default)]
pub(super) struct PostFields {
    pub(super) title: String,
    pub(super) data: String,
    pub(super) excerpt: String,
    pub(super) slug: String,
    pub(super) access: String,
    pub(super) author: String,
    pub(super) image: String,
    /// As `datetime-local` has it, in UTC.
    pub(super) published_at: String,
}

/// A form with the button that sent it.
pub(super) struct PostForm {
    pub(super) fields: PostFields,
    pub(super) action: String,
    /// Complete, and not stored yet.
    pub(super) picture: Option<Incoming>,
}

impl PostFields {
    pub(super) fn empty() -> Self {
        Self { access: Access::default().into_str().to_owned(), ..Self::default() }
    }

    pub(super) fn of(post: &Post) -> Self {
        let minute = |at: Timestamp| at.to_string().get(..16).unwrap_or_default().to_owned();
        Self {
            title: post.title.clone(),
            data: post.data.clone(),
            excerpt: post.excerpt.clone(),
            slug: post.slug.clone(),
            access: post.access.into_str().to_owned(),
            author: post.author.clone().unwrap_or_default(),
            image: post.image.clone().unwrap_or_default(),
            published_at: post.published_at.map(minute).unwrap_or_default(),
        }
    }

    /// As a request of the API has them. What is left blank is cleared, or made from the rest.
    pub(super) fn to_request(&self, published: Option<bool>, current: Option<&Post>) -> Fields {
        let text =
            |text: &str| if text.trim().is_empty() { Value::Null } else { Value::String(text.trim().to_owned()) };
        let mut values = Map::from_iter(
            [("excerpt", &self.excerpt), ("slug", &self.slug), ("author", &self.author), ("image", &self.image)]
                .map(|(name, value)| (name.to_owned(), text(value))),
        );
        // Not cleared, so that a post without them is refused.
        values.insert("title".to_owned(), Value::String(self.title.trim().to_owned()));
        values.insert("data".to_owned(), Value::String(self.data.clone()));
        values.insert("access".to_owned(), text(&self.access));
        values.insert("published_at".to_owned(), self.time(current));
        values.extend(published.map(|published| ("published".to_owned(), Value::Bool(published))));
        Fields::json(values)
    }

    /// The time in the form, which has no seconds: one that was not touched stays as it is.
    fn time(&self, current: Option<&Post>) -> Value {
        let typed = self.published_at.trim();
        match current.and_then(|post| post.published_at) {
            _ if typed.is_empty() => Value::Null,
            Some(at) if at.to_string().starts_with(typed) => Value::String(at.to_string()),
            _ if typed.len() == 16 => Value::String(format!("{typed}:00Z")),
            _ => Value::String(format!("{typed}Z")),
        }
    }
}

impl PostForm {
    /// Receives the form, and the file into `MEDIA_DIR`, where it is hidden until it is finished.
    pub(super) async fn receive(state: &AppState, request: &HttpRequest, payload: Payload) -> Result<Self, ApiError> {
        if !is_multipart(request) {
            return Err(ApiError::UnsupportedMediaType("multipart/form-data"));
        }
        let mut form = Multipart::new(request.headers(), payload);
        let (mut texts, mut picture, mut room) = (HashMap::new(), None, MAX_POST_KIB * 1024);
        while let Some(mut field) = next_piece(state, &mut form).await? {
            match field.name().map(str::to_owned) {
                Some(name) if name == "picture" => picture = receive_picture(state, field).await?,
                Some(name) => drop(texts.insert(name, receive_text(state, &mut field, &mut room).await?)),
                None => drop(receive_text(state, &mut field, &mut room).await?),
            }
        }
        let mut take = |name| texts.remove(name).unwrap_or_default();
        let fields = PostFields {
            title: take("title"),
            // Browsers send line breaks as CRLF.
            data: take("data").replace("\r\n", "\n"),
            excerpt: take("excerpt").replace("\r\n", "\n"),
            slug: take("slug"),
            access: take("access"),
            author: take("author"),
            image: take("image"),
            published_at: take("published_at"),
        };
        Ok(Self { fields, action: take("action"), picture })
    }
}

/// All texts together are no longer than a post may be.
async fn receive_text(state: &AppState, field: &mut Field, room: &mut usize) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(piece) = next_piece(state, field).await? {
        *room = room.checked_sub(piece.len()).ok_or(ApiError::TooLarge(MAX_POST_KIB))?;
        bytes.extend_from_slice(&piece);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// `None` if no file was chosen: browsers then send an empty one.
async fn receive_picture(state: &AppState, mut field: Field) -> Result<Option<Incoming>, ApiError> {
    let Some(folder) = state.config.server.media_dir.as_deref() else { return Ok(None) };
    let Some(first) = next_piece(state, &mut field).await?.filter(|piece| !piece.is_empty()) else { return Ok(None) };
    let incoming = Incoming::create(folder, MAX_MEDIA_KIB * 1024).await?.add(&first).await?;
    media::receive(state, incoming, field).await.map(Some)
}
