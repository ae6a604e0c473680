//! What pages draw, followed through the names that their content uses: forms, patterns, glyphs, masks, fonts, pictures.
//!
//! Contents are read for their signs, not drawn. What is not there, what draws itself, what is drawn beyond all measure and
//! what only some readers can take apart is told of.

use super::{Kind, Walk};
use crate::pdf::{Dict, Held, Indirect, Object, ReadError, Reference, Sign, Signs, plain_name};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// Octets of one content, decoded.
const MOST_CONTENT: usize = 64 << 20;
/// Of all contents together.
const MOST_TOGETHER: usize = 192 << 20;
/// Contents inside one another.
const DEEPEST: usize = 40;
/// Forms, patterns and glyphs drawn on one page, each as often as it is drawn.
const MOST_DRAWN: u64 = 20_000_000;
/// Graphics states, marks and arrays inside one another: Annex C asks for 28 of the first.
const MOST_NESTED: usize = 2048;
/// Pixels of a picture that stands in the contents themselves.
const MOST_INLINE: f64 = 1e8;
/// The shortest dash, in units; and tiles, by their steps.
const SHORTEST_DASH: f64 = 1e-4;
const SMALLEST_TILE: f64 = 1e-4;
/// Boxes of transparent groups, in units.
const WIDEST_GROUP: f64 = 1e7;

/// Where a name is looked for among resources.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Form,
    Font,
    State,
    Pattern,
    Shading,
}

impl Sort {
    fn key(self) -> &'static [u8] {
        match self {
            Self::Form => b"XObject",
            Self::Font => b"Font",
            Self::State => b"ExtGState",
            Self::Pattern => b"Pattern",
            Self::Shading => b"Shading",
        }
    }
}

/// What content uses, and how often.
#[derive(Default)]
struct Uses {
    names: BTreeMap<(Sort, Vec<u8>), u64>,
    /// Whether it paints with no ink at all: white, or nothing where ink is printed over.
    inkless: bool,
    /// What is wrong with the content itself.
    bomb: Option<&'static [u8]>,
}

/// How far a content was followed.
enum Followed {
    Open,
    Done(u64),
}

/// The contents that were met.
#[derive(Default)]
pub(super) struct Drawn {
    followed: HashMap<Reference, Followed>,
    together: usize,
    fonts: BTreeSet<Reference>,
}

/// Content as it is read, sign by sign.
#[derive(Default)]
struct Reading<'c> {
    found: Uses,
    states: usize,
    marks: usize,
    arrays: usize,
    name: &'c [u8],
    numbers: Vec<f64>,
    /// Width and height of an inline picture whose head is being read.
    picture: Option<(f64, f64)>,
}

impl<'c> Reading<'c> {
    fn sign(&mut self, sign: Sign<'c>) {
        match sign {
            Sign::Name(written) => self.name = written,
            Sign::Number(number) => self.number(number),
            Sign::Open => self.arrays = self.arrays.saturating_add(1),
            Sign::Close => self.arrays = self.arrays.saturating_sub(1),
            Sign::Word(word) => {
                self.operator(word);
                (self.name, self.arrays) = (b"", 0);
                self.numbers.clear();
            }
        }
        if self.states.max(self.marks).max(self.arrays) > MOST_NESTED {
            self.found.bomb = Some(b"q");
        }
    }

    fn number(&mut self, number: f64) {
        match (&mut self.picture, self.name) {
            (Some((width, _)), b"W" | b"Width") => *width = number,
            (Some((_, height)), b"H" | b"Height") => *height = number,
            _ if self.numbers.len() < 16 => self.numbers.push(number),
            _ => {}
        }
    }

