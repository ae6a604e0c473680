//! The structure tree: what each mark means, in reading order (ISO 32000-1 §14.7, ISO 14289-1 §7).

use super::super::node::{Area, Tag};
use super::super::paint::{Element, Kind, Painter};
use super::{Refs, points};
use pdf_writer::types::{Placement, StructRole, TableHeaderScope};
use pdf_writer::writers::{StructElement, StructTreeRoot};
use pdf_writer::{Finish, Pdf, Rect, Ref, TextStr};

/// Writes the tree; its root. `form` is the element of the signature field, its widget, and the seal's name.
pub(super) fn write(
    pdf: &mut Pdf,
    refs: &mut Refs,
    painter: &Painter<'_>,
    page: Ref,
    height: f32,
    form: Option<(Ref, Ref, &str)>,
) -> Ref {
    let (root, document, parents) = (refs.next(), refs.next(), refs.next());
    let ids: Vec<Ref> = painter.elements.iter().map(|_| refs.next()).collect();
    for (element, &id) in painter.elements.iter().zip(&ids) {
        let mut written = pdf.struct_element(id);
        written.parent(element.parent.map_or(document, |parent| ids[parent]));
        describe(&mut written, element, height);
        if !element.marks.is_empty() {
            written.page(page);
        }
        let mut children = written.children();
        for &mark in &element.marks {
            children.marked_content_id(mark);
        }
        for &kid in &element.kids {
            children.struct_element(ids[kid]);
        }
        children.finish();
        written.finish();
    }
    if let Some((element, widget, name)) = form {
        let mut written = pdf.struct_element(element);
        written.kind(StructRole::Form).parent(document).page(page).alt(TextStr(name));
        written.children().object_ref().page(page).object(widget);
        written.finish();
    }
    let mut written = pdf.struct_element(document);
    written.kind(StructRole::Document).parent(root).lang(TextStr("zh-CN"));
    let mut children = written.children();
    for (_, &id) in painter.elements.iter().zip(&ids).filter(|(element, _)| element.parent.is_none()) {
        children.struct_element(id);
    }
    if let Some((element, _, _)) = form {
        children.struct_element(element);
    }
    children.finish();
    written.finish();
    pdf.indirect(parents).array().items(painter.owners.iter().map(|&owner| ids[owner]));
    let mut written = pdf.indirect(root).start::<StructTreeRoot<'_>>();
    written.children().item(document);
    let mut tree = written.parent_tree();
    let mut numbers = tree.nums();
    numbers.insert(0, parents);
    if let Some((element, _, _)) = form {
        numbers.insert(1, element);
    }
    numbers.finish();
    tree.finish();
    written.parent_tree_next_key(if form.is_some() { 2 } else { 1 });
    written.finish();
    root
}

pub(in crate::render) fn describe(written: &mut StructElement<'_>, element: &Element<'_>, height: f32) {
    match &element.kind {
        Kind::Tagged(tag) => {
            written.kind(role(*tag));
            match tag {
                Tag::Header { of_row } => {
                    let scope = if *of_row { TableHeaderScope::Row } else { TableHeaderScope::Column };
                    written.attributes().push().table().scope(scope);
                }
                Tag::English => {
                    written.lang(TextStr("en"));
                }
                Tag::Cell { columns } if *columns > 1 => {
                    written.attributes().push().table().col_span(i32::try_from(*columns).unwrap_or(1));
                }
                _ => {}
            }
        }
        Kind::Figure { alt, area } => {
            written.kind(StructRole::Figure).alt(TextStr(alt));
            written.attributes().push().layout().placement(Placement::Block).bbox(boxed(*area, height));
        }
    }
}

fn boxed(area: Area, height: f32) -> Rect {
    let bottom = height - area.y - area.height;
    Rect::new(points(area.x), points(bottom), points(area.x + area.width), points(bottom + area.height))
}

fn role(tag: Tag) -> StructRole {
    match tag {
        Tag::Heading(level) => match level {
            0 | 1 => StructRole::H1,
            2 => StructRole::H2,
            3 => StructRole::H3,
            4 => StructRole::H4,
            5 => StructRole::H5,
            _ => StructRole::H6,
        },
        Tag::Paragraph | Tag::English => StructRole::P,
        Tag::Table => StructRole::Table,
        Tag::Row => StructRole::TR,
        Tag::Header { .. } => StructRole::TH,
        Tag::Cell { .. } => StructRole::TD,
    }
}
