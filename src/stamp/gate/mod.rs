//! What could change the face of a document after it was sealed? Everything that the newest revision can reach is looked
//! at, object by object; nothing is drawn and nothing is changed.
//!
//! ISO 32000-1 §12.6 (actions), §12.7 (forms), §8.11 (optional content), §7.11 (external files), §9.6 (fonts); the list
//! follows what "Shadow Attacks" (NDSS 2021) and "Processing Dangerous Paths" (NDSS 2021) used. A link to a page of this
//! document or to an address changes nothing that is shown and is let through.

mod circles;
mod data;
mod drawn;
mod fonts;
mod gaps;
mod hidden;
mod shapes;
mod tree;

use crate::domain::plain::plain;
use crate::pdf::{Dict, File, Held, Irregularity, Object, ReadError, Reference, Text};
use std::collections::HashSet;

/// Hazards of one kind that are named; the rest says no more.
const NAMED: usize = 8;
/// Longest word of a stranger that is repeated, in characters.
const LONGEST_DETAIL: usize = 80;

/// What all streams may come to in bytes when their filters are undone.
const MOST_TOGETHER: usize = 256 << 20;
/// What is dangerous about a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Strings and streams are encrypted.
    Encrypted,
    /// It cannot be read to its end.
    Unreadable,
    /// A script.
    Script,
    /// An action that starts something, sends something or shows something else.
    Action,
    /// Layers that may be switched.
    OptionalContent,
    /// A form by XFA.
    Xfa,
    /// A field that may be filled, or whose look viewers make up themselves.
    Fillable,
    /// Sound, film, three-dimensional models.
    Media,
    /// A file inside the file.
    EmbeddedFile,
    /// Content that stands in another file.
    External,
    /// A font that is not inside: every machine shows another.
    FontNotEmbedded,
    /// An annotation without a look of its own, or with several.
    Appearance,
    /// A picture that has another one for printing, or a PostScript fragment.
    Alternate,
    /// Something that could be shown and is not: no part of the document leads to it.
    Unreferenced,
    /// Something that is used and not there: whoever adds it changes what is shown.
    Dangling,
    /// Data that grows beyond all measure when it is read.
    Bomb,
    /// Ink that depends on the device: a transfer function, a halftone.
    DeviceInk,
}

impl Kind {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Encrypted => "document.encrypted",
            Self::Unreadable => "document.unreadable",
            Self::Script => "gate.script",
            Self::Action => "gate.action",
            Self::OptionalContent => "gate.optional_content",
            Self::Xfa => "gate.xfa",
            Self::Fillable => "gate.fillable",
            Self::Media => "gate.media",
            Self::EmbeddedFile => "gate.embedded_file",
            Self::External => "gate.external",
            Self::FontNotEmbedded => "gate.font_not_embedded",
            Self::Appearance => "gate.appearance",
            Self::Alternate => "gate.alternate",
            Self::Unreferenced => "gate.unreferenced",
            Self::Dangling => "gate.dangling",
            Self::Bomb => "gate.bomb",
            Self::DeviceInk => "gate.device_ink",
        }
    }

    /// In 中文 and English.
    #[must_use]
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Encrypted => ("文件已加密", "the document is encrypted"),
            Self::Unreadable => ("文件不能完整读出", "the document cannot be read to its end"),
            Self::Script => ("含有脚本", "it holds a script"),
            Self::Action => {
                ("含有会启动、发送或跳转的动作", "it holds an action that starts, sends or opens something")
            }
            Self::OptionalContent => ("含有可开关的图层", "it holds layers that may be switched"),
            Self::Xfa => ("含有 XFA 表单", "it holds a form by XFA"),
            Self::Fillable => ("含有可填写的表单域", "it holds a field that may be filled"),
            Self::Media => ("含有多媒体", "it holds sound, film or a model"),
            Self::EmbeddedFile => ("含有附件", "a file is embedded in it"),
            Self::External => ("引用了外部文件", "it refers to content in another file"),
            Self::FontNotEmbedded => {
                ("字体未嵌入,各台机器显示不同", "a font is not embedded: every machine shows another")
            }
            Self::Appearance => ("批注没有固定的外观", "an annotation has no look of its own, or several"),
            Self::Unreferenced => (
                "藏有未被引用的页面、批注或图形",
                "a page, annotation or form lies in it that nothing leads to",
            ),
            Self::Dangling => ("用到的对象不在文件里", "something that it uses is not in the file"),
            Self::Bomb => ("含有展开后过大的数据", "data in it grows beyond all measure when it is read"),
            Self::DeviceInk => (
                "颜色随设备而变(传递函数、半色调)",
                "its ink depends on the device: a transfer function or a halftone",
            ),
            Self::Alternate => (
                "图像另有打印版本,或含 PostScript",
                "a picture has another one for printing, or is PostScript",
            ),
        }
    }
}

