//! Links addresses of web pages in a text, as GitHub's extension of CommonMark does: those that start with `http://`,
//! `https://` or `www.`.

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};
use url::Url;

const STARTS: [&str; 3] = ["https://", "http://", "www."];

/// Longer ones are not linked.
const MAX_ADDRESS: usize = 2048;

/// Adds the text to the events, with its addresses as links.
pub(super) fn push<'t>(text: CowStr<'t>, events: &mut Vec<Event<'t>>) {
    let (mut shown, mut searched) = (0, 0);
    while let Some((start, end)) = next_address(&text, searched) {
        searched = end;
        let Some(target) = text.get(start..end).and_then(target) else { continue };
        push_text(&text, shown, start, events);
        events.push(Event::Start(Tag::Link {
            link_type: LinkType::Autolink,
            dest_url: target.into(),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        }));
        push_text(&text, start, end, events);
        events.push(Event::End(TagEnd::Link));
        shown = end;
    }
    if shown == 0 { events.push(Event::Text(text)) } else { push_text(&text, shown, text.len(), events) }
}

fn push_text(text: &str, start: usize, end: usize, events: &mut Vec<Event<'_>>) {
    if let Some(part) = text.get(start..end).filter(|part| !part.is_empty()) {
        events.push(Event::Text(CowStr::from(part.to_owned())));
    }
}

/// Where the next text that looks like an address starts and ends.
fn next_address(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut from = from;
    loop {
        let rest = text.get(from..)?;
        let is_start = |(at, _): &(usize, char)| {
            rest.get(*at..).is_some_and(|rest| STARTS.iter().any(|start| rest.starts_with(start)))
        };
        let (at, _) = rest.char_indices().filter(|(_, char)| matches!(char, 'h' | 'w')).find(is_start)?;
        let start = from + at;
        let address = text.get(start..)?;
        let length = address.find(|char: char| char.is_whitespace() || char == '<').unwrap_or(address.len());
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        // Within a word it is part of something else.
        if before.is_none_or(|before| before.is_whitespace() || "*_~(\"'“‘„«".contains(before)) {
            let end = start + address.get(..length).map_or(0, trimmed);
            return Some((start, end));
        }
        from = start + length.max(1);
    }
}

/// The length of an address without the punctuation that follows it in a sentence.
fn trimmed(address: &str) -> usize {
    let count = |kind| address.bytes().filter(|byte| *byte == kind).count();
    let (open, mut closed) = (count(b'('), count(b')'));
    let mut end = address.len();
    for char in address.chars().rev() {
        match char {
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' | '"' | '”' | '’' | '“' | '»' => {}
            // A parenthesis that is opened within the address belongs to it.
            ')' if closed > open => closed -= 1,
            _ => break,
        }
        end -= char.len_utf8();
    }
    end
}

/// Where the link leads, if this is an address of a host with a domain.
fn target(address: &str) -> Option<String> {
    let target = if address.starts_with("www.") { format!("http://{address}") } else { address.to_owned() };
    let url = Url::parse(&target).ok().filter(|_| target.len() <= MAX_ADDRESS)?;
    url.domain()?.trim_matches('.').contains('.').then_some(target)
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::html::push_html;

    use super::*;

    fn linked(text: &str) -> String {
        let (mut events, mut html) = (Vec::new(), String::new());
        push(text.into(), &mut events);
        push_html(&mut html, events.into_iter());
        html
    }

    #[test]
    fn addresses_are_linked_without_the_punctuation_around_them() {
        let link = |address: &str| format!("<a href=\"{address}\">{address}</a>");
        let a = link("https://a.example/b_c?d=e#f");
        for (text, expected) in [
            ("https://a.example/b_c?d=e#f", a.clone()),
            ("See https://a.example/b_c?d=e#f.", format!("See {a}.")),
            ("(https://a.example/b_c?d=e#f), and", format!("({a}), and")),
            ("http://a.example/b(c) d", format!("{} d", link("http://a.example/b(c)"))),
            ("www.a.example!", "<a href=\"http://www.a.example\">www.a.example</a>!".to_owned()),
            (
                "ü https://ü.example/ü https://b.example",
                format!(
                    "ü <a href=\"https://%C3%BC.example/%C3%BC\">https://ü.example/ü</a> {}",
                    link("https://b.example")
                ),
            ),
        ] {
            assert_eq!(linked(text), expected);
        }
    }

    #[test]
    fn other_texts_are_not_linked() {
        for text in [
            "https://",
            "http://a",
            "http://192.0.2.1/",
            "xhttps://a.example",
            "www.",
            "who",
            "h",
            "javascript://a.example",
            "ftp://a.example",
            "httpss://a.example",
        ] {
            assert_eq!(linked(text), text);
        }
    }

    #[test]
    fn nothing_leaves_the_attribute() {
        let html = linked("https://a.example/\"onclick=\"b https://a.example/<script>");
        assert_eq!(
            html,
            "<a href=\"https://a.example/%22onclick=%22b\">https://a.example/\"onclick=\"b</a> <a href=\"https://a.example/\">https://a.example/</a>&lt;script&gt;"
        );
    }
}
