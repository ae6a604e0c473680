//! Every kind stays on the page, refuses nonsense with the list of what is possible, and keeps its weight.

use super::*;

#[test]
fn every_kind_with_default_parameters_stays_on_every_usual_page() {
    for kind in kinds() {
        for (w, h) in [(210.0, 297.0), (297.0, 210.0), (176.0, 125.0)] {
            let drawing = draw(kind, &toml::Table::new(), w, h);
            let drawing = drawing.unwrap_or_else(|e| panic!("{kind} on {w} × {h}: {e}"));
            assert!(!drawing.shapes.is_empty(), "{kind} draws nothing");
            assert_eq!((drawing.width, drawing.height), (w, h));
            let finite =
                drawing.shapes.iter().flat_map(|s| &s.steps).all(|s| format!("{s:?}").find("NaN").is_none());
            assert!(finite, "{kind} has a number that is none");
        }
    }
}

#[test]
fn equal_parameters_draw_equal_pictures() {
    for kind in kinds() {
        let draw = || draw(kind, &toml::Table::new(), 210.0, 297.0);
        assert_eq!(draw(), draw(), "{kind}");
    }
}

#[test]
fn unknown_kinds_and_parameters_are_refused_with_the_known_ones() {
    let error = draw("unicorn", &toml::Table::new(), 210.0, 297.0).unwrap_err().to_string();
    for kind in kinds() {
        assert!(error.contains(kind), "{error}");
        let table = toml::toml! { sparkle = 3 };
        let error = draw(kind, &table, 210.0, 297.0).unwrap_err();
        assert!(matches!(error, OrnamentError::UnknownParameter { .. }), "{kind}: {error}");
        assert!(error.to_string().contains("colour"), "{kind} lists its parameters: {error}");
    }
}

#[test]
fn hostile_parameters_are_refused() {
    let refuse = |kind: &str, table: toml::Table| draw(kind, &table, 210.0, 297.0).unwrap_err();
    assert!(matches!(refuse("rosette", toml::toml! { radius = nan }), OrnamentError::BadParameter { .. }));
    assert!(matches!(
        refuse("rosette", toml::toml! { layers = 99999999 }),
        OrnamentError::BadParameter { .. }
    ));
    assert!(matches!(refuse("rosette", toml::toml! { layers = -1 }), OrnamentError::BadParameter { .. }));
    assert!(matches!(refuse("rosette", toml::toml! { radius = 300 }), OrnamentError::OutsidePage { .. }));
    assert!(matches!(
        refuse(
            "rosette",
            toml::toml! { layers = 80
            lobes = 90 }
        ),
        OrnamentError::TooDense { .. }
    ));
    assert!(matches!(refuse("frame", toml::toml! { colour = "red" }), OrnamentError::BadParameter { .. }));
    assert!(matches!(refuse("frame", toml::toml! { corner = 7 }), OrnamentError::BadParameter { .. }));
    assert!(matches!(refuse("frame", toml::toml! { margin = inf }), OrnamentError::BadParameter { .. }));
    for side in [0.0, -5.0, f32::NAN, f32::INFINITY, 9e9] {
        assert_eq!(draw("frame", &toml::Table::new(), side, 297.0), Err(OrnamentError::Page));
    }
}

#[test]
fn a_guilloche_closes_on_itself_without_a_step() {
    let drawing = draw("guilloche_border", &toml::Table::new(), 210.0, 297.0).unwrap();
    for shape in &drawing.shapes {
        let (Some(PathStep::Move(x0, y0)), Some(PathStep::Cubic(.., x1, y1))) =
            (shape.steps.first(), shape.steps.iter().rev().find(|s| matches!(s, PathStep::Cubic(..))))
        else {
            panic!("a strand is a contour of cubics")
        };
        assert!((x0 - x1).hypot(y0 - y1) < 0.02, "gap of {} mm", (x0 - x1).hypot(y0 - y1));
    }
}

#[test]
fn a_filled_rosette_hides_what_it_stands_on_and_an_unfilled_one_does_not() {
    let fills = |table: &toml::Table| {
        let drawing = draw("rosette", table, 210.0, 297.0).unwrap();
        drawing.shapes.iter().filter(|shape| matches!(shape.paint, Paint::Fill(_))).count()
    };
    assert_eq!((fills(&toml::Table::new()), fills(&toml::toml! { fill = "#fffcf5" })), (0, 1));
    assert!(draw("rosette", &toml::toml! { fill = "white" }, 210.0, 297.0).is_err());
}