/// One hazard and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hazard {
    /// What it is.
    pub kind: Kind,
    /// Number of the object; `None` for the document as a whole.
    pub object: Option<u32>,
    /// What stands there: a font's name, the name of an action.
    pub detail: String,
}

/// Whether what hangs below is looked at as something that pages show.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Through {
    /// The pages.
    Pages,
    /// The form's own resources: fonts for filling, which no page shows.
    FormResources,
    /// The rest.
    Rest,
}

struct Walk<'f, 'a> {
    file: &'f File<'a>,
    seen: HashSet<Reference>,
    stack: Vec<(Reference, Through)>,
    found: Vec<Hazard>,
    /// Bytes that may still be inflated.
    left: usize,
    /// Pixels of the pictures that were met.
    pixels: i64,
    /// The pages, in the order of their tree.
    leaves: Vec<Reference>,
}

/// Everything that could change the face of the document, in the order met; empty: nothing could.
#[must_use]
pub fn hazards(file: &File<'_>) -> Vec<Hazard> {
    let whole = |kind, detail: String| vec![Hazard { kind, object: None, detail }];
    if file.is_encrypted() {
        return whole(Kind::Encrypted, String::new());
    }
    let mut walk = Walk {
        file,
        seen: HashSet::new(),
        stack: Vec::new(),
        found: Vec::new(),
        left: MOST_TOGETHER,
        pixels: 0,
        leaves: Vec::new(),
    };
    match walk.run() {
        Ok(()) => walk.found,
        Err(why) => whole(Kind::Unreadable, format!("{why:?}")),
    }
}

/// An entry of a graphics state that is not the device's own way (Table 58).
fn is_ink(dict: &Dict, value: &Object) -> bool {
    let own = matches!(value.as_name(), Some(b"Default" | b"Identity"));
    // A soft mask has a transfer function of its own, which every device draws alike (Table 144).
    dict.find(b"S").is_none() && !own && !matches!(value, Object::Null)
}

impl Walk<'_, '_> {
    fn run(&mut self) -> Result<(), ReadError> {
        let newest = self.file.newest();
        let catalog = self.file.catalog(newest)?;
        self.seen.insert(catalog.reference);
        if let Some(root) = catalog.value.as_dict() {
            self.catalog(root, catalog.reference.number)?;
            self.trees(root)?;
        }
        while let Some((reference, through)) = self.stack.pop() {
            if !self.seen.insert(reference) {
                continue;
            }
            let Some(object) = self.file.object(reference, newest)? else {
                // Some readers do not mind the generation and show what we do not.
                if self.file.by_number(reference.number, newest)?.is_some() {
                    self.note(Kind::Unreadable, reference.number, b"generation");
                }
                continue;
            };
            self.file.compared(1)?;
            // An object is a value, not the way to another one (§7.3.10).
            if object.value.as_reference().is_some() {
                self.note(Kind::Unreadable, reference.number, b"R");
            }
            if object.data_at.is_some()
                && let Some(dict) = object.value.as_dict()
            {
                self.stream(dict, reference.number)?;
                self.parameters(dict, reference.number)?;
                self.growth(&object, dict)?;
                self.machine(&object, dict)?;
                // Where it ends must not be for each reader to guess.
                match self.file.raw_data(&object, newest) {
                    Err(_) => self.note(Kind::Unreadable, reference.number, b"Length"),
                    Ok((data, _)) => self.within(data, reference.number),
                }
            }
            self.value(&object.value, reference.number, through)?;
        }
        let doubled = |note: &Irregularity| matches!(note, Irregularity::DuplicateKey { .. });
        if self.file.irregularities().iter().any(doubled) {
            self.found.push(Hazard { kind: Kind::Unreadable, object: None, detail: "key".to_owned() });
        }
        self.drawn()?;
        self.gaps()?;
        self.tail();
        self.sizes();
        self.extended()?;
        self.hidden()
    }

