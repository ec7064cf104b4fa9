//! Renders posts as HTML.
//!
//! HTML in a post is shown as text, and only relative addresses and those of web pages and email are linked. So
//! browsers get only markup that `pulldown-cmark` and this module write themselves, and no sanitizer is needed, which
//! would have to parse the markup of others exactly as browsers do.

use std::{borrow::Cow, collections::HashMap};

use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, TextMergeStream, html};
use url::Url;

use super::autolinks;

/// CommonMark with the extensions that people use. Addresses in the text are linked by [`autolinks`].
pub(super) const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS);

/// The maximum number of quotes and lists that start on one line.
const MAX_MARKERS: usize = 32;

/// The maximum depth of elements. Browsers limit it as well, and take long with many levels.
const MAX_DEPTH: usize = 100;

/// Converts Markdown to HTML for a page that has a heading of the first level, its title. Takes time and space in
/// proportion to the text, whatever it is.
#[must_use]
pub fn to_html(text: &str) -> String {
    let text = without_excess_markers(text);
    let mut body = Body::default();
    TextMergeStream::new(Parser::new_ext(&text, OPTIONS)).for_each(|event| body.add(event));
    let mut page = String::new();
    html::push_html(&mut page, body.events.into_iter());
    page
}

/// The events of a text that may be shown.
#[derive(Default)]
struct Body<'t> {
    events: Vec<Event<'t>>,
    /// For each open element, whether it is shown. Of the others, only the content is.
    open: Vec<bool>,
    /// The number of open elements in which addresses are not linked.
    verbatim: usize,
    /// The number of each footnote. Ids are made of it, because labels could be the ids of other elements of the page.
    footnotes: HashMap<CowStr<'t>, usize>,
    alignments: Vec<Alignment>,
    column: usize,
    is_head: bool,
}

impl<'t> Body<'t> {
    fn add(&mut self, event: Event<'t>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Html(raw) | Event::InlineHtml(raw) => self.events.push(Event::Text(raw)),
            Event::Text(text) if self.verbatim == 0 => autolinks::push(text, &mut self.events),
            Event::FootnoteReference(label) => {
                let label = self.footnote(label);
                self.events.push(Event::FootnoteReference(label));
            }
            Event::TaskListMarker(is_done) => {
                let (checked, label) = if is_done { (" checked=\"\"", "done") } else { ("", "to do") };
                let input = format!("<input type=\"checkbox\" disabled=\"\"{checked} aria-label=\"{label}\" />\n");
                self.events.push(Event::InlineHtml(input.into()));
            }
            event => self.events.push(event),
        }
    }

    fn start(&mut self, tag: Tag<'t>) {
        let is_shown = match &tag {
            // Without its parent, it would be invalid.
            Tag::Item | Tag::TableHead | Tag::TableRow | Tag::TableCell => self.open.last().copied().unwrap_or(true),
            Tag::Link { dest_url, .. } => is_safe(dest_url, &["http", "https", "mailto"]),
            Tag::Image { dest_url, .. } => is_safe(dest_url, &["http", "https"]),
            _ => self.open.len() < MAX_DEPTH,
        };
        self.open.push(is_shown);
        self.verbatim += usize::from(is_verbatim(&tag.to_end()));
        let shown = match tag {
            Tag::HtmlBlock => Event::Start(Tag::Paragraph),
            Tag::Heading { level, id, classes, attrs } => {
                Event::Start(Tag::Heading { level: below_title(level), id, classes, attrs })
            }
            Tag::FootnoteDefinition(label) => Event::Start(Tag::FootnoteDefinition(self.footnote(label))),
            Tag::Table(alignments) => {
                self.alignments.clone_from(&alignments);
                Event::Start(Tag::Table(alignments))
            }
            Tag::TableHead | Tag::TableRow => {
                (self.column, self.is_head) = (0, tag == Tag::TableHead);
                Event::Start(tag)
            }
            Tag::TableCell => Event::Html(self.cell().into()),
            tag => Event::Start(tag),
        };
        self.events.extend(is_shown.then_some(shown));
    }

    fn end(&mut self, tag: TagEnd) {
        self.verbatim = self.verbatim.saturating_sub(usize::from(is_verbatim(&tag)));
        if self.open.pop() != Some(true) {
            return;
        }
        self.events.push(match tag {
            TagEnd::HtmlBlock => Event::End(TagEnd::Paragraph),
            TagEnd::Heading(level) => Event::End(TagEnd::Heading(below_title(level))),
            TagEnd::TableCell => Event::Html(if self.is_head { "</th>" } else { "</td>" }.into()),
            tag => Event::End(tag),
        });
    }

    /// The start of the next cell. With a class, because the policy for content forbids the style that the library
    /// writes.
    fn cell(&mut self) -> String {
        let name = if self.is_head { "th" } else { "td" };
        let alignment = self.alignments.get(self.column);
        self.column += 1;
        match alignment {
            Some(Alignment::Center) => format!("<{name} class=\"center\">"),
            Some(Alignment::Right) => format!("<{name} class=\"right\">"),
            _ => format!("<{name}>"),
        }
    }

    fn footnote(&mut self, label: CowStr<'t>) -> CowStr<'t> {
        let next = self.footnotes.len() + 1;
        format!("footnote-{}", self.footnotes.entry(label).or_insert(next)).into()
    }
}

