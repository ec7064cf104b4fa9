//! What a reader may still read, and what reading a post would cost.

use std::sync::Arc;

use actix_web::HttpRequest;

use crate::{
    db::DbConnection,
    http::{
        error::ApiError,
        extract::current_user::{Caller, Read},
        reader_cookie, reading,
        state::AppState,
    },
    metering::{self, Cost, MeterState, ReadError},
    posts::CachedPost,
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
            None if policy.anonymous_limit == 0 => Ok(Self::Unknown),
            None => {
                let reader = reader_cookie::reader(request, state)?;
                let find =
                    move |connection: &mut DbConnection| metering::anonymous_state(connection, &policy, reader, now);
                Ok(Self::Metered(state.db.read(find).await?))
            }
            Some(user) if user.is_subscribed(now) => Ok(Self::Subscriber),
            Some(user) => {
                let user_id = user.user_id;
                let find = move |connection: &mut DbConnection| metering::state(connection, &policy, user_id, now);
                Ok(Self::Metered(state.db.read(find).await?))
            }
        }
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
    known: &Arc<CachedPost>,
) -> Result<Cost, ApiError> {
    let (policy, now, known) = (state.config.meter, state.clock.now(), known.clone());
    let cost = match user {
        Some(user) => {
            let reader = reading::reader(user, now);
            let find =
                move |connection: &mut DbConnection| metering::cost(connection, &policy, reader, &known.post, now);
            state.db.read::<_, ReadError, _>(find).await?
        }
        None => {
            let reader = reader_cookie::reader(request, state)?;
            let find = move |connection: &mut DbConnection| {
                metering::anonymous_cost(connection, &policy, reader, &known.post, now)
            };
            state.db.read::<_, ReadError, _>(find).await?
        }
    };
    Ok(cost)
}
