//! A tree of elements, written by quick-xml, which escapes what they hold.

use crate::report::{LONGEST, plain};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use std::io;

/// An element with attributes and either text or children.
pub(super) struct Element {
    name: &'static str,
    attributes: Vec<(&'static str, String)>,
    text: Option<String>,
    children: Vec<Element>,
}

pub(super) fn element(name: &'static str) -> Element {
    Element { name, attributes: Vec::new(), text: None, children: Vec::new() }
}

impl Element {
    pub(super) fn with(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        self.attributes.push((name, plain(value.as_ref(), LONGEST)));
        self
    }

    /// Cleaned and shortened: it may be a stranger's.
    pub(super) fn text(mut self, text: impl AsRef<str>) -> Self {
        self.text = Some(plain(text.as_ref(), LONGEST));
        self
    }

    pub(super) fn base64(mut self, bytes: &[u8]) -> Self {
        self.text = Some(STANDARD.encode(bytes));
        self
    }

    pub(super) fn child(mut self, child: Element) -> Self {
        self.children.push(child);
        self
    }

    pub(super) fn maybe(self, child: Option<Element>) -> Self {
        self.all(child)
    }

    pub(super) fn all(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }

    pub(super) fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let mut start = BytesStart::new(self.name);
        self.attributes.iter().for_each(|(name, value)| start.push_attribute((*name, value.as_str())));
        if self.text.is_none() && self.children.is_empty() {
            return writer.write_event(Event::Empty(start));
        }
        writer.write_event(Event::Start(start))?;
        if let Some(text) = &self.text {
            writer.write_event(Event::Text(BytesText::new(text)))?;
        }
        self.children.iter().try_for_each(|child| child.write(writer))?;
        writer.write_event(Event::End(BytesEnd::new(self.name)))
    }
}
