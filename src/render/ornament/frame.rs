//! Straight work: rules, frames with indented corners (委角), corner brackets, title flourishes, tinted panels.

use super::OrnamentError;
use super::params::Params;
use super::path::{Pen, Placing, Turtle};
use crate::domain::drawing::Shape;
use std::f64::consts::PI;

/// Up to three rules around the page, outermost first.
///
/// `margin`: page edge to the outer rule's middle; `width`, `gap`, `width2`, `gap2`, `width3`: rules and the distances of their
/// middles, a width of 0 leaves a rule out; `notch`: size of the corner; `corner`: `square`, `scoop` (concave arc) or
/// `step` (two right angles); `colour`.
pub(super) fn frame(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let margin = p.number("margin", 12.0, 0.0..=100.0)?;
    let widths = [
        p.number("width", 0.8, 0.0..=6.0)?,
        p.number("width2", 0.2, 0.0..=6.0)?,
        p.number("width3", 0.0, 0.0..=6.0)?,
    ];
    let gaps = [0.0, p.number("gap", 1.6, 0.0..=40.0)?, p.number("gap2", 1.6, 0.0..=40.0)?];
    let notch = p.number("notch", 0.0, 0.0..=40.0)?;
    let corner = p.choice("corner", &["square", "scoop", "step"])?;
    let colour = p.colour("colour", "#b8893f")?;
    p.finish()?;
    let mut shapes = Vec::new();
    let mut inset = margin;
    for (width, gap) in widths.into_iter().zip(gaps) {
        inset += gap;
        let (right, top) = (p.page_w - inset, p.page_h - inset);
        if right - inset <= 2.0 * notch || top - inset <= 2.0 * notch {
            return Err(p.bad("margin", "smaller: the frame does not fit"));
        }
        if width > 0.0 {
            let mut pen = Pen::new();
            outline(&mut pen, inset, right, top, notch, corner);
            shapes.push(pen.stroked(colour, width));
        }
    }
    Ok(shapes)
}

fn outline(pen: &mut Pen, inset: f64, right: f64, top: f64, notch: f64, corner: &str) {
    let n = if corner == "square" { 0.0 } else { notch };
    if n <= 0.0 {
        pen.rectangle(inset, inset, right, top);
        return;
    }
    // corners counter-clockwise from the lower right one: the corner point and the angle at which its arc begins
    pen.start((inset + n, inset));
    let turns = [
        ((right, inset), (right - n, inset), (right, inset + n), PI),
        ((right, top), (right, top - n), (right - n, top), 1.5 * PI),
        ((inset, top), (inset + n, top), (inset, top - n), 0.0),
        ((inset, inset), (inset, inset + n), (inset + n, inset), 0.5 * PI),
    ];
    for (tip, enter, leave, angle) in turns {
        if corner == "scoop" {
            pen.arc(tip, n, angle, angle - PI / 2.0, true);
        } else {
            pen.line(enter).line((enter.0 + leave.0 - tip.0, enter.1 + leave.1 - tip.1)).line(leave);
        }
    }
    pen.close();
}

/// One motif in each corner, mirrored.
///
/// `style`: `bracket` (two rules with a knot), `fret` (square spiral), `cloud` (如意 scrolls); `inset`: page edge to the
/// motif's outer corner; `size`: length of its arms; `colour`; `width`.
pub(super) fn corners(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let style = p.choice("style", &["bracket", "fret", "cloud"])?;
    let inset = p.number("inset", 16.0, 0.0..=100.0)?;
    let size = p.number("size", 18.0, 2.0..=100.0)?;
    let colour = p.colour("colour", "#b8893f")?;
    let width = p.number("width", 0.35, 0.05..=4.0)?;
    p.finish()?;
    let motif = match style {
        "fret" => fret_corner(),
        "cloud" => cloud_corner(),
        _ => bracket_corner(),
    };
    let mut pen = Pen::new();
    for (x, y, turn, mirror) in [
        (inset, inset, 0.0, false),
        (p.page_w - inset, inset, 0.0, true),
        (p.page_w - inset, p.page_h - inset, PI, false),
        (inset, p.page_h - inset, PI, true),
    ] {
        pen.stamp(&motif, &Placing { x, y, scale: size, turn, mirror });
    }
    Ok(vec![pen.stroked(colour, width)])
}

/// Arms of length 1 along both axes from the origin.
fn bracket_corner() -> Pen {
    let mut pen = Pen::new();
    pen.start((0.0, 1.0)).line((0.0, 0.0)).line((1.0, 0.0));
    pen.start((0.08, 0.8)).line((0.08, 0.08)).line((0.8, 0.08));
    pen.rectangle(0.14, 0.14, 0.24, 0.24);
    pen
}

