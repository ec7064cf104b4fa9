//! What is said to readers who may not read on.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::paywall::{MeterState, posts::Post};

/// Where a user buys a subscription.
#[derive(Clone, Debug, Serialize)]
pub(in crate::http) struct CheckoutLink {
    /// `None` if the operator gave none.
    pub(in crate::http) label: Option<String>,
    pub(in crate::http) url: String,
}

/// A request that met the paywall.
#[derive(Debug, Default)]
pub(in crate::http) struct PaywallHit {
    /// `None` if the request was not for a read.
    pub(in crate::http) meter: Option<MeterState>,
    /// The title and the excerpt of the post; `None` for a page of another application.
    pub(in crate::http) post: Option<(String, String)>,
    pub(in crate::http) checkout: Vec<CheckoutLink>,
}

impl PaywallHit {
    pub(in crate::http) fn at_post(post: &Post, meter: Option<MeterState>, checkout: Vec<CheckoutLink>) -> Self {
        Self { meter, post: Some((post.title.clone(), post.excerpt.clone())), checkout }
    }

    /// The post and the payment links, as members of the error's body.
    pub(super) fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        if let Some((title, excerpt)) = &self.post {
            members.insert("post_title".to_owned(), json!(title));
            members.insert("excerpt".to_owned(), json!(excerpt));
        }
        if let Some(first) = self.checkout.first() {
            members.insert("checkout_url".to_owned(), json!(first.url));
            members.insert("checkout".to_owned(), json!(self.checkout));
        }
        members
    }

    /// As [`Self::members`], with the meter that is used up.
    pub(super) fn members_with_meter(&self) -> Map<String, Value> {
        let mut members = self.members();
        if let Some(MeterState { limit, used, resets_at, .. }) = &self.meter {
            members.insert("limit".to_owned(), json!(limit));
            members.insert("used".to_owned(), json!(used));
            members.insert("resets_at".to_owned(), json!(resets_at));
        }
        members
    }
}
