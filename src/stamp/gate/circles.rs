//! Trees that lead back to themselves, and things that stand on themselves: what one reader gives up after a while, another
//! shows, and a third never ends with.

use super::{Kind, Walk};
use crate::pdf::{Dict, Entry, Object, ReadError, Reference};
use std::collections::HashSet;

/// Functions and colour spaces inside one another.
const DEEPEST: usize = 8;
/// Samples of a table, braces of a calculator, points of a row.
const MOST_SAMPLES: i64 = 1 << 24;
const MOST_BRACES: usize = 64;
const MOST_POINTS: i64 = 1 << 16;
/// Octets of a calculator that are looked at.
const CALCULATOR: usize = 64 << 10;

impl Walk<'_, '_> {
    /// The trees of a catalog: no node hangs in two places.
    pub(super) fn trees(&mut self, root: &Dict) -> Result<(), ReadError> {
        let newest = self.file.newest();
        for (key, below) in [
            (b"PageLabels".as_slice(), [b"Kids".as_slice(), b"Kids"]),
            (b"Outlines", [b"First", b"Next"]),
            (b"StructTreeRoot", [b"K", b"K"]),
        ] {
            if let Some(value) = root.find(key) {
                self.tree(value, below, key)?;
            }
        }
        let names = root.find(b"Names").map(|names| self.file.resolve(names, newest)).transpose()?;
        for (key, value) in names.as_deref().and_then(Object::as_dict).into_iter().flat_map(Dict::iter) {
            self.tree(value, [b"Kids", b"Kids"], key)?;
        }
        let form = root.find(b"AcroForm").map(|form| self.file.resolve(form, newest)).transpose()?;
        if let Some(fields) = form.as_deref().and_then(Object::as_dict).and_then(|form| form.find(b"Fields"))
        {
            let mut above = HashSet::new();
            let held = self.file.resolve(fields, newest)?;
            for field in held.as_array().unwrap_or_default() {
                self.branches(field, [b"Kids", b"Kids"], b"Fields", &mut above)?;
                self.upwards(field)?;
            }
        }
        Ok(())
    }

    fn tree(&mut self, root: &Object, below: [&[u8]; 2], name: &[u8]) -> Result<(), ReadError> {
        self.branches(root, below, name, &mut HashSet::new())
    }

    fn branches(
        &mut self,
        root: &Object,
        below: [&[u8]; 2],
        name: &[u8],
        seen: &mut HashSet<Reference>,
    ) -> Result<(), ReadError> {
        let newest = self.file.newest();
        let (mut stack, mut lists) = (vec![root.clone()], HashSet::new());
        while let Some(node) = stack.pop() {
            self.file.compared(1)?;
            let held = self.file.resolve(&node, newest)?;
            let Some(dict) = held.as_dict() else {
                let items = held.as_array().unwrap_or_default();
                self.file.compared(items.len())?;
                // A list that leads to itself, or hangs in two places, would be laid out again each time.
                if let Some(own) = held.reference()
                    && !items.is_empty()
                    && !lists.insert(own)
                {
                    self.note(Kind::Unreadable, own.number, name);
                    return Ok(());
                }
                stack.extend(items.iter().cloned());
                continue;
            };
            // What a structure refers to is content, not a branch (§14.7.4.3).
            if matches!(dict.name(b"Type"), Some(b"OBJR" | b"MCR")) {
                continue;
            }
            if let Some(own) = held.reference()
                && !seen.insert(own)
            {
                self.note(Kind::Unreadable, own.number, name);
                return Ok(());
            }
            let [one, other] = below;
            stack.extend(dict.find(one).cloned());
            if one != other {
                stack.extend(dict.find(other).cloned());
            }
        }
        Ok(())
    }

    /// An object stream that extends itself (§7.5.7).
    pub(super) fn extended(&mut self) -> Result<(), ReadError> {
        let newest = self.file.newest();
        let entries = self.file.revisions().iter().flat_map(|revision| revision.entries());
        let streams: std::collections::BTreeSet<u32> = entries
            .filter_map(
                |(_, entry)| if let Entry::Within { stream, .. } = entry { Some(*stream) } else { None },
            )
            .collect();
        self.file.compared(streams.len())?;
        for number in streams {
            let Ok(Some(held)) = self.file.by_number(number, newest) else { continue };
            let extends = held.value.as_dict().and_then(|dict| dict.reference(b"Extends"));
            if extends == Some(held.reference) {
                self.note(Kind::Unreadable, number, b"Extends");
            }
        }
        Ok(())
    }

    /// Fields that are above one another.
    fn upwards(&mut self, field: &Object) -> Result<(), ReadError> {
        let mut at = field.clone();
        let mut seen = HashSet::new();
        while let Some(own) = at.as_reference() {
            if !seen.insert(own) {
                self.note(Kind::Unreadable, own.number, b"Parent");
                break;
            }
            self.file.compared(1)?;
            let held = self.file.resolve(&at, self.file.newest())?;
            let Some(parent) = held.as_dict().and_then(|dict| dict.find(b"Parent")).cloned() else { break };
            drop(held);
            at = parent;
        }
        Ok(())
    }