    fn operator(&mut self, word: &[u8]) {
        let sort = match word {
            b"Do" => Some(Sort::Form),
            b"Tf" => Some(Sort::Font),
            b"gs" => Some(Sort::State),
            b"scn" | b"SCN" if !self.name.is_empty() => Some(Sort::Pattern),
            b"sh" => Some(Sort::Shading),
            _ => None,
        };
        if let Some(sort) = sort {
            let count = self.found.names.entry((sort, plain_name(self.name).into_owned())).or_default();
            *count = count.saturating_add(1);
        }
        match word {
            b"q" => self.states = self.states.saturating_add(1),
            b"Q" => self.states = self.states.saturating_sub(1),
            b"BMC" | b"BDC" => self.marks = self.marks.saturating_add(1),
            b"EMC" => self.marks = self.marks.saturating_sub(1),
            b"k" | b"K" => self.found.inkless |= self.numbers == [0.0; 4],
            b"BI" => self.picture = Some((0.0, 0.0)),
            b"ID" if self.picture.take().is_some_and(|(width, height)| width * height > MOST_INLINE) => {
                self.found.bomb = Some(b"BI");
            }
            b"d" => {
                let dash: f64 = self.numbers.split_last().map_or(0.0, |(_, dash)| dash.iter().sum());
                if dash > 0.0 && dash < SHORTEST_DASH {
                    self.found.bomb = Some(b"d");
                }
            }
            _ => {}
        }
    }
}

fn uses(content: &[u8]) -> Uses {
    let mut reading = Reading::default();
    Signs::of(content).for_each(|sign| reading.sign(sign));
    reading.found
}

/// A graphics state in which ink does not take away what is below it (§8.6.7).
fn is_printed_over(state: &Object) -> bool {
    let printed = |key: &&[u8]| {
        state.as_dict().is_some_and(|state| matches!(state.find(key), Some(Object::Bool(true))))
    };
    [b"OP".as_slice(), b"op"].iter().any(printed)
}

impl Walk<'_, '_> {
    /// Every page with its annotations.
    pub(super) fn drawn(&mut self) -> Result<(), ReadError> {
        let newest = self.file.newest();
        let mut drawn = Drawn::default();
        for page in std::mem::take(&mut self.leaves) {
            let Some(object) = self.file.object(page, newest)? else { continue };
            let Some(dict) = object.value.as_dict() else { continue };
            self.present(dict, page.number)?;
            let resources = self.file.inherited(page, b"Resources", newest)?;
            let resources = resources.as_ref().and_then(Object::as_dict).cloned().unwrap_or_default();
            match self.file.page_content(page, newest) {
                Ok(content) => {
                    let weight = self.content(&mut drawn, &content, &resources, page.number, 0)?;
                    if weight > MOST_DRAWN {
                        self.note(Kind::Bomb, page.number, b"Do");
                    }
                }
                Err(_) => self.note(Kind::Unreadable, page.number, b"Contents"),
            }
            self.looks(&mut drawn, dict, &resources)?;
        }
        Ok(())
    }

    /// What a page consists of is there.
    fn present(&mut self, page: &Dict, number: u32) -> Result<(), ReadError> {
        let newest = self.file.newest();
        for key in [b"Contents".as_slice(), b"Annots"] {
            let Some(value) = page.find(key) else { continue };
            let held = self.file.resolve(value, newest)?;
            let mut lost = matches!(held, Held::Nothing);
            for one in held.as_array().unwrap_or_default() {
                // Parts of contents are streams, not lists of them.
                lost |= match self.file.resolve(one, newest)? {
                    Held::Nothing => true,
                    Held::There(part) => key == b"Contents" && part.data_at.is_none(),
                    Held::Here(_) => key == b"Contents",
                };
            }
            if lost {
                self.note(Kind::Dangling, number, key);
            }
        }
        Ok(())
    }

    /// The looks of a page's annotations.
    fn looks(&mut self, drawn: &mut Drawn, page: &Dict, resources: &Dict) -> Result<(), ReadError> {
        let newest = self.file.newest();
        let notes = page.find(b"Annots").map(|notes| self.file.resolve(notes, newest)).transpose()?;
        for note in notes.as_deref().and_then(Object::as_array).unwrap_or_default() {
            let note = self.file.resolve(note, newest)?;
            let looks = note.as_dict().and_then(|note| note.find(b"AP"));
            let looks = looks.map(|looks| self.file.resolve(looks, newest)).transpose()?;
            let normal = looks.as_deref().and_then(Object::as_dict).and_then(|looks| looks.find(b"N"));
            if let Some(Held::There(look)) =
                normal.map(|normal| self.file.resolve(normal, newest)).transpose()?
                && look.data_at.is_some()
            {
                self.followed(drawn, &look, resources, 1)?;
            }
        }
        Ok(())
    }

