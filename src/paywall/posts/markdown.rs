//! Renders posts as HTML.
//!
//! HTML in a post is shown as text, and only relative addresses and those of web pages and e-mail are linked. So
//! browsers get only markup that `pulldown-cmark` writes itself, and no sanitizer is needed, which would have to parse
//! the markup of others exactly as browsers do.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use url::Url;

/// Converts CommonMark to HTML for a page that has a heading of the first level, its title.
pub(super) fn to_html(text: &str) -> String {
    let mut links = Vec::new();
    let events = Parser::new_ext(text, Options::empty()).filter_map(|event| match event {
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Some(Event::Start(Tag::Heading { level: below_title(level), id, classes, attrs }))
        }
        Event::End(TagEnd::Heading(level)) => Some(Event::End(TagEnd::Heading(below_title(level)))),
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            links.push(is_safe(dest_url, &["http", "https", "mailto"]));
            links.last()?.then_some(event)
        }
        Event::Start(Tag::Image { ref dest_url, .. }) => {
            links.push(is_safe(dest_url, &["http", "https"]));
            links.last()?.then_some(event)
        }
        Event::End(TagEnd::Link | TagEnd::Image) => links.pop()?.then_some(event),
        event => Some(event),
    });
    let mut page = String::new();
    html::push_html(&mut page, events);
    page
}

fn below_title(level: HeadingLevel) -> HeadingLevel {
    if level == HeadingLevel::H1 { HeadingLevel::H2 } else { level }
}

/// Whether a browser takes this for an address with one of these schemes, or for a relative one. Parsed as browsers do,
/// which ignore tabs, line breaks and leading spaces. An e-mail address in angle brackets looks like a relative one
/// here.
fn is_safe(address: &str, schemes: &[&str]) -> bool {
    let base = Url::parse("https://this.invalid/");
    let parsed = base.and_then(|base| base.join(address));
    parsed.is_ok_and(|url| schemes.contains(&url.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_markdown_is_rendered() {
        let text = "# One\n\nA *b* [c](https://d.example/?e=f&g) `h`\n\n- i\n\n> j\n\n![k](/l.png)\n\n<m@n.example>";
        let html = to_html(text);
        for part in [
            "<h2>One</h2>",
            "<em>b</em> <a href=\"https://d.example/?e=f&amp;g\">c</a> <code>h</code>",
            "<li>i</li>",
            "<blockquote>\n<p>j</p>",
            "<img src=\"/l.png\" alt=\"k\" />",
            "<a href=\"mailto:m@n.example\">m@n.example</a>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn raw_html_is_shown_as_text() {
        let html = to_html("<script>alert(1)</script>\n\na <img src=x onerror=alert(1)> b <!-- c --> &lt;b&gt;");
        let shown = "<p>&lt;script&gt;alert(1)&lt;/script&gt;\n</p>\n<p>a &lt;img src=x onerror=alert(1)&gt; b &lt;!-- c --&gt; &lt;b&gt;</p>\n";
        assert_eq!(html, shown);
    }

    #[test]
    fn unsafe_addresses_are_not_linked() {
        for address in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "java&Tab;script:alert(1)",
            "&#1;javascript:alert(1)",
            "&#32;javascript:alert(1)",
            "java&NewLine;script&colon;alert(1)",
            "vbscript:x",
            "data:text/html,x",
            "file:///etc/passwd",
            "blob:https://this.invalid/x",
        ] {
            assert_eq!(to_html(&format!("[a *b*]({address})")), "<p>a <em>b</em></p>\n", "{address}");
            assert_eq!(to_html(&format!("![a *b*]({address})")), "<p>a <em>b</em></p>\n", "{address}");
        }
        assert_eq!(to_html("![a](mailto:b@c.example)"), "<p>a</p>\n");
        assert_eq!(to_html("[![a](javascript:b)](/c)"), "<p><a href=\"/c\">a</a></p>\n");
        assert_eq!(to_html("[![a](/b)](javascript:c)"), "<p><img src=\"/b\" alt=\"a\" /></p>\n");
        assert_eq!(to_html("[a]: javascript:b\n\n[a]"), "<p>a</p>\n");
    }

    #[test]
    fn nothing_leaves_an_attribute() {
        let html = to_html("[a](<b\"onclick=c> \"d\\\"e\") ![f\"g](h 'i\"j') <https://k.example/\"l>");
        assert!(!html.contains("\"onclick") && !html.contains("d\"e") && !html.contains("i\"j"), "{html}");
        assert!(!html.contains("f\"g\""), "{html}");
    }
}