fn is_verbatim(tag: &TagEnd) -> bool {
    matches!(tag, TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock)
}

fn below_title(level: HeadingLevel) -> HeadingLevel {
    if level == HeadingLevel::H1 { HeadingLevel::H2 } else { level }
}

/// Whether a browser takes this for an address with one of these schemes, or for a relative one. Parsed as browsers do,
/// which ignore tabs, line breaks and leading spaces. An email address in angle brackets looks like a relative one
/// here.
fn is_safe(address: &str, schemes: &[&str]) -> bool {
    let base = Url::parse("https://this.invalid/");
    let parsed = base.and_then(|base| base.join(address));
    parsed.is_ok_and(|url| schemes.contains(&url.scheme()))
}

/// Escapes a marker of a quote or list that follows too many others on its line: the parser looks at every open one for
/// each line, so that it would take a time that grows with the square of the text. Code that looks like this is escaped
/// as well.
pub(super) fn without_excess_markers(text: &str) -> Cow<'_, str> {
    let mut escaped = String::new();
    let (mut copied, mut start) = (0, 0);
    for line in text.split_inclusive(['\n', '\r']) {
        if let Some(place) = excess_marker(line).map(|place| start + place) {
            escaped.push_str(text.get(copied..place).unwrap_or_default());
            escaped.push('\\');
            copied = place;
        }
        start += line.len();
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    escaped.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(escaped)
}

/// The place of the character by which the first marker beyond the limit is one.
fn excess_marker(line: &str) -> Option<usize> {
    let mut rest = line.trim_start();
    for _ in 0..MAX_MARKERS {
        rest = rest.get(marker(rest)? + 1..)?.trim_start();
    }
    let place = marker(rest)?;
    // All of one kind are a line across the page.
    let is_rule = |kind: char| rest.chars().all(|char| char == kind || char.is_whitespace());
    (!is_rule('-') && !is_rule('*')).then(|| line.len() - rest.len() + place)
}