/// A square in the corner and a square scroll along each arm.
fn fret_corner() -> Pen {
    let arm = [(1.0, 0.0), (0.0, 0.0), (0.0, 0.2), (0.2, 0.2), (0.2, 0.0)];
    let scroll = [(0.3, 0.0), (0.3, 0.2), (0.6, 0.2), (0.6, 0.07), (0.4, 0.07), (0.4, 0.13), (0.52, 0.13)];
    let mut half = Pen::new();
    for points in [&arm[..], &scroll[..]] {
        for (i, &point) in points.iter().enumerate() {
            if i == 0 {
                half.start(point)
            } else {
                half.line(point)
            };
        }
    }
    half.rectangle(0.07, 0.07, 0.13, 0.13);
    both_arms(&half)
}

/// 如意: two scrolls that meet on the diagonal, each running out into an arm.
fn cloud_corner() -> Pen {
    let mut half = Pen::new();
    let mut arm = Turtle::new((1.0, 0.0), PI);
    arm.forward(0.46).arc(0.16, -210.0).arc(0.10, -165.0).arc(0.055, -150.0);
    let mut inner = Turtle::new((0.80, 0.07), PI);
    inner.forward(0.16).arc(0.07, -190.0).arc(0.04, -140.0);
    let mut head = Turtle::new((0.40, 0.0), PI);
    head.forward(0.06).arc(0.30, -88.0).arc(0.13, -150.0).arc(0.07, -140.0);
    half.stamp(&arm.pen, &HERE).stamp(&inner.pen, &HERE).stamp(&head.pen, &HERE);
    both_arms(&half)
}

const HERE: Placing = Placing { x: 0.0, y: 0.0, scale: 1.0, turn: 0.0, mirror: false };

/// A half motif along the x axis and its image in the diagonal.
fn both_arms(half: &Pen) -> Pen {
    let mut pen = Pen::new();
    pen.stamp(half, &HERE).stamp(half, &Placing { turn: -PI / 2.0, mirror: true, ..HERE });
    pen
}

/// A rule under a title: tapered both ways from a lozenge.
///
/// `x`, `y`: its middle; `length`; `weight`: thickness at the thick end; `style`: `lozenge`, `pearl` or `plain`; `colour`.
pub(super) fn flourish(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let (x, y) =
        (p.number("x", p.page_w / 2.0, 0.0..=p.page_w)?, p.number("y", p.page_h / 4.0, 0.0..=p.page_h)?);
    let length = p.number("length", 80.0, 4.0..=400.0)?;
    let weight = p.number("weight", 0.7, 0.1..=5.0)?;
    let style = p.choice("style", &["lozenge", "pearl", "plain"])?;
    let colour = p.colour("colour", "#b8893f")?;
    p.finish()?;
    let y = p.page_h - y;
    let half = length / 2.0;
    let mut pen = Pen::new();
    let gap = if style == "plain" { 0.0 } else { weight * 5.2 };
    for side in [-1.0, 1.0] {
        let (near, far) = (x + side * gap, x + side * half);
        let third = (far - near) / 3.0;
        let w = weight / 2.0;
        pen.start((near, y + w));
        pen.cubic((near + third, y + w), (far - third, y + 0.03), (far, y)).cubic(
            (far - third, y - 0.03),
            (near + third, y - w),
            (near, y - w),
        );
        pen.close();
        if style != "plain" {
            diamond(&mut pen, x + side * gap * 0.62, y, weight * 0.75);
        }
    }
    match style {
        "pearl" => {
            pen.circle((x, y), weight * 1.5);
        }
        "lozenge" => diamond(&mut pen, x, y, weight * 1.9),
        _ => {}
    }
    Ok(vec![pen.filled(colour)])
}

fn diamond(pen: &mut Pen, x: f64, y: f64, r: f64) {
    pen.start((x - r, y)).line((x, y - r)).line((x + r, y)).line((x, y + r)).close();
}

/// A flat tint with square corners: a page's ground or a header.
///
/// `x`, `y`: top left; `w`, `h`; `colour`.
pub(super) fn panel(p: &Params<'_>) -> Result<Vec<Shape>, OrnamentError> {
    let (x, y) = (p.number("x", 0.0, 0.0..=p.page_w)?, p.number("y", 0.0, 0.0..=p.page_h)?);
    let (w, h) = (p.number("w", p.page_w, 0.1..=2000.0)?, p.number("h", p.page_h / 6.0, 0.1..=2000.0)?);
    let colour = p.colour("colour", "#f5ead6")?;
    p.finish()?;
    let mut pen = Pen::new();
    pen.rectangle(x, p.page_h - y - h, x + w, p.page_h - y);
    Ok(vec![pen.filled(colour)])
}
