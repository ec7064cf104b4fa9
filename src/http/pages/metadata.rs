//! What search engines and link previews learn about the page of a post.

use serde_json::{Value, json};

use super::Site;
use crate::{
    http::{paths, state::AppState},
    paywall::posts::{Post, access::Access},
};

pub(super) struct Metadata {
    /// The one address of the page, absolute if the site's is configured.
    pub(super) canonical: String,
    pub(super) image: Option<String>,
    /// JSON-LD, as the content of a script element, if search engines may see the page.
    pub(super) article: Option<String>,
}

impl Metadata {
    pub(super) fn of(state: &AppState, post: &Post) -> Self {
        let slug = if state.config.meter.has_public_excerpts { &*post.slug } else { "" };
        let origin = state.config.server.public_origin.as_deref().unwrap_or_default();
        let canonical = format!("{origin}{}", paths::post_page(post.id, slug));
        // Programs that preview links need the complete address.
        let image = post
            .image
            .as_ref()
            .map(|image| if image.starts_with('/') { format!("{origin}{image}") } else { image.clone() });
        let is_public = state.config.meter.has_public_excerpts;
        let article = is_public.then(|| script(&article(&state.site, post, &canonical, image.as_deref())));
        Self { canonical, image, article }
    }
}

/// <https://developers.google.com/search/docs/appearance/structured-data/paywalled-content>
fn article(site: &Site, post: &Post, canonical: &str, image: Option<&str>) -> Value {
    let mut article = json!({
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": post.title,
        "description": post.excerpt,
        "mainEntityOfPage": canonical,
        "datePublished": post.date(),
        "dateModified": post.changed_at(),
        "publisher": { "@type": "Organization", "name": site.name },
        "isAccessibleForFree": post.access == Access::Free,
    });
    if post.access != Access::Free {
        let part = json!({ "@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".paywalled" });
        add(&mut article, "hasPart", part);
    }
    if let Some(author) = &post.author {
        add(&mut article, "author", json!({ "@type": "Person", "name": author }));
    }
    if let Some(image) = image {
        add(&mut article, "image", json!(image));
    }
    article
}

fn add(article: &mut Value, name: &str, value: Value) {
    if let Value::Object(article) = article {
        article.insert(name.to_owned(), value);
    }
}

/// No text may end the script element (<https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements>).
fn script(json: &Value) -> String {
    json.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_script() {
        let text = "</script><script>alert(1)</script><!--";
        let written = script(&json!({ "headline": text }));
        assert!(!written.contains('<'), "{written}");
        let read: Value = serde_json::from_str(&written).expect("JSON");
        assert_eq!(read, json!({ "headline": text }));
    }
}
