//! Reads HTML tag by tag, and keeps what Markdown can say.

use std::{cell::RefCell, fmt::Write as _, mem};

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, states::RawKind};

use super::{
    outline::{Kind, Outline, kind},
    shortcodes,
};
use crate::cli::post::left_out::LeftOut;

/// How the text of a body is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli::post) enum Style {
    /// As browsers read it.
    Html,
    /// As WordPress stores it: blank lines separate paragraphs, unless the text has blocks, and shortcodes are in brackets.
    WordPress,
}

/// Writes what it is fed to an outline.
pub(super) struct Cleaner(RefCell<State>);

struct State {
    style: Style,
    /// Whether blank lines separate paragraphs.
    has_paragraphs: bool,
    outline: Outline,
    /// The text since the last tag, which the tokenizer splits at entities.
    text: String,
    /// The element whose content is skipped, and how many of the same name are open in it.
    hidden: Option<(String, usize)>,
    left_out: Vec<&'static str>,
}

impl Cleaner {
    pub(super) fn new(style: Style, has_paragraphs: bool) -> Self {
        let outline = Outline::default();
        Self(RefCell::new(State {
            style,
            has_paragraphs,
            outline,
            text: String::new(),
            hidden: None,
            left_out: Vec::new(),
        }))
    }

    pub(super) fn finish(self, left_out: &mut LeftOut) -> String {
        let mut state = self.0.into_inner();
        state.flush();
        state.left_out.into_iter().for_each(|kind| left_out.count(kind));
        state.outline.html()
    }
}

