//! The texts of the console.

use std::{collections::HashMap, fmt::Display, sync::LazyLock};

static TEXTS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("../../../locales/en/console.ftl").lines();
    lines.filter_map(|line| line.split_once(" = ")).collect()
});

/// The text of a message.
#[askama::filter_fn]
pub(super) fn t(key: impl Display, _: &dyn askama::Values) -> askama::Result<String> {
    let key = key.to_string();
    Ok(TEXTS.get(key.as_str()).map_or(key, |text| (*text).to_owned()))
}
