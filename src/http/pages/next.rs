//! The redirect target after signing in, which is always a path of this site (CWE-601, open redirect).

use url::Url;

/// A path of this site with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) struct Next(String);

impl Next {
    /// Parses the target in a query or a form; `/` if it is missing or on another site. It is parsed as a browser
    /// would, which treats `/\host` and `/<tab>/host` as other sites.
    pub(in crate::http) fn parse(text: Option<&str>) -> Self {
        let Some(text) = text.filter(|text| text.starts_with('/')) else { return Self::start() };
        let Ok(base) = Url::parse("http://this.invalid/") else { return Self::start() };
        match base.join(text) {
            // Resolving dots can leave two slashes at the start, which a browser would take for a host.
            Ok(target) if target.origin() == base.origin() && !target.path().starts_with("//") => {
                let query = target.query().map(|query| format!("?{query}")).unwrap_or_default();
                Self(format!("{}{query}", target.path()))
            }
            _ => Self::start(),
        }
    }

    fn start() -> Self {
        Self("/".to_owned())
    }

    pub(in crate::http) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns `path` with this target as its `next` parameter.
    pub(in crate::http) fn after(&self, path: &str) -> String {
        let next: String = form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        format!("{path}?next={next}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_this_site_is_accepted() {
        for path in ["/", "/blog/1", "/blog/1?a=b&c=%2F", "/a%20b", "/blog?next=//evil.example"] {
            assert_eq!(Next::parse(Some(path)).as_str(), path);
        }
        assert_eq!(Next::parse(Some("/ä b#c")).as_str(), "/%C3%A4%20b");
        assert_eq!(Next::parse(Some("/blog/1?a=b")).after("/login"), "/login?next=%2Fblog%2F1%3Fa%3Db");
    }

    #[test]
    fn anything_else_is_replaced_by_the_start_page() {
        for elsewhere in [
            "",
            "blog",
            "//evil.example/",
            "/\\evil.example",
            "\\\\evil.example",
            "///evil.example",
            "/\t/evil.example",
            "/\r\n/evil.example",
            "/.//evil.example",
            "/a/..//evil.example",
            "/%2e%2e//evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            " /blog",
        ] {
            assert_eq!(Next::parse(Some(elsewhere)).as_str(), "/", "{elsewhere}");
        }
        assert_eq!(Next::parse(None).as_str(), "/");
    }
}
