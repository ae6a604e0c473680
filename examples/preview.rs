//! Draws a type's `example.json` with its layout: `cargo run --example preview -- <slug> out.pdf [bare]`.
//! For those who write layouts. Nothing it makes is sealed or on record.
#![allow(clippy::disallowed_methods, reason = "a tool at the desk reads and writes files")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use yinzheng::domain::drawing::PathStep;
use yinzheng::domain::{AcceptContext, Bilingual, CertificateType, Instant, Issuer, Particulars};
use yinzheng::fonts::{FontSet, FontSource, Role};
use yinzheng::render::{CompiledSeal, DEFAULT_HOLE, SealField, SubFilter, Template};
use yinzheng::seal_art::{GlyphSource, SealDesign, draw};

struct Bold<'a>(&'a FontSet);

impl GlyphSource for Bold<'_> {
    fn outline(&self, c: char) -> Option<(Vec<PathStep>, f32)> {
        Some((self.0.outline(Role::Bold, c)?, self.0.glyph(Role::Bold, c)?.advance))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [slug, out, rest @ ..] = arguments.as_slice() else {
        return Err("preview <slug> <out.pdf> [bare]".into());
    };
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("certificate-templates");
    let read = |name: &str| {
        std::fs::read_to_string(root.join(slug).join(name)).map_err(|e| format!("{slug}/{name}: {e}"))
    };
    let fonts = Arc::new(fonts(&root.join("fonts"))?);
    let kind = CertificateType::from_toml(slug, &read("type.toml")?)?;
    let template = Template::compile(&kind, &read("layout.toml")?, Arc::clone(&fonts))?;
    let context =
        AcceptContext { today: time::macros::date!(2026 - 11 - 24), demo: true, repertoire: &*fonts };
    let application = kind
        .accept(&serde_json::from_str(&read("example.json")?)?, &context)
        .map_err(|problems| format!("{problems:#?}"))?;
    let issued_at = Instant::from_seconds(1_795_500_000).ok_or("instant")?;
    let issuer = issuer();
    let particulars = Particulars {
        number: kind.number(&issuer, 2026, 1),
        identifier: kind.identifier(&issuer, 2026, 1, 1),
        code: "7K3M-9QXR-2H5D".to_owned(),
        verify_url: "HTTPS://ZZ.EXAMPLE/V/7K3M-9QXR-2H5D".to_owned(),
        issued_at,
        issuer,
        valid_until: application.valid_until(issued_at.beijing_date()),
        specimen: true,
    };
    let design = if kind.seal_role() == "bureau" {
        SealDesign::round("示例市民政局", 42.0)
    } else {
        SealDesign::round("示例市民政局", 42.0).with_sub_line("业务专用章")
    };
    let seal = CompiledSeal::new(&draw(&design, &Bold(&fonts))?);
    let field = SealField {
        seal,
        name_zh: "示例市民政局 印章".to_owned(),
        subfilter: SubFilter::EtsiCades,
        hole: DEFAULT_HOLE,
    };
    let bytes = if rest.iter().any(|word| word == "bare") {
        template.render_bare(&application, &particulars, &field)?
    } else {
        template.render(&application, &particulars, &field)?.bytes
    };
    std::fs::write(out, bytes)?;
    Ok(())
}

fn fonts(folder: &Path) -> Result<FontSet, Box<dyn Error>> {
    let source = |name: &str| -> std::io::Result<FontSource> {
        Ok(FontSource {
            name: name.to_owned(),
            bytes: std::fs::read(folder.join(format!("{name}.ttf.zst")))?,
        })
    };
    Ok(FontSet::new(source("NotoSerifSC-Regular")?, source("NotoSerifSC-Bold")?, source("YinzhengMingB")?)?)
}

fn issuer() -> Issuer {
    Issuer {
        name: Bilingual::new("示例市民政局", "Shili Civil Affairs Bureau"),
        short_name: "示民".to_owned(),
        uscc: "11990000000000019A".to_owned(),
        definer_uscc: "11990000000000019A".to_owned(),
        region: "990000".to_owned(),
    }
}
