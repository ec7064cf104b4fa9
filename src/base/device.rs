//! Labels devices by their user agent.

use std::sync::LazyLock;

use ua_parser::{Extractor, Regexes};

const UNKNOWN: &str = "Unknown device";

/// Compiled on first use, which takes a tenth of a second and a few megabytes, so use it only on a thread that may
/// block.
static PATTERNS: LazyLock<Option<Extractor<'static>>> = LazyLock::new(|| {
    let patterns = include_str!(concat!(env!("OUT_DIR"), "/user_agents.json"));
    let compiled = serde_json::from_str::<Regexes<'static>>(patterns)
        .map_err(|error| error.to_string())
        .and_then(|patterns| Extractor::try_from(patterns).map_err(|error| error.to_string()));
    compiled.inspect_err(|error| tracing::error!(error, "cannot compile user agent patterns")).ok()
});

/// Returns a label such as "Firefox on Linux". Blocks.
#[must_use]
pub fn label(user_agent: Option<&str>) -> String {
    let (Some(user_agent), Some(patterns)) = (user_agent, PATTERNS.as_ref()) else { return UNKNOWN.to_owned() };
    let (program, system, _) = patterns.extract(user_agent);
    match (program.map(|program| program.family), system.map(|system| system.os)) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.into_owned(),
        (None, Some(system)) => system.into_owned(),
        (None, None) => UNKNOWN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_the_program_and_the_system() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
        assert_eq!(label(Some(firefox)), "Firefox on Linux");
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/140.0.0.0 Safari/537.36";
        assert_eq!(label(Some(chrome)), "Chrome on Windows");
        assert_eq!(label(Some("curl/8.5.0")), "curl");
        for nothing in [None, Some(""), Some("\u{fffd}"), Some("x")] {
            assert_eq!(label(nothing), UNKNOWN, "{nothing:?}");
        }
    }
}
