//! Names devices by their user agent.

use std::{fmt, sync::LazyLock};

use serde::{Serialize, Serializer};
use ua_parser::{Extractor, Regexes};

/// Compiled on first use, which takes a tenth of a second and a few megabytes, so use it only on a thread that may
/// block.
static PATTERNS: LazyLock<Option<Extractor<'static>>> = LazyLock::new(|| {
    let patterns = include_str!(concat!(env!("OUT_DIR"), "/user_agents.json"));
    let compiled = serde_json::from_str::<Regexes<'static>>(patterns)
        .map_err(|error| error.to_string())
        .and_then(|patterns| Extractor::try_from(patterns).map_err(|error| error.to_string()));
    compiled.inspect_err(|error| tracing::error!(error, "cannot compile user agent patterns")).ok()
});

/// What a user agent says of its device. In English as text, and as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The browser or app, such as "Firefox".
    pub program: Option<String>,
    /// The operating system, such as "Linux".
    pub system: Option<String>,
}

impl Device {
    /// Blocks.
    #[must_use]
    pub fn of(user_agent: Option<&str>) -> Self {
        let (Some(user_agent), Some(patterns)) = (user_agent, PATTERNS.as_ref()) else { return Self::default() };
        let (program, system, _) = patterns.extract(user_agent);
        Self {
            program: program.map(|program| program.family.into_owned()),
            system: system.map(|system| system.os.into_owned()),
        }
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.program, &self.system) {
            (Some(program), Some(system)) => write!(f, "{program} on {system}"),
            (Some(name), None) | (None, Some(name)) => f.write_str(name),
            (None, None) => f.write_str("Unknown device"),
        }
    }
}

impl Serialize for Device {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_named_by_the_program_and_the_system() {
        let label = |user_agent| Device::of(user_agent).to_string();
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
        assert_eq!(label(Some(firefox)), "Firefox on Linux");
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/140.0.0.0 Safari/537.36";
        assert_eq!(label(Some(chrome)), "Chrome on Windows");
        assert_eq!(label(Some("curl/8.5.0")), "curl");
        for nothing in [None, Some(""), Some("\u{fffd}"), Some("x")] {
            assert_eq!(label(nothing), "Unknown device", "{nothing:?}");
        }
    }
}
