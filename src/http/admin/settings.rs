//! The settings in effect, and what is suspicious about them.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use askama::Template;

use super::{Frame, filters, page};
use crate::{
    config::{Effective, Source},
    doctor::{self, Finding},
    http::{
        error::ApiError,
        extract::{admin::Admin, current_user::CurrentUser},
        state::AppState,
    },
};

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage<'p> {
    frame: Frame<'p>,
    findings: Vec<Finding>,
    sections: Vec<(&'static str, Vec<&'p Effective>)>,
}

pub(in crate::http) async fn show_settings(
    state: Data<AppState>,
    request: HttpRequest,
    user: CurrentUser,
    _: Admin,
) -> Result<HttpResponse, ApiError> {
    let findings = doctor::examine_running(&state.config, &state.db).await?;
    let mut sections: Vec<(&'static str, Vec<&Effective>)> = Vec::new();
    for (title, setting) in &state.config.in_effect.0 {
        match sections.last_mut() {
            Some((last, settings)) if last == title => settings.push(setting),
            _ => sections.push((title, vec![setting])),
        }
    }
    page(&state, &SettingsPage { frame: Frame::new(&state, &request, &user, "settings"), findings, sections })
}
