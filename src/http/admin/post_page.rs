//! The page on which editors write a post, see it before it is published, and publish it.

use actix_web::{
    HttpRequest, HttpResponse,
    rt::task::spawn_blocking,
    web::{Data, Payload},
};
use askama::Template;

use super::{
    FormErrors, Frame, done, filters, page,
    post_form::{PostFields, PostForm},
    posts::state_of,
    refused,
};
use crate::{
    db::DbConnection,
    http::{
        api::publish::{change_post, create_post},
        error::ApiError,
        extract::{current_user::CurrentUser, editor::Editor},
        paths::{MEDIA_FILES, console_id},
        state::AppState,
    },
    paywall::posts::{self, Post, to_html},
};

#[derive(Template)]
#[template(path = "admin/post.html")]
struct PostPage<'p> {
    frame: Frame<'p>,
    /// `None` for a post that has not been saved.
    id: Option<i64>,
    state: &'static str,
    fields: PostFields,
    has_media: bool,
    /// The text as readers will see it.
    preview: Option<String>,
    /// The message about a picture that has just been added.
    added: Option<&'static str>,
    errors: FormErrors,
    notice: Option<String>,
}

impl<'p> PostPage<'p> {
    fn new(
        state: &'p AppState,
        request: &HttpRequest,
        user: &'p CurrentUser,
        post: Option<&Post>,
        fields: PostFields,
    ) -> Self {
        let now = state.clock.now();
        Self {
            frame: Frame::new(state, request, user, "posts"),
            id: post.map(|post| post.id),
            state: post.map_or("new", |post| state_of(post.published, post.is_visible(now))),
            fields,
            has_media: state.config.server.media_dir.is_some(),
            preview: None,
            added: None,
            errors: FormErrors::default(),
            notice: None,
        }
    }

    fn path(&self) -> String {
        self.id.map_or_else(|| "/admin/posts/new".to_owned(), |id| format!("/admin/posts/{id}"))
    }

    fn error(&self, field: &str) -> Option<&str> {
        self.errors.get(field)
    }
}

pub(in crate::http) async fn new_post(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Editor,
) -> Result<HttpResponse, ApiError> {
    page(&state, &PostPage::new(&state, &request, &user, None, PostFields::empty()))
}

pub(in crate::http) async fn edit_post(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Editor,
) -> Result<HttpResponse, ApiError> {
    let post = find(&state, console_id(&request)?).await?;
    page(&state, &PostPage::new(&state, &request, &user, Some(&post), PostFields::of(&post)))
}

async fn find(state: &AppState, id: i64) -> Result<Post, ApiError> {
    let found = state.db.read(move |connection: &mut DbConnection| posts::find(connection, id)).await?;
    found.ok_or(ApiError::BlogNotFound)
}

pub(in crate::http) async fn submit_new_post(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    editor: Editor,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    submit(&state, &request, &user, editor, None, payload).await
}

pub(in crate::http) async fn submit_post(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    editor: Editor,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let post = find(&state, console_id(&request)?).await?;
    submit(&state, &request, &user, editor, Some(post), payload).await
}

/// Does what the button says.
async fn submit(
    state: &AppState,
    request: &HttpRequest,
    user: &CurrentUser,
    editor: Editor,
    post: Option<Post>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let PostForm { fields, action, picture } = PostForm::receive(state, request, payload).await?;
    let mut shown = PostPage::new(state, request, user, post.as_ref(), fields);
    let published = match action.as_str() {
        "picture" | "cover" => {
            // The file may have taken long to arrive.
            editor.confirm(&state.db, state.clock.now()).await?;
            let url = match picture {
                Some(picture) => picture.finish().await.map(|name| format!("{MEDIA_FILES}{name}")),
                None => Err(ApiError::InvalidFields([("picture".into(), "is missing".to_owned())].into())),
            };
            return match url {
                Ok(url) => {
                    shown.add_picture(&url, action == "cover");
                    page(state, &shown)
                }
                Err(error) => shown.refuse(state, error),
            };
        }
        "preview" => {
            let text = shown.fields.data.clone();
            shown.preview = Some(spawn_blocking(move || to_html(&text)).await.map_err(ApiError::internal)?);
            return page(state, &shown);
        }
        "publish" => Some(true),
        "unpublish" => Some(false),
        // What is published stays so, and what is new is a draft.
        "save" => post.is_none().then_some(false),
        _ => return Err(ApiError::NotFound),
    };
    let sent = shown.fields.to_request(published, post.as_ref());
    let saved = match &post {
        Some(post) => change_post(state, editor, post.id, sent).await,
        None => create_post(state, editor, sent).await,
    };
    match saved {
        Ok(saved) => Ok(done(&format!("/admin/posts/{}", saved.id), outcome(state, published, &saved))),
        Err(error @ (ApiError::BlogNotFound | ApiError::Forbidden(_))) => Err(error),
        Err(error) => shown.refuse(state, error),
    }
}

fn outcome(state: &AppState, published: Option<bool>, saved: &Post) -> &'static str {
    match published {
        Some(true) if saved.is_visible(state.clock.now()) => "published",
        Some(true) => "scheduled",
        Some(false) if saved.updated_at.is_some() => "unpublished",
        Some(false) | None => "saved",
    }
}

impl PostPage<'_> {
    fn add_picture(&mut self, url: &str, is_cover: bool) {
        if is_cover {
            self.fields.image = url.to_owned();
            self.added = Some("console-cover-added");
        } else {
            let gap = if self.fields.data.is_empty() { "" } else { "\n\n" };
            self.fields.data = format!("{}{gap}![]({url})\n", self.fields.data.trim_end());
            self.added = Some("console-picture-added");
        }
    }

    fn refuse(mut self, state: &AppState, error: ApiError) -> Result<HttpResponse, ApiError> {
        self.errors = FormErrors::of(&error, state).1;
        self.notice = self.errors.take_notice();
        refused(state, error, &self)
    }
}
