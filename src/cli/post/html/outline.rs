//! The elements that have a counterpart in Markdown, well nested and not deep.

use std::mem;

/// The maximum depth of elements. The text of deeper ones is kept.
const MAX_DEPTH: usize = 32;

/// What an element means for the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Written as this element inside a paragraph.
    Inline(&'static str),
    /// Written as this element, which may contain others.
    Block(&'static str),
    /// Only separates paragraphs.
    Separator,
    /// Not shown by browsers, or not text.
    Hidden,
    /// Only its content matters.
    Transparent,
}

pub(super) fn kind(name: &str) -> Kind {
    match name {
        "a" => Kind::Inline("a"),
        "em" | "i" | "cite" | "dfn" | "var" => Kind::Inline("em"),
        "strong" | "b" => Kind::Inline("strong"),
        "del" | "s" | "strike" => Kind::Inline("del"),
        "code" | "kbd" | "samp" | "tt" => Kind::Inline("code"),
        "blockquote" => Kind::Block("blockquote"),
        "ul" | "menu" => Kind::Block("ul"),
        "ol" => Kind::Block("ol"),
        "li" => Kind::Block("li"),
        "pre" => Kind::Block("pre"),
        "table" => Kind::Block("table"),
        "tr" => Kind::Block("tr"),
        "td" | "th" => Kind::Block("td"),
        "h1" => Kind::Block("h1"),
        "h2" => Kind::Block("h2"),
        "h3" => Kind::Block("h3"),
        "h4" => Kind::Block("h4"),
        "h5" => Kind::Block("h5"),
        "h6" => Kind::Block("h6"),
        "p" | "div" | "section" | "article" | "aside" | "header" | "footer" | "main" | "nav" | "figure"
        | "figcaption" | "address" | "center" | "details" | "summary" | "dl" | "dt" | "dd" | "fieldset" | "legend"
        | "caption" | "form" => Kind::Separator,
        "script" | "style" | "template" | "iframe" | "object" | "svg" | "math" | "canvas" | "select" | "textarea"
        | "title" | "noembed" | "noframes" | "xmp" | "audio" | "video" => Kind::Hidden,
        _ => Kind::Transparent,
    }
}

/// HTML with elements that are open.
#[derive(Debug, Default)]
pub(super) struct Outline {
    html: String,
    open: Vec<&'static str>,
    /// Start tags that were left out for their depth and whose end tags are still to come.
    too_deep: usize,
    /// Whether the next text starts a paragraph.
    starts_paragraph: bool,
    /// Whether it starts a line.
    starts_line: bool,
    /// The number of rows of the open table.
    rows: usize,
    /// The number of tables that are open in its cells, of which only the text is kept.
    inner_tables: usize,
}

impl Outline {
    pub(super) fn contains(&self, name: &str) -> bool {
        self.open.contains(&name)
    }

    /// Whether the next text belongs to an element that cannot contain paragraphs.
    pub(super) fn is_in_line(&self) -> bool {
        self.open.iter().any(|name| matches!(*name, "a" | "pre" | "td" | "th") || is_heading(name))
    }

    pub(super) fn html(mut self) -> String {
        self.close_from(0);
        self.html
    }

    /// Writes markup or escaped text, in a paragraph if it needs one.
    pub(super) fn write(&mut self, text: &str) {
        if mem::take(&mut self.starts_line) && !self.starts_block() {
            self.html.push_str("<br>");
        }
        if self.starts_paragraph && !self.contains("p") && !self.is_in_line() {
            self.push("p", "");
        }
        self.starts_paragraph = false;
        if self.open.last().is_some_and(|name| *name == "pre") {
            self.push("code", "");
        }
        self.html.push_str(text);
    }

    /// Whether nothing was written since the start of the text, a block or a line.
    pub(super) fn starts_block(&self) -> bool {
        self.starts_paragraph
            || self.html.is_empty()
            || self.html.ends_with("<br>")
            || self.open.last().is_some_and(|name| is_block(name) && self.html.ends_with(&format!("<{name}>")))
    }

    pub(super) fn break_line(&mut self) {
        self.starts_line = true;
    }

    /// White space only matters between words, and in code.
    pub(super) fn space(&mut self, text: &str) {
        let is_between_parts = self.open.last().is_some_and(|name| matches!(*name, "ul" | "ol" | "table" | "tr"));
        if !text.is_empty() && !is_between_parts && !self.starts_block() {
            self.html.push(' ');
        }
    }

    /// Ends the paragraph, if there is one. What cannot contain paragraphs gets a space.
    pub(super) fn separate(&mut self) {
        self.starts_line = false;
        if let Some(place) = self.open.iter().rposition(|name| *name == "p") {
            self.close_from(place);
        } else if self.is_in_line() {
            self.html.push(if self.contains("pre") { '\n' } else { ' ' });
            return;
        } else if let Some(place) = self.open.iter().rposition(|name| is_block(name)) {
            self.close_from(place + 1);
        } else {
            self.close_from(0);
        }
        // The first paragraph of an item or a quote needs no element.
        self.starts_paragraph = !self.open.last().is_some_and(|name| self.html.ends_with(&format!("<{name}>")));
    }

    pub(super) fn start_inline(&mut self, name: &'static str, attributes: &str) {
        if self.contains("code") || self.is_too_deep() {
            return;
        }
        if name == "a" && self.contains("a") {
            self.end_inline("a");
        }
        if self.contains("pre") {
            if name == "code" && self.open.last() == Some(&"pre") {
                self.push("code", attributes);
            }
            return;
        }
        self.write("");
        // The converter takes long to join many elements.
        let end = format!("</{name}>");
        if name != "a" && self.html.ends_with(&end) {
            self.html.truncate(self.html.len() - end.len());
            self.open.push(name);
        } else {
            self.push(name, attributes);
        }
    }

    pub(super) fn end_inline(&mut self, name: &str) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let start = self.open.iter().rposition(|name| is_block(name)).map_or(0, |place| place + 1);
        let found = self.open.iter().rposition(|open| *open == name).filter(|place| *place >= start);
        if let Some(place) = found {
            self.close_from(place);
        }
    }

    pub(super) fn start_block(&mut self, name: &'static str, attributes: &str) {
        if name == "table" && self.contains("table") {
            self.inner_tables += 1;
            self.separate();
            return;
        }
        if is_heading(name) {
            self.end_heading();
        }
        if self.is_in_line() && !self.ends_paragraph_of_link() {
            self.separate();
            return;
        }
        self.separate();
        if self.is_too_deep() {
            return;
        }
        match name {
            "li" => self.end_item(),
            "table" => self.rows = 0,
            _ => {}
        }
        self.push(name, attributes);
        self.starts_paragraph = false;
    }

    /// The end of a block also ends what was left open in it.
    pub(super) fn end_block(&mut self, name: &str) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            self.separate();
            return;
        }
        if self.inner_tables > 0 && matches!(name, "table" | "tr" | "td") {
            self.inner_tables -= usize::from(name == "table");
            self.separate();
            return;
        }
        let is_it = |open: &str| open == name || (open == "th" && name == "td");
        let table = self.open.iter().rposition(|open| *open == "table").unwrap_or(0);
        let found = self.open.iter().rposition(|open| is_it(open)).filter(|place| *place >= table);
        if let Some(place) = found {
            self.close_from(place);
            self.starts_paragraph = true;
        }
    }

    /// Ends the item before the next one of the same list.
    fn end_item(&mut self) {
        let list = self.open.iter().rposition(|open| matches!(*open, "ul" | "ol"));
        match (list, self.open.iter().rposition(|open| *open == "li")) {
            (Some(list), Some(item)) if list < item => self.close_from(item),
            (None, _) => self.push("ul", ""),
            _ => {}
        }
    }

    fn end_heading(&mut self) {
        if let Some(place) = self.open.iter().rposition(|open| is_heading(open)) {
            self.close_from(place);
        }
    }

    pub(super) fn start_row(&mut self) {
        let table = self.open.iter().rposition(|open| *open == "table");
        let Some(table) = table.filter(|_| self.inner_tables == 0) else { return self.separate() };
        self.close_from(table + 1);
        self.rows += 1;
        self.push("tr", "");
        self.starts_paragraph = false;
    }

    /// Markdown has no tables without a head, so the first row is one.
    pub(super) fn start_cell(&mut self) {
        if self.inner_tables > 0 || !self.contains("table") {
            return self.separate();
        }
        match self.open.iter().rposition(|open| *open == "tr") {
            Some(row) => self.close_from(row + 1),
            None => self.start_row(),
        }
        self.push(if self.rows == 1 { "th" } else { "td" }, "");
        self.starts_paragraph = false;
    }

    /// Whether a link was left open in a paragraph that ends here.
    fn ends_paragraph_of_link(&self) -> bool {
        let paragraph = self.open.iter().rposition(|name| *name == "p");
        let link = self.open.iter().rposition(|name| *name == "a");
        paragraph.is_some() && paragraph < link
    }

    fn is_too_deep(&mut self) -> bool {
        let is_too_deep = self.open.len() >= MAX_DEPTH;
        self.too_deep += usize::from(is_too_deep);
        is_too_deep
    }

    fn push(&mut self, name: &'static str, attributes: &str) {
        for part in ["<", name, attributes, ">"] {
            self.html.push_str(part);
        }
        self.open.push(name);
    }

    fn close_from(&mut self, place: usize) {
        for name in self.open.drain(place.min(self.open.len())..).rev() {
            for part in ["</", name, ">"] {
                self.html.push_str(part);
            }
        }
    }
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

fn is_block(name: &str) -> bool {
    matches!(name, "p" | "blockquote" | "ul" | "ol" | "li" | "pre" | "table" | "tr" | "td" | "th") || is_heading(name)
}
