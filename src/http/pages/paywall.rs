//! The paywall: why a visitor may not read a post, and how to read on.

use actix_web::HttpRequest;

use super::{Next, sign_in_address};
use crate::{
    config::RegistrationPolicy,
    http::{
        checkout,
        demo_checkout::ReturnTo,
        error::CheckoutLink,
        extract::current_user::{Caller, Read},
        state::AppState,
    },
    paywall::{MeterState, posts::Post, posts::access::Access},
};

/// A day, in seconds.
const DAY: u64 = 24 * 60 * 60;

pub(super) struct Paywall {
    pub(super) reason: Reason,
    /// The address of the registration page, if an account helps.
    pub(super) register: Option<String>,
    /// The address of the login page, if nobody is signed in.
    pub(super) sign_in: Option<String>,
    /// Where the user pays.
    pub(super) checkout: Vec<CheckoutLink>,
    /// What a subscription costs, for visitors who must sign in before they can pay.
    pub(super) prices: Vec<String>,
    /// The address of this page, for users who have paid since it was loaded.
    pub(super) again: Option<String>,
    /// Free reads of a user, and the days of a period.
    pub(super) free_reads: i64,
    pub(super) days: u64,
}

pub(super) enum Reason {
    /// Only users read.
    MembersOnly,
    UsedUp(MeterState),
    SubscribersOnly,
}

impl Paywall {
    pub(super) fn new(
        state: &AppState,
        request: &HttpRequest,
        user: Option<&Caller<Read>>,
        post: &Post,
        meter: Option<MeterState>,
    ) -> Self {
        let reason = Reason::of(state, user, post, meter);
        let back = || ReturnTo::Path(Next::parse(Some(request.path())));
        let checkout = user.map(|user| checkout::links_returning_to(state, request, user, back)).unwrap_or_default();
        let is_open = state.config.server.registration == RegistrationPolicy::Open;
        // An account alone does not open a post for subscribers, but a visitor needs one to subscribe.
        let register =
            user.is_none() && is_open && (!reason.is_subscribers_only() || checkout::is_offered(&state.config.billing));
        Self {
            register: register.then(|| Next::parse(Some(request.path())).after("/register")),
            sign_in: sign_in_address(request, user),
            again: (!checkout.is_empty()).then(|| request.path().to_owned()),
            checkout,
            prices: if user.is_none() { prices(state) } else { Vec::new() },
            free_reads: state.config.meter.limit,
            days: state.config.meter.period.as_secs() / DAY,
            reason,
        }
    }
}

fn prices(state: &AppState) -> Vec<String> {
    state.config.billing.payment_links.iter().filter_map(|link| link.label.clone()).collect()
}

impl Reason {
    fn of(state: &AppState, user: Option<&Caller<Read>>, post: &Post, meter: Option<MeterState>) -> Self {
        // With a limit of 0, nobody has used anything.
        let used_up = meter.filter(|meter| meter.limit > 0);
        let is_for_users = user.is_none() && state.config.meter.limit > 0;
        match used_up {
            _ if post.access == Access::Subscribers => Self::SubscribersOnly,
            Some(meter) => Self::UsedUp(meter),
            None if is_for_users => Self::MembersOnly,
            None => Self::SubscribersOnly,
        }
    }

    fn is_subscribers_only(&self) -> bool {
        matches!(self, Self::SubscribersOnly)
    }
}
