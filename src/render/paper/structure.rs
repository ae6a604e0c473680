//! The structure tree of several pages (ISO 32000-1 §14.7, ISO 14289-1 §7): each element lies on one page.

use super::super::document::Refs;
use super::super::document::structure::describe;
use super::super::paint::Painter;
use super::compose::SIZE;
use pdf_writer::types::StructRole;
use pdf_writer::writers::StructTreeRoot;
use pdf_writer::{Finish, Pdf, Ref, TextStr};

/// A painted page and its object.
pub(super) struct Page<'a> {
    pub(super) painter: Painter<'a>,
    pub(super) content: Vec<u8>,
    pub(super) object: Ref,
    pub(super) contents: Ref,
}

/// The element of a signature field, its widget, its page and the seal's name.
pub(super) type Form<'a> = (Ref, Ref, Ref, &'a str);

/// Writes the tree; its root. Page n has the parent-tree key n, the widget the one behind them.
pub(super) fn write(pdf: &mut Pdf, refs: &mut Refs, pages: &[Page<'_>], form: Option<Form<'_>>) -> Ref {
    let (root, document) = (refs.next(), refs.next());
    let mut top: Vec<Ref> = Vec::new();
    let mut parents: Vec<Ref> = Vec::new();
    for page in pages {
        let ids: Vec<Ref> = page.painter.elements.iter().map(|_| refs.next()).collect();
        for (element, &id) in page.painter.elements.iter().zip(&ids) {
            let mut written = pdf.struct_element(id);
            written.parent(document);
            describe(&mut written, element, SIZE.1);
            written.page(page.object);
            let mut children = written.children();
            for &mark in &element.marks {
                children.marked_content_id(mark);
            }
            children.finish();
            written.finish();
        }
        let owners = refs.next();
        let of_marks = page.painter.owners.iter().filter_map(|&owner| ids.get(owner).copied());
        pdf.indirect(owners).array().items(of_marks);
        parents.push(owners);
        top.extend(ids);
    }
    if let Some((element, widget, page, name)) = form {
        let mut written = pdf.struct_element(element);
        written.kind(StructRole::Form).parent(document).page(page).alt(TextStr(name));
        written.children().object_ref().page(page).object(widget);
        written.finish();
        top.push(element);
    }
    let mut written = pdf.struct_element(document);
    written.kind(StructRole::Document).parent(root).lang(TextStr("zh-CN"));
    let mut children = written.children();
    top.iter().for_each(|&id| {
        children.struct_element(id);
    });
    children.finish();
    written.finish();
    tree(pdf, root, document, &parents, form.map(|(element, ..)| element));
    root
}

fn tree(pdf: &mut Pdf, root: Ref, document: Ref, parents: &[Ref], form: Option<Ref>) {
    let mut written = pdf.indirect(root).start::<StructTreeRoot<'_>>();
    written.children().item(document);
    let mut tree = written.parent_tree();
    let mut numbers = tree.nums();
    let mut key = 0;
    for &parent in parents.iter().chain(&form) {
        numbers.insert(key, parent);
        key += 1;
    }
    numbers.finish();
    tree.finish();
    written.parent_tree_next_key(key);
    written.finish();
}
