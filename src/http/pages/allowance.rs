//! What a reader may still read, and what reading a post would cost.

use std::sync::Arc;

use actix_web::HttpRequest;

use crate::{
    db::DbConnection,
    http::{
        error::ApiError,
        extract::current_user::{Caller, Read},
        reading,
        state::AppState,
    },
    paywall,
    paywall::{Cost, MeterState, ReadError, posts::CachedPost},
};

/// What the pages say about the reader's meter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Allowance {
    /// Reads are not metered.
    Subscriber,
    Metered(MeterState),
    /// Nobody is signed in, and readers may not read without a session.
    Unknown,
}

impl Allowance {
    pub(super) async fn find(
        state: &AppState,
        request: &HttpRequest,
        user: Option<&Caller<Read>>,
    ) -> Result<Self, ApiError> {
        let (policy, now) = (state.config.meter, state.clock.now());
        match user {
            None if policy.anonymous_limit == 0 => return Ok(Self::Unknown),
            Some(user) if user.is_subscribed(now) => return Ok(Self::Subscriber),
            _ => {}
        }
        let reader = reading::reader(state, request, user, now)?;
        let find = move |connection: &mut DbConnection| paywall::state(connection, &policy, reader, now);
        Ok(Self::Metered(state.db.read(find).await?))
    }

    /// What the meter shows after a post was read.
    pub(super) fn after_read(state: &AppState, user: Option<&Caller<Read>>, meter: Option<MeterState>) -> Self {
        let is_subscribed = user.is_some_and(|user| user.is_subscribed(state.clock.now()));
        match meter {
            _ if is_subscribed => Self::Subscriber,
            Some(meter) => Self::Metered(meter),
            None => Self::Unknown,
        }
    }
}

/// What it would cost to read this post.
pub(super) async fn cost_of_reading(
    state: &AppState,
    request: &HttpRequest,
    user: Option<&Caller<Read>>,
    cached: &Arc<CachedPost>,
) -> Result<Cost, ApiError> {
    let (policy, now, cached) = (state.config.meter, state.clock.now(), cached.clone());
    let reader = reading::reader(state, request, user, now)?;
    let find = move |connection: &mut DbConnection| paywall::cost(connection, &policy, reader, &cached.post, now);
    Ok(state.db.read::<_, ReadError, _>(find).await?)
}
