//! WordPress' shortcodes: `[name key="value"]` and `[/name]`.

use std::borrow::Cow;

/// Those of WordPress itself. Others are recognized by what only shortcodes have.
const KNOWN: [&str; 7] = ["audio", "caption", "embed", "gallery", "playlist", "video", "wp_caption"];

/// The text without shortcodes; what they enclose is kept. Each is added to `left_out`.
pub(super) fn without<'t>(text: &'t str, left_out: &mut Vec<&'static str>) -> Cow<'t, str> {
    if !text.contains('[') {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('[') {
        kept.push_str(before);
        match shortcode(inside) {
            Some((name, is_end, after)) => {
                let kind =
                    if name == "gallery" { "galleries (their pictures are not in the text)" } else { "shortcodes" };
                left_out.extend((!is_end).then_some(kind));
                rest = after;
            }
            None => {
                kept.push('[');
                rest = inside;
            }
        }
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// The name of a shortcode that starts here, whether this is its end, and what follows.
fn shortcode(text: &str) -> Option<(&str, bool, &str)> {
    // No further than a line, so that brackets without an end take no time.
    let line = text.get(..text.find(['\n', '[']).unwrap_or(text.len()))?;
    let (tag, _) = line.split_once(']')?;
    let after = text.get(tag.len() + 1..)?;
    let (tag, is_end) = tag.strip_prefix('/').map_or((tag, false), |tag| (tag, true));
    let tag = tag.trim_end_matches('/');
    let (name, values) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let is_name = name.starts_with(|char: char| char.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let is_shortcode = is_end || KNOWN.contains(&name) || has_value(values);
    (is_name && is_shortcode).then_some((name, is_end, after))
}

fn has_value(text: &str) -> bool {
    text.split_once('=').is_some_and(|(_, value)| {
        value.starts_with(['"', '\'', '”', '″']) || value.starts_with(|char: char| char.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_shortcodes_are_removed() {
        for (text, kept, count) in [
            ("a [caption id=\"b\"]c[/caption] d", "a c d", 1),
            ("[gallery ids=\"1,2\"]", "", 1),
            ("[embed]https://e.example[/embed]", "https://e.example", 1),
            ("[contact-form-7 id=\"1\" title=\"a\"]", "", 1),
            ("He [sic] said [1] so [and more = better].", "He [sic] said [1] so [and more = better].", 0),
            ("[[[ [", "[[[ [", 0),
        ] {
            let mut left_out = Vec::new();
            assert_eq!((&*without(text, &mut left_out), left_out.len()), (kept, count));
        }
    }
}