    /// How much a form, pattern or glyph draws, itself included.
    fn followed(
        &mut self,
        drawn: &mut Drawn,
        object: &Rc<Indirect>,
        above: &Dict,
        depth: usize,
    ) -> Result<u64, ReadError> {
        let (own, newest) = (object.reference, self.file.newest());
        match drawn.followed.get(&own) {
            Some(Followed::Done(weight)) => return Ok(*weight),
            Some(Followed::Open) => {
                self.note(Kind::Unreadable, own.number, b"Do");
                return Ok(1);
            }
            None => {}
        }
        if depth > DEEPEST {
            self.note(Kind::Unreadable, own.number, b"Do");
            return Ok(1);
        }
        drawn.followed.insert(own, Followed::Open);
        let dict = object.value.as_dict();
        let held = dict.and_then(|dict| dict.find(b"Resources"));
        let held = held.map(|held| self.file.resolve(held, newest)).transpose()?;
        let resources = held.as_deref().and_then(Object::as_dict).unwrap_or(above);
        let weight = match self.file.content(object, newest) {
            Ok(content) => self.content(drawn, &content, resources, own.number, depth)?,
            Err(_) => {
                self.note(Kind::Unreadable, own.number, b"Contents");
                1
            }
        };
        drawn.followed.insert(own, Followed::Done(weight.saturating_add(1)));
        Ok(weight.saturating_add(1))
    }

    fn content(
        &mut self,
        drawn: &mut Drawn,
        content: &[u8],
        resources: &Dict,
        number: u32,
        depth: usize,
    ) -> Result<u64, ReadError> {
        drawn.together = drawn.together.saturating_add(content.len());
        if content.len() > MOST_CONTENT || drawn.together > MOST_TOGETHER {
            self.note(Kind::Bomb, number, b"Contents");
            return Ok(1);
        }
        let found = uses(content);
        if let Some(bomb) = found.bomb {
            self.note(Kind::Bomb, number, bomb);
        }
        self.file.compared(found.names.len())?;
        let mut weight = 0_u64;
        for ((sort, name), count) in &found.names {
            let newest = self.file.newest();
            let named =
                resources.find(sort.key()).map(|named| self.file.resolve(named, newest)).transpose()?;
            let value = named.as_deref().and_then(Object::as_dict).and_then(|named| named.find(name));
            let held = value.map(|value| self.file.resolve(value, newest)).transpose()?;
            let Some(held) = held.filter(|held| !matches!(**held, Object::Null)) else {
                let kind = if *sort == Sort::Font { Kind::FontNotEmbedded } else { Kind::Dangling };
                self.note(kind, number, name);
                continue;
            };
            if found.inkless && *sort == Sort::State && is_printed_over(&held) {
                self.note(Kind::DeviceInk, number, name);
            }
            let below = self.used(drawn, *sort, &held, resources, depth.saturating_add(1))?;
            weight = weight.saturating_add(below.saturating_mul(*count));
        }
        Ok(weight)
    }

    /// What a name stands for.
    fn used(
        &mut self,
        drawn: &mut Drawn,
        sort: Sort,
        held: &Held<'_>,
        resources: &Dict,
        depth: usize,
    ) -> Result<u64, ReadError> {
        let number = held.reference().map_or(0, |own| own.number);
        let Some(dict) = held.as_dict() else { return Ok(1) };
        match (sort, held) {
            (Sort::Form, Held::There(object))
                if self.named(dict, b"Subtype")?.as_deref() == Some(b"Form") =>
            {
                if dict.find(b"Group").is_some() {
                    self.extent(dict, number)?;
                }
                self.followed(drawn, object, resources, depth)
            }
            (Sort::Pattern, Held::There(object)) if object.data_at.is_some() => {
                self.tile(dict, number)?;
                self.followed(drawn, object, resources, depth)
            }
            (Sort::Font, _) => self.glyphs(drawn, held, dict, resources, depth),
            (Sort::State, _) => self.state(drawn, dict, resources, depth),
            _ => Ok(1),
        }
    }

