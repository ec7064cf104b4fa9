//! The page that leads to a provider whose account is to be linked. It is a page of its own because a form may not lead to
//! other sites, redirects included: the `Content-Security-Policy` of forms says so.

use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

use super::{Next, localized::filters, page};
use crate::{
    base::client::Client,
    http::{
        api::identities::start_linking,
        error::ApiError,
        extract::{current_user::CurrentUser, fields::Fields},
        paths,
        return_address::ReturnAddress,
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "link_identity.html")]
struct LinkPage<'p> {
    label: &'p str,
    url: String,
}

pub(super) async fn link_page(
    state: &AppState,
    request: &HttpRequest,
    user: &CurrentUser,
    client: &Client,
    name: &str,
    fields: Fields,
) -> Result<HttpResponse, ApiError> {
    let next = ReturnAddress::Here(Next::parse(Some(paths::ACCOUNT)));
    let url = start_linking(state, request, user, client, name, &next, fields.into_confirmation()?).await?;
    let label = state.providers.find(name).map(|provider| provider.label()).unwrap_or_default();
    page(&state.site, &LinkPage { label, url })
}