    /// A function, with those that it is joined from (§7.10).
    pub(super) fn function(&mut self, dict: &Dict, number: u32) -> Result<(), ReadError> {
        let kind = self.whole(dict, b"FunctionType")?;
        if kind == Some(3) && !self.ends(dict, 0)? {
            self.note(Kind::Unreadable, number, b"Functions");
        }
        let size = dict.find(b"Size").map(|size| self.file.resolve(size, self.file.newest())).transpose()?;
        let sides = size.as_deref().and_then(Object::as_array).unwrap_or_default();
        let samples = sides.iter().filter_map(Object::as_integer).fold(1_i64, i64::saturating_mul);
        if kind == Some(0) && !(0..=MOST_SAMPLES).contains(&samples) {
            self.note(Kind::Bomb, number, b"Size");
        }
        Ok(())
    }

    /// Whether a function comes to an end.
    fn ends(&self, dict: &Dict, depth: usize) -> Result<bool, ReadError> {
        let newest = self.file.newest();
        let Some(parts) = dict.find(b"Functions") else { return Ok(true) };
        let held = self.file.resolve(parts, newest)?;
        for part in held.as_array().unwrap_or_default() {
            self.file.compared(1)?;
            let part = self.file.resolve(part, newest)?;
            let Some(part) = part.as_dict() else { continue };
            if depth >= DEEPEST || !self.ends(part, depth.saturating_add(1))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A calculator whose braces do not end (§7.10.5), and a mesh of endless rows (§8.7.4.5.6).
    pub(super) fn machine(&mut self, object: &crate::pdf::Indirect, dict: &Dict) -> Result<(), ReadError> {
        let number = object.reference.number;
        if self.whole(dict, b"FunctionType")? == Some(4) {
            let code = self.file.beginning(object, self.file.newest(), CALCULATOR)?.unwrap_or_default();
            let (mut open, mut deepest) = (0_usize, 0_usize);
            for octet in code {
                open = match octet {
                    b'{' => open.saturating_add(1),
                    b'}' => open.saturating_sub(1),
                    _ => open,
                };
                deepest = deepest.max(open);
            }
            if deepest > MOST_BRACES {
                self.note(Kind::Unreadable, number, b"{");
            }
        }
        if self.whole(dict, b"VerticesPerRow")?.is_some_and(|points| !(2..=MOST_POINTS).contains(&points)) {
            self.note(Kind::Bomb, number, b"VerticesPerRow");
        }
        Ok(())
    }

    /// A space of colours that stands on itself, or has more colours than a sample tells apart (§8.6).
    pub(super) fn space(&mut self, items: &[Object], number: u32) -> Result<(), ReadError> {
        let newest = self.file.newest();
        let mut items = items.to_vec();
        for depth in 0..=DEEPEST {
            let below = match items.first().and_then(Object::as_name) {
                Some(b"Indexed" | b"I" | b"Pattern") => items.get(1),
                Some(b"Separation" | b"DeviceN") => items.get(2),
                _ => return Ok(()),
            };
            if matches!(items.first().and_then(Object::as_name), Some(b"Indexed" | b"I")) {
                let last = items.get(2).map(|last| self.file.resolve(last, newest)).transpose()?;
                if last.and_then(|last| last.as_integer()).is_some_and(|last| !(0..=255).contains(&last)) {
                    self.note(Kind::Bomb, number, b"Indexed");
                }
            }
            if items.first().and_then(Object::as_name) == Some(b"Separation") {
                self.separation(&items, number)?;
            }
            let below = below.map(|below| self.file.resolve(below, newest)).transpose()?;
            let Some(below) = below.as_deref().and_then(Object::as_array).map(<[Object]>::to_vec) else {
                return Ok(());
            };
            if depth == DEEPEST {
                self.note(Kind::Unreadable, number, b"ColorSpace");
            }
            items = below;
        }
        Ok(())
    }

    /// An ink that is lighter the more there is of it: on the screen the page is empty, on a press it is not (§8.6.6.4).
    fn separation(&mut self, items: &[Object], number: u32) -> Result<(), ReadError> {
        let newest = self.file.newest();
        let [_, name, other, tint, ..] = items else { return Ok(()) };
        let tint = self.file.resolve(tint, newest)?;
        let Some(tint) =
            tint.as_dict().filter(|tint| tint.find(b"C0").is_some() || tint.find(b"C1").is_some())
        else {
            return Ok(());
        };
        let mut ends = [0.0, 1.0];
        for (end, key) in ends.iter_mut().zip([b"C0".as_slice(), b"C1"]) {
            let held = tint.find(key).map(|held| self.file.resolve(held, newest)).transpose()?;
            let colours = held.as_deref().and_then(Object::as_array).unwrap_or_default();
            if !colours.is_empty() {
                *end = colours.iter().filter_map(Object::as_number).sum();
            }
        }
        let [none, full] = ends;
        let other = self.file.resolve(other, newest)?;
        let lighter = match other.as_name() {
            Some(b"DeviceCMYK") => full <= none,
            Some(b"DeviceGray" | b"DeviceRGB" | b"CalGray" | b"CalRGB") => full >= none,
            _ => false,
        };
        let invisible = self.file.resolve(name, newest)?.as_name() == Some(b"None");
        if lighter && !invisible {
            self.note(Kind::DeviceInk, number, b"Separation");
        }
        Ok(())
    }
}
