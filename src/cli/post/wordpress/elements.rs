//! Reads XML element by element.

use std::io::{self, BufRead, Read};

use anyhow::{anyhow, bail};
use quick_xml::{Reader, XmlVersion, escape::resolve_predefined_entity, events::Event};

/// The maximum number of bytes of a text.
const MAX_TEXT: usize = 16 << 20;

/// The maximum depth of elements.
const MAX_DEPTH: usize = 64;

/// An element has started or ended.
#[derive(Debug)]
pub(super) enum Element {
    Start(String),
    /// With the text that was in it, without that of its elements.
    End(String, String),
}

/// The elements of a file. No entity is defined, so a text is not longer than it is in the file, and only one is in memory.
pub(super) struct Elements<R> {
    reader: Reader<Counted<R>>,
    buffer: Vec<u8>,
    text: String,
    depth: usize,
    /// The end of an element without content, which is still to come.
    empty: Option<String>,
}

impl<R: BufRead> Elements<R> {
    pub(super) fn new(source: R) -> Self {
        let reader = Reader::from_reader(Counted { source, lines: 1 });
        Self { reader, buffer: Vec::new(), text: String::new(), depth: 0, empty: None }
    }

    /// The line that was read last.
    pub(super) fn line(&self) -> usize {
        self.reader.get_ref().lines
    }

    /// # Errors
    /// The file is not XML, or has what a WXR file never has, such as definitions of entities.
    pub(super) fn next(&mut self) -> anyhow::Result<Option<Element>> {
        let next = self.read();
        next.map_err(|error| anyhow!("line {}: {error}", self.line()))
    }

    fn read(&mut self) -> anyhow::Result<Option<Element>> {
        if let Some(name) = self.empty.take() {
            return Ok(Some(Element::End(name, String::new())));
        }
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer)? {
                Event::Start(start) => {
                    self.text.clear();
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        bail!("elements are nested more than {MAX_DEPTH} deep");
                    }
                    return Ok(Some(Element::Start(start.name().as_ref().to_owned())));
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    let name = end.name().as_ref().to_owned();
                    return Ok(Some(Element::End(name, std::mem::take(&mut self.text))));
                }
                Event::Empty(element) => {
                    let name = element.name().as_ref().to_owned();
                    self.empty = Some(name.clone());
                    return Ok(Some(Element::Start(name)));
                }
                Event::Text(text) => self.text.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::CData(text) => self.text.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::GeneralRef(reference) => match (reference.resolve_char_ref()?, reference.into_inner()) {
                    (Some(char), _) => self.text.push(char),
                    (None, name) => match resolve_predefined_entity(&name) {
                        Some(text) => self.text.push_str(text),
                        None => bail!("the entity &{name}; is not defined"),
                    },
                },
                Event::DocType(_) => bail!("a document type is not allowed"),
                Event::Eof if self.depth > 0 => bail!("the file ends in the middle"),
                Event::Eof => return Ok(None),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
            if self.text.len() > MAX_TEXT {
                bail!("a text has more than {MAX_TEXT} bytes");
            }
        }
    }
}

/// Counts lines.
struct Counted<R> {
    source: R,
    lines: usize,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.lines += buffer.iter().take(length).filter(|byte| **byte == b'\n').count();
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.source.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        let read = self.source.fill_buf().unwrap_or_default();
        self.lines += read.iter().take(amount).filter(|byte| **byte == b'\n').count();
        self.source.consume(amount);
    }
}
