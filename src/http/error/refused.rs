//! The bodies of refused reads.

use serde_json::{Value, json};

use crate::{metering::MeterState, models::posts::Post};

/// A post that the reader has to pay for, as a paywall shows it.
#[derive(Debug)]
pub(in crate::http) struct Refused {
    pub(in crate::http) meter: MeterState,
    pub(in crate::http) title: String,
    pub(in crate::http) excerpt: String,
    pub(in crate::http) checkout_url: Option<String>,
}

impl Refused {
    pub(in crate::http) fn new(post: &Post, meter: MeterState, checkout_url: Option<String>) -> Self {
        Self { meter, title: post.title.clone(), excerpt: post.excerpt.clone(), checkout_url }
    }

    /// Adds the post and the payment link to the members of an error's body.
    pub(super) fn extension(&self, mut extension: Value) -> Value {
        if let Value::Object(keys) = &mut extension {
            keys.insert("post_title".to_owned(), json!(self.title));
            keys.insert("excerpt".to_owned(), json!(self.excerpt));
            keys.extend(self.checkout_url.iter().map(|url| ("checkout_url".to_owned(), json!(url))));
        }
        extension
    }
}