/// The place of the last character of a marker at the start of the text.
fn marker(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (char, next) = (text.as_bytes().get(digits)?, text.as_bytes().get(digits + 1));
    let is_item = next.is_none_or(u8::is_ascii_whitespace);
    let is_marker = match char {
        b'>' => digits == 0,
        b'-' | b'+' | b'*' => digits == 0 && is_item,
        b'.' | b')' => (1..=9).contains(&digits) && is_item,
        _ => false,
    };
    is_marker.then_some(digits)
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
    fn extensions_of_common_markdown_are_rendered() {
        let text = "| a | b | c |\n| - | :-: | --: |\n| 1 | *2* | 3 |\n\n~~d~~ e[^f] g[^f] h[^<i>]\n\n- [x] j\n- [ ] k\n\n\
                    https://l.example/m_n. `https://o.example` [https://p.example](/q)\n\n[^f]: r\n[^<i>]: s";
        let expected = "<table><thead><tr><th>a</th><th class=\"center\">b</th><th class=\"right\">c</th></tr></thead><tbody>\n\
            <tr><td>1</td><td class=\"center\"><em>2</em></td><td class=\"right\">3</td></tr>\n</tbody></table>\n\
            <p><del>d</del> e<sup class=\"footnote-reference\"><a href=\"#footnote-1\">1</a></sup> \
            g<sup class=\"footnote-reference\"><a href=\"#footnote-1\">1</a></sup> \
            h<sup class=\"footnote-reference\"><a href=\"#footnote-2\">2</a></sup></p>\n\
            <ul>\n<li><input type=\"checkbox\" disabled=\"\" checked=\"\" aria-label=\"done\" />\nj</li>\n\
            <li><input type=\"checkbox\" disabled=\"\" aria-label=\"to do\" />\nk</li>\n</ul>\n\
            <p><a href=\"https://l.example/m_n\">https://l.example/m_n</a>. <code>https://o.example</code> \
            <a href=\"/q\">https://p.example</a></p>\n\
            <div class=\"footnote-definition\" id=\"footnote-1\"><sup class=\"footnote-definition-label\">1</sup>\n<p>r</p>\n</div>\n\
            <div class=\"footnote-definition\" id=\"footnote-2\"><sup class=\"footnote-definition-label\">2</sup>\n<p>s</p>\n</div>\n";
        assert_eq!(to_html(text), expected);
        assert_eq!(to_html("```\nhttps://a.example\n```"), "<pre><code>https://a.example\n</code></pre>\n");
    }

    #[test]
    fn the_output_is_in_proportion_to_the_text_however_deep_it_is_nested() {
        let indented: String = (0..1000).map(|level| format!("{}- a\n", "  ".repeat(level))).collect();
        let lines = format!("{}\n{}", "> ".repeat(100), "> a\n".repeat(100));
        for text in [
            ">".repeat(10_000) + "a",
            "> ".repeat(10_000) + "a",
            "- ".repeat(10_000) + "a",
            "1. ".repeat(10_000) + "a",
            "> - 1) ".repeat(10_000) + "a",
            "> ".repeat(10_000) + &"\n".repeat(10_000),
            "- ".repeat(10_000) + "a" + &"\n".repeat(10_000),
            "*a ".repeat(10_000) + &"a* ".repeat(10_000),
            "~~a ".repeat(10_000) + &"a~~ ".repeat(10_000),
            "[".repeat(10_000) + &"](/a)".repeat(10_000),
            "![".repeat(10_000) + &"](/a)".repeat(10_000),
            "|".repeat(10_000) + "\n" + &"|-".repeat(10_000) + "\n" + &"|\n".repeat(10_000),
            "[^a] ".repeat(10_000) + "\n\n[^a]: b",
            "https://a.example/(".repeat(10_000),
            "www.".repeat(10_000),
            indented,
            lines,
        ] {
            let html = to_html(&text);
            let start: String = text.chars().take(20).collect();
            // An empty cell of a table is one character, of which the library completes a limited number.
            assert!(html.len() <= 30 * text.len() + (1 << 22), "{start}: {} from {}", html.len(), text.len());
            let deepest = depth(&html, &["blockquote", "ul", "ol", "li", "em", "strong", "del"]);
            assert!(deepest <= MAX_DEPTH, "{start}: {deepest}");
        }
        let quotes = to_html(&(">".repeat(10_000) + "a"));
        assert_eq!((quotes.matches("<blockquote>").count(), quotes.matches("</blockquote>").count()), (32, 32));
    }

    /// By what the parser has to do instead of by time, which a busy machine distorts.
    #[test]
    fn nested_quotes_are_no_more_work_than_letters() {
        let events = |text: String| Parser::new_ext(&without_excess_markers(&text), OPTIONS).count();
        assert_eq!((events("a".repeat(10_000)), events(">".repeat(10_000) + "a")), (3, 3 + 2 * MAX_MARKERS));
    }

    /// How deep elements of these names are nested.
    fn depth(html: &str, names: &[&str]) -> usize {
        let (mut depth, mut deepest) = (0_usize, 0);
        for tag in html.split('<').skip(1) {
            let name = tag.trim_start_matches('/').split(|char: char| !char.is_ascii_alphanumeric()).next().unwrap();
            match names.contains(&name) {
                true if tag.starts_with('/') => depth -= 1,
                true => depth += 1,
                false => {}
            }
            deepest = deepest.max(depth);
        }
        assert_eq!(depth, 0);
        deepest
    }

    #[test]
    fn only_markers_beyond_the_limit_are_escaped() {
        let rule = "- ".repeat(100);
        for text in [rule.as_str(), &"> ".repeat(32), "a > b > c", &("a".to_owned() + &"> ".repeat(100)), ""] {
            assert_eq!(without_excess_markers(text), text);
        }
        let (quotes, more) = ("> ".repeat(32), "a\r\n");
        assert_eq!(
            without_excess_markers(&format!("{quotes}> b\n{more}{quotes}10. c")),
            format!("{quotes}\\> b\n{more}{quotes}10\\. c")
        );
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
