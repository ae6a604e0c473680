//! The XMP packet: PDF/A and PDF/UA identification, the same facts as the information dictionary, and a mirror of
//! the GB/T 36903 metadata with the extension schema that ISO 19005-3 §6.6.2.3 asks for.

use super::metadata::Pair;
use std::fmt::Write;

/// Namespace of our mirror of the GB/T 36903 keys.
pub(in crate::render) const NAMESPACE: &str = "https://yinzheng.example/ns/gbt36903/";

/// What the packet says.
pub(super) struct Packet<'a> {
    pub(super) title: &'a str,
    pub(super) author: &'a str,
    pub(super) creator_tool: &'a str,
    pub(super) producer: &'a str,
    /// RFC 3339 with +08:00.
    pub(super) instant: &'a str,
    pub(super) pairs: &'a [Pair],
}

const HEAD: &str = concat!(
    "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>",
    r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">"#
);
const TAIL: &str = r#"</rdf:RDF></x:xmpmeta><?xpacket end="r"?>"#;
const IDENTIFICATION: &str = r#"<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part></rdf:Description>"#;

impl Packet<'_> {
    pub(super) fn write(&self) -> String {
        let mut xmp = String::with_capacity(8 * 1024);
        xmp.push_str(HEAD);
        xmp.push_str(IDENTIFICATION);
        let (title, author, tool, producer, at) = (
            escaped(self.title),
            escaped(self.author),
            escaped(self.creator_tool),
            escaped(self.producer),
            self.instant,
        );
        // Writing to a String cannot fail.
        let _ = write!(
            xmp,
            r#"<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"><dc:format>application/pdf</dc:format><dc:language><rdf:Bag><rdf:li>zh-CN</rdf:li></rdf:Bag></dc:language><dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title><dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator><xmp:CreatorTool>{tool}</xmp:CreatorTool><xmp:CreateDate>{at}</xmp:CreateDate><xmp:ModifyDate>{at}</xmp:ModifyDate><xmp:MetadataDate>{at}</xmp:MetadataDate><pdf:Producer>{producer}</pdf:Producer></rdf:Description>"#
        );
        if !self.pairs.is_empty() {
            let _ = write!(xmp, r#"<rdf:Description rdf:about="" xmlns:gbt="{NAMESPACE}">"#);
            for pair in self.pairs {
                let _ = write!(xmp, "<gbt:{0}>{1}</gbt:{0}>", pair.key, escaped(&pair.value));
            }
            xmp.push_str("</rdf:Description>");
        }
        self.extension_schemas(&mut xmp);
        xmp.push_str(TAIL);
        xmp
    }

    fn extension_schemas(&self, xmp: &mut String) {
        xmp.push_str(r#"<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>"#);
        schema(
            xmp,
            "PDF/UA Universal Accessibility Schema",
            "http://www.aiim.org/pdfua/ns/id/",
            "pdfuaid",
            &[("part", "Integer", "internal", "Indicates, which part of ISO 14289 standard is followed")],
        );
        let properties: Vec<_> = self
            .pairs
            .iter()
            .map(|pair| (pair.key.as_str(), "Text", "external", pair.name.as_str()))
            .collect();
        if !properties.is_empty() {
            schema(xmp, "GB/T 36903-2018 electronic certificate metadata", NAMESPACE, "gbt", &properties);
        }
        xmp.push_str("</rdf:Bag></pdfaExtension:schemas></rdf:Description>");
    }
}

fn schema(
    xmp: &mut String,
    name: &str,
    namespace: &str,
    prefix: &str,
    properties: &[(&str, &str, &str, &str)],
) {
    let _ = write!(
        xmp,
        r#"<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{name}</pdfaSchema:schema><pdfaSchema:namespaceURI>{namespace}</pdfaSchema:namespaceURI><pdfaSchema:prefix>{prefix}</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>"#
    );
    for (name, kind, category, description) in properties {
        let _ = write!(
            xmp,
            r#"<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>{kind}</pdfaProperty:valueType><pdfaProperty:category>{category}</pdfaProperty:category><pdfaProperty:description>{}</pdfaProperty:description></rdf:li>"#,
            escaped(description)
        );
    }
    xmp.push_str("</rdf:Seq></pdfaSchema:property></rdf:li>");
}

/// Text for XML. Control characters never come here: applications refuse them.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