    fn glyphs(
        &mut self,
        drawn: &mut Drawn,
        held: &Held<'_>,
        dict: &Dict,
        above: &Dict,
        depth: usize,
    ) -> Result<u64, ReadError> {
        if held.reference().is_some_and(|own| !drawn.fonts.insert(own)) {
            return Ok(1);
        }
        let newest = self.file.newest();
        self.used_font(dict, held.reference().map_or(0, |own| own.number))?;
        if self.named(dict, b"Subtype")?.as_deref() != Some(b"Type3") {
            return Ok(1);
        }
        let own = dict.find(b"Resources").map(|own| self.file.resolve(own, newest)).transpose()?;
        let resources = own.as_deref().and_then(Object::as_dict).unwrap_or(above);
        let glyphs = dict.find(b"CharProcs").map(|glyphs| self.file.resolve(glyphs, newest)).transpose()?;
        let mut weight = 1_u64;
        for (_, glyph) in glyphs.as_deref().and_then(Object::as_dict).into_iter().flat_map(Dict::iter) {
            if let Held::There(glyph) = self.file.resolve(glyph, newest)? {
                self.itself(&glyph, dict, held)?;
                weight = weight.max(self.followed(drawn, &glyph, resources, depth.saturating_add(1))?);
            }
        }
        Ok(weight)
    }

    /// A glyph that is written with its own font: the page's, where it has no resources.
    fn itself(&mut self, glyph: &Indirect, font: &Dict, held: &Held<'_>) -> Result<(), ReadError> {
        let newest = self.file.newest();
        let own = font.find(b"Resources").map(|own| self.file.resolve(own, newest)).transpose()?;
        let fonts = own.as_deref().and_then(Object::as_dict).and_then(|own| own.find(b"Font"));
        let fonts = fonts.map(|fonts| self.file.resolve(fonts, newest)).transpose()?;
        let Some(fonts) = fonts.as_deref().and_then(Object::as_dict) else { return Ok(()) };
        let content = self.file.content(glyph, newest).unwrap_or_default();
        let circles = uses(&content).names.keys().any(|(sort, name)| {
            let named = fonts.find(name).and_then(Object::as_reference);
            *sort == Sort::Font && named.is_some() && named == held.reference()
        });
        if circles {
            self.note(Kind::Unreadable, glyph.reference.number, b"Tf");
        }
        Ok(())
    }

    /// A graphics state with a soft mask draws a group.
    fn state(
        &mut self,
        drawn: &mut Drawn,
        dict: &Dict,
        above: &Dict,
        depth: usize,
    ) -> Result<u64, ReadError> {
        let newest = self.file.newest();
        let mask = dict.find(b"SMask").map(|mask| self.file.resolve(mask, newest)).transpose()?;
        let group = mask.as_deref().and_then(Object::as_dict).and_then(|mask| mask.find(b"G"));
        match group.map(|group| self.file.resolve(group, newest)).transpose()? {
            Some(Held::There(group)) if group.data_at.is_some() => self.followed(drawn, &group, above, depth),
            _ => Ok(1),
        }
    }

    fn tile(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        let mut area = 1.0;
        for key in [b"XStep".as_slice(), b"YStep"] {
            let held = dict.find(key).map(|step| self.file.resolve(step, self.file.newest())).transpose()?;
            area *= held.and_then(|held| held.as_number()).unwrap_or(0.0).abs();
        }
        if area < SMALLEST_TILE {
            self.note(Kind::Bomb, number, b"XStep");
        }
        Ok(())
    }

    fn extent(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        let held = dict.find(b"BBox").map(|held| self.file.resolve(held, self.file.newest())).transpose()?;
        let sides = held.as_deref().and_then(Object::as_array).unwrap_or_default();
        if sides.iter().filter_map(Object::as_number).any(|side| side.abs() > WIDEST_GROUP) {
            self.note(Kind::Bomb, number, b"BBox");
        }
        Ok(())
    }
}