    /// A name, wherever it stands.
    fn named(&self, dict: &Dict, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        let held = dict.find(key).map(|value| self.file.resolve(value, self.file.newest())).transpose()?;
        Ok(held.and_then(|held| held.as_name().map(<[u8]>::to_vec)))
    }

    fn note(&mut self, kind: Kind, object: u32, detail: &[u8]) {
        if self.found.iter().filter(|hazard| hazard.kind == kind).count() < NAMED {
            let detail = plain(&String::from_utf8_lossy(detail), LONGEST_DETAIL);
            self.found.push(Hazard { kind, object: Some(object), detail });
        }
    }

    fn catalog(&mut self, root: &Dict, number: u32) -> Result<(), ReadError> {
        // The pages first: what they share with the rest is theirs.
        for (key, value) in root.iter() {
            if value.as_reference().is_some()
                && matches!(self.file.resolve(value, self.file.newest())?, Held::Nothing)
            {
                self.note(Kind::Dangling, number, key);
            }
            match key {
                b"OCProperties" => self.note(Kind::OptionalContent, number, key),
                b"AcroForm" => {
                    let form = self.file.resolve(value, self.file.newest())?;
                    if let Some(form) = form.as_dict() {
                        self.form(form, number)?;
                    }
                }
                b"OpenAction" => {
                    let action = self.file.resolve(value, self.file.newest())?;
                    // An array is the page to begin with.
                    if let Some(action) = action.as_dict()
                        && (self.named(action, b"S")?.as_deref() != Some(b"GoTo")
                            || action.find(b"Next").is_some())
                    {
                        self.note(Kind::Action, number, key);
                    }
                    self.value(value, number, Through::Rest)?;
                }
                b"Collection" => self.note(Kind::EmbeddedFile, number, key),
                b"Names" => {
                    let names = self.file.resolve(value, self.file.newest())?;
                    if let Some(names) = names.as_dict() {
                        self.names(names, number);
                    }
                    self.value(value, number, Through::Rest)?;
                }
                b"URI" => self.base(value, number)?,
                b"Pages" => self.page_tree(value, number)?,
                b"ViewerPreferences" => {
                    self.preferences(value, number)?;
                    self.value(value, number, Through::Rest)?;
                }
                _ => self.value(value, number, Through::Rest)?,
            }
        }
        if let Some(pages) = root.find(b"Pages") {
            self.value(pages, number, Through::Pages)?;
        }
        Ok(())
    }

