//! The sign-out button.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::see_other;
use crate::{
    base::client::Client,
    http::{api::login::sign_out, error::ApiError, extract::current_user::CurrentUser, state::AppState},
};

/// Signs out and redirects to the login page. Programs send DELETE, which a form cannot send.
pub(in crate::http) async fn submit_logout(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    client: Client,
) -> Result<HttpResponse, ApiError> {
    sign_out(&state, &request, &user, client).await?;
    Ok(see_other("/login"))
}
