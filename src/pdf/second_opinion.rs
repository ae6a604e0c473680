//! Does another reader see the same document? lopdf in its strict mode, asked but never believed.
//!
//! It costs many times what the walk costs and inflates every object stream, so the verifier asks only where its
//! rules say so; a disagreement is a finding, an agreement proves nothing.

use super::file::File;
use super::{Disagreement, Irregularity};
use std::collections::BTreeSet;

/// Bytes of a file that the second reader is given at most. It keeps a copy of every object and inflates every object
/// stream, one and a half times the file and more; what people send in (web uploads stop at 20 MiB) is below.
pub const SECOND_READER_BYTES: usize = 20 << 20;

/// Compares the newest revision with lopdf's view. Files that neither can open are not compared.
#[must_use]
pub fn second_opinion(file: &File<'_>) -> Vec<Irregularity> {
    if file.is_locked() {
        return Vec::new();
    }
    let options = lopdf::LoadOptions {
        strict: true,
        max_decompressed_size: Some(file.limits.stream_output),
        ..lopdf::LoadOptions::default()
    };
    let note = |about| Irregularity::SecondOpinion { about };
    let Ok(document) = lopdf::Document::load_mem_with_options(file.bytes(), options) else {
        return vec![note(Disagreement::Refused)];
    };
    let mut notes = Vec::new();
    let root = document.trailer.get(b"Root").and_then(lopdf::Object::as_reference).ok();
    let ours = file.revisions().last().and_then(|revision| revision.trailer.reference(b"Root"));
    if root != ours.map(|root| (root.number, root.generation)) {
        notes.push(note(Disagreement::Catalog));
    }
    let theirs: BTreeSet<u32> = document.objects.keys().map(|(number, _)| *number).collect();
    // Object and cross-reference streams and the lock are structure: lopdf drops them once they are read.
    let lock = file.revisions().last().and_then(|revision| revision.trailer.reference(b"Encrypt"));
    let lock = lock.map(|lock| lock.number);
    if in_use(file).iter().any(|number| !theirs.contains(number) && Some(*number) != lock) {
        notes.push(note(Disagreement::Objects));
    }
    notes
}

fn in_use(file: &File<'_>) -> BTreeSet<u32> {
    let newest = file.newest();
    let numbers: BTreeSet<u32> =
        file.revisions().iter().flat_map(|revision| revision.entries()).map(|(number, _)| *number).collect();
    let used = numbers.into_iter().filter(|number| {
        let object = file.by_number(*number, newest);
        object.ok().flatten().is_some_and(|object| {
            let kind = object.value.as_dict().and_then(|dict| dict.name(b"Type"));
            !matches!(kind, Some(b"ObjStm" | b"XRef"))
        })
    });
    used.collect()
}