    fn form(&mut self, form: &Dict, number: u32) -> Result<(), ReadError> {
        for (key, value) in form.iter() {
            match key {
                b"XFA" => self.note(Kind::Xfa, number, key),
                b"NeedAppearances" => {
                    if matches!(*self.file.resolve(value, self.file.newest())?, Object::Bool(true)) {
                        self.note(Kind::Fillable, number, key);
                    }
                }
                b"DR" => self.value(value, number, Through::FormResources)?,
                b"Fields" => self.value(value, number, Through::Rest)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// A value with what is directly inside it; what it refers to is put on the stack.
    fn value(&mut self, value: &Object, number: u32, through: Through) -> Result<(), ReadError> {
        match value {
            Object::Reference(reference) if !self.seen.contains(reference) => {
                self.stack.push((*reference, through));
            }
            Object::Array(items) => {
                self.file.compared(items.len())?;
                self.space(items, number)?;
                for item in items {
                    self.value(item, number, through)?;
                }
            }
            Object::Dict(dict) => self.dict(dict, number, through)?,
            _ => {}
        }
        Ok(())
    }

    fn dict(&mut self, dict: &Dict, number: u32, through: Through) -> Result<(), ReadError> {
        self.file.compared(dict.iter().count())?;
        self.action(dict, number)?;
        // Readers do not mind what a dictionary says that it is, but where it hangs and what it holds.
        let subtype = self.named(dict, b"Subtype")?;
        let font = [b"Type1".as_slice(), b"TrueType", b"MMType1", b"CIDFontType0", b"CIDFontType2"];
        if through != Through::FormResources
            && dict.find(b"BaseFont").is_some()
            && subtype.as_deref().is_some_and(|subtype| font.contains(&subtype))
        {
            self.font(dict, number)?;
        }
        if matches!(self.named(dict, b"Type")?.as_deref(), Some(b"OCG" | b"OCMD")) {
            self.note(Kind::OptionalContent, number, b"OC");
        }
        if dict.find(b"Rect").is_some() && subtype.is_some() {
            self.annotation(dict, number)?;
        }
        // Whatever it says that it is.
        if dict.find(b"EF").is_some() {
            self.embedded(dict, number)?;
        }
        if dict.find(b"FunctionType").is_some() {
            self.function(dict, number)?;
        }
        self.field(dict, number)?;
        for (key, value) in dict.iter() {
            match key {
                b"JS" => self.note(Kind::Script, number, key),
                b"AA" => self.note(Kind::Action, number, key),
                b"OC" => self.note(Kind::OptionalContent, number, key),
                b"RichMediaContent" | b"3DD" => self.note(Kind::Media, number, key),
                b"Ref" if subtype.as_deref() == Some(b"Form") => self.note(Kind::External, number, key),
                b"OPI" | b"DestOutputProfileRef" => self.note(Kind::External, number, key),
                b"TR" | b"TR2" | b"HT" | b"BG" | b"BG2" | b"UCR" | b"UCR2" if is_ink(dict, value) => {
                    self.note(Kind::DeviceInk, number, key)
                }
                b"Alternates" => self.note(Kind::Alternate, number, key),
                _ => {}
            }
            self.value(value, number, through)?;
        }
        Ok(())
    }

    /// A dictionary that may be an action (§12.6.4). Going to a place or to an address of the web shows nothing else here.
    fn action(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        let Some(name) = self.named(dict, b"S")? else { return Ok(()) };
        match name.as_slice() {
            b"JavaScript" | b"Rendition" => self.note(Kind::Script, number, b"S"),
            b"Launch" | b"GoToR" | b"GoToE" | b"SubmitForm" | b"ImportData" | b"ResetForm" | b"Hide"
            | b"SetOCGState" | b"Sound" | b"Movie" | b"GoTo3DView" | b"Trans" | b"Thread" | b"GoToDp"
            | b"RichMediaExecute"
                if dict.name(b"Type") != Some(b"StructElem") =>
            {
                self.note(Kind::Action, number, &name)
            }
            b"Named" => {
                let pages = [b"NextPage".as_slice(), b"PrevPage", b"FirstPage", b"LastPage"];
                if !self.named(dict, b"N")?.is_some_and(|name| pages.contains(&name.as_slice())) {
                    self.note(Kind::Action, number, b"Named");
                }
            }
            b"URI" => {
                let held = dict
                    .find(b"URI")
                    .map(|address| self.file.resolve(address, self.file.newest()))
                    .transpose()?;
                let address = held.and_then(|held| held.as_text().map(Text::display)).unwrap_or_default();
                let address = address.trim().to_ascii_lowercase();
                let web =
                    ["http://", "https://", "mailto:", "tel:"].iter().any(|known| address.starts_with(known));
                if !web && (address.contains(':') || address.starts_with(['\\', '/'])) {
                    self.note(Kind::Action, number, b"URI");
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn stream(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        if dict.find(b"F").is_some() || dict.find(b"FFilter").is_some() {
            self.note(Kind::External, number, b"F");
        }
        for key in [b"Subtype".as_slice(), b"Subtype2"] {
            if self.named(dict, key)?.as_deref() == Some(b"PS") {
                self.note(Kind::Alternate, number, b"PS");
            }
        }
        Ok(())
    }

    /// Files that PDF/A-3 declares (§6.8 of ISO 19005-3) change nothing that is shown.
    fn embedded(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        let mut sound = dict.name(b"AFRelationship").is_some();
        for key in [b"F".as_slice(), b"UF"] {
            let held = dict.find(key).map(|name| self.file.resolve(name, self.file.newest())).transpose()?;
            let name = held.and_then(|held| held.as_text().map(Text::display)).unwrap_or_default();
            sound &= shapes::is_plain_name(&name);
        }
        if !sound {
            self.note(Kind::EmbeddedFile, number, b"EF");
        }
        Ok(())
    }

    fn field(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        const READ_ONLY: i64 = 1;
        let kind = self.named(dict, b"FT")?;
        let held = dict.find(b"Ff").map(|flags| self.file.resolve(flags, self.file.newest())).transpose()?;
        let flags = held.and_then(|held| held.as_integer());
        let open = flags.unwrap_or(0) & READ_ONLY == 0;
        match kind.as_deref() {
            // An empty field for a signature is there to be signed.
            Some(b"Sig") => {}
            Some(kind) if open => self.note(Kind::Fillable, number, kind),
            // A kid says otherwise than its parent. What a seed value demands has the same key.
            None if open
                && flags.is_some()
                && (dict.find(b"Parent").is_some() || dict.find(b"T").is_some()) =>
            {
                self.note(Kind::Fillable, number, b"Ff")
            }
            _ => {}
        }
        Ok(())
    }

    fn annotation(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        let subtype = self.named(dict, b"Subtype")?.unwrap_or_default();
        let subtype = subtype.as_slice();
        match subtype {
            b"Screen" | b"Movie" | b"Sound" | b"RichMedia" | b"3D" => self.note(Kind::Media, number, subtype),
            b"FileAttachment" => self.note(Kind::EmbeddedFile, number, subtype),
            b"Link" | b"Popup" => return self.unseen(dict, number),
            b"Watermark" | b"TrapNet" | b"PrinterMark" | b"Redact" => {
                self.note(Kind::Appearance, number, subtype);
            }
            _ => self.flags(dict, number)?,
        }
        let looks = dict.find(b"AP").map(|looks| self.file.resolve(looks, self.file.newest())).transpose()?;
        let normal = looks.as_deref().and_then(Object::as_dict).and_then(|looks| looks.find(b"N"));
        let normal = normal.map(|normal| self.file.resolve(normal, self.file.newest())).transpose()?;
        if let Some(Held::There(look)) = &normal
            && dict.find(b"V").is_none()
            && self.named(dict, b"FT")?.as_deref() == Some(b"Sig")
        {
            self.looks_signed(look)?;
        }
        let fixed = match normal {
            Some(Held::There(object)) => object.data_at.is_some(),
            Some(_) => false,
            // A widget without a look shows nothing, unless its viewer makes one up.
            None => {
                let signs = self.named(dict, b"FT")?.as_deref() == Some(b"Sig");
                subtype == b"Widget" && dict.find(b"MK").is_none() && (signs || dict.find(b"V").is_none())
            }
        };
        let several = looks
            .as_deref()
            .and_then(Object::as_dict)
            .is_some_and(|looks| looks.find(b"R").is_some() || looks.find(b"D").is_some());
        if !fixed || several {
            self.note(Kind::Appearance, number, subtype);
        }
        Ok(())
    }
}