impl TokenSink for Cleaner {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return state.start(&tag),
            Token::TagToken(tag) => state.end(&tag.name),
            Token::CharacterTokens(text) if state.hidden.is_none() => state.text.push_str(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State {
    fn flush(&mut self) {
        let text = mem::take(&mut self.text);
        if !text.is_empty() {
            self.text(&text);
        }
    }

    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        self.flush();
        let name: &str = &tag.name;
        if let Some((hidden, depth)) = &mut self.hidden {
            if hidden == name {
                *depth += 1;
            } else if name == "source" && matches!(hidden.as_str(), "audio" | "video") {
                self.link_to_source(tag);
            }
            return TokenSinkResult::Continue;
        }
        self.count(tag);
        match kind(name) {
            Kind::Block("tr") => self.outline.start_row(),
            Kind::Block("td") => self.outline.start_cell(),
            Kind::Block(block) => self.outline.start_block(block, &block_attributes(block, tag)),
            Kind::Inline("a") => {
                if let Some(address) = address(tag, "href") {
                    self.outline.start_inline("a", &format!(" href=\"{address}\""));
                }
            }
            Kind::Inline(inline) => self.outline.start_inline(inline, &language(tag)),
            Kind::Separator => self.outline.separate(),
            Kind::Hidden if tag.self_closing && matches!(name, "svg" | "math") => {}
            Kind::Hidden => return self.hide(tag),
            Kind::Transparent => self.void(tag),
        }
        TokenSinkResult::Continue
    }

    fn end(&mut self, name: &str) {
        self.flush();
        if let Some((hidden, depth)) = &mut self.hidden {
            match depth {
                _ if hidden != name => {}
                0 => self.hidden = None,
                _ => *depth -= 1,
            }
            return;
        }
        match kind(name) {
            Kind::Block(block) => self.outline.end_block(block),
            Kind::Inline(inline) => self.outline.end_inline(inline),
            Kind::Separator => self.outline.separate(),
            Kind::Hidden | Kind::Transparent => {}
        }
    }

    fn hide(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        self.link_to_source(tag);
        self.hidden = Some((tag.name.to_string(), 0));
        TokenSinkResult::RawData(match &*tag.name {
            "script" => RawKind::ScriptData,
            "style" | "iframe" | "xmp" | "noembed" | "noframes" => RawKind::Rawtext,
            "textarea" | "title" => RawKind::Rcdata,
            _ => return TokenSinkResult::Continue,
        })
    }

    /// A link takes the place of what Markdown cannot embed.
    fn link_to_source(&mut self, tag: &Tag) {
        let source = address(tag, "src").filter(|_| matches!(&*tag.name, "iframe" | "audio" | "video" | "source"));
        if let Some(source) = source {
            self.outline.separate();
            self.outline.start_inline("a", &format!(" href=\"{source}\""));
            self.outline.write(&source);
            self.outline.end_inline("a");
            self.outline.separate();
        }
    }

    /// Elements without content.
    fn void(&mut self, tag: &Tag) {
        match &*tag.name {
            "br" if self.outline.is_in_line() => self.outline.separate(),
            "br" => self.outline.write("<br>"),
            "hr" => {
                self.outline.start_block("hr", "");
                self.outline.end_block("hr");
            }
            "img" => {
                let Some(source) = address(tag, "src") else { return };
                let description = attribute(tag, "alt").unwrap_or_default().replace('[', "(").replace(']', ")");
                let mut image = format!("<img src=\"{source}\" alt=\"");
                push_escaped(&mut image, &description.replace(['\\', '`', '<'], " "));
                image.push_str("\">");
                self.outline.write(&image);
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let text = match self.style {
            Style::WordPress if !self.outline.contains("code") && !self.outline.contains("pre") => {
                shortcodes::without(text, &mut self.left_out)
            }
            _ => text.into(),
        };
        if !self.has_paragraphs || self.outline.is_in_line() || self.outline.contains("code") {
            return self.words(&text);
        }
        let text = text.replace("\r\n", "\n");
        for (number, paragraph) in text.split("\n\n").enumerate() {
            if number > 0 {
                self.outline.separate();
            }
            for (number, line) in paragraph.split('\n').enumerate() {
                if number > 0 {
                    self.outline.break_line();
                }
                self.words(line);
            }
        }
    }

    fn words(&mut self, text: &str) {
        let is_verbatim = self.outline.contains("pre") || self.outline.contains("code");
        if !is_verbatim && text.trim().is_empty() {
            return self.outline.space(text);
        }
        let mut escaped = String::with_capacity(text.len());
        match is_verbatim {
            true if self.outline.contains("pre") => push_escaped(&mut escaped, text),
            // A blank line would end the paragraph, and the code with it.
            true => push_escaped(&mut escaped, &text.replace(['\n', '\r'], " ")),
            false => push_escaped(&mut escaped, &literal(text)),
        }
        self.outline.write(&escaped);
    }

    /// Counts what loses more than its look.
    fn count(&mut self, tag: &Tag) {
        let classes = attribute(tag, "class").unwrap_or_default();
        let has = |class: &str| classes.split_ascii_whitespace().any(|name| name == class);
        let kept = ["kg-image-card", "kg-code-card", "kg-embed-card", "kg-video-card", "kg-audio-card"];
        self.left_out.extend(match &*tag.name {
            "script" => Some("scripts"),
            "iframe" | "object" | "embed" | "audio" | "video" => Some("embeds (now links)"),
            "form" => Some("forms"),
            _ if has("kg-gallery-card") || has("wp-block-gallery") => Some("galleries (now single pictures)"),
            _ if has("kg-card") && !kept.into_iter().any(has) => Some("cards (only their text is kept)"),
            _ => None,
        });
    }
}

fn attribute<'t>(tag: &'t Tag, name: &str) -> Option<&'t str> {
    tag.attrs.iter().find(|attribute| *attribute.name.local == *name).map(|attribute| &*attribute.value)
}

/// An address as it can be written in an attribute and in Markdown. Inlined files have none, and places in the text are lost.
fn address(tag: &Tag, name: &str) -> Option<String> {
    let text = attribute(tag, name)?.trim();
    if text.is_empty() || text.starts_with("data:") || text.starts_with('#') {
        return None;
    }
    let mut address = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => address.push_str("&amp;"),
            '<' | '>' | '"' | '\'' | '\\' | '`' | '(' | ')' | '[' | ']' | '*' | ' ' => {
                let _ = write!(address, "%{:02X}", u32::from(char));
            }
            char if char.is_control() => {}
            char => address.push(char),
        }
    }
    Some(address)
}

fn block_attributes(name: &str, tag: &Tag) -> String {
    let start = attribute(tag, "start").filter(|_| name == "ol").and_then(|start| start.parse::<u32>().ok());
    start.map_or_else(
        || if name == "pre" { language(tag) } else { String::new() },
        |start| format!(" start=\"{start}\""),
    )
}

fn language(tag: &Tag) -> String {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "-+#_.".contains(char);
    let classes = attribute(tag, "class").unwrap_or_default().split_ascii_whitespace();
    let mut names = classes.filter(|class| class.starts_with("language-") && class.chars().all(is_plain));
    names.next().map(|name| format!(" class=\"{name}\"")).unwrap_or_default()
}

fn push_escaped(escaped: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\0' => {}
            char => escaped.push(char),
        }
    }
}

/// Escapes what the converter leaves as Markdown: entities and strikethrough.
fn literal(text: &str) -> String {
    let mut pieces = text.split('&');
    let mut literal = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        literal.push_str(if is_entity(piece) { "&amp;" } else { "&" });
        literal.push_str(piece);
    }
    literal.replace("~~", "&#126;&#126;")
}

/// Whether the text starts with the name of a character and a semicolon.
fn is_entity(text: &str) -> bool {
    let text = text.strip_prefix('#').unwrap_or(text);
    let length = text.bytes().take(33).take_while(u8::is_ascii_alphanumeric).count();
    length > 0 && text.as_bytes().get(length) == Some(&b';')
}
