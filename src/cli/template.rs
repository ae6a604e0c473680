//! `template`: the types, their schemas, their looks.

use super::arguments::TemplateVerb;
use super::output::{Exit, Output};
use super::{Answer, read, write};
use crate::config::from_environment;
use crate::domain::drawing::Drawing;
use crate::domain::{AcceptContext, Bilingual, Issuer, Particulars, VerificationCode};
use crate::render::{CompiledSeal, DEFAULT_HOLE, SealField, SubFilter};
use crate::service::assets::Assets;
use crate::service::{Kind, clock, office, starter};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) fn run(output: Output, verb: &TemplateVerb, templates: &[PathBuf]) -> Answer {
    let mut folders = templates.to_vec();
    folders.extend(from_environment("YINZHENG_TEMPLATES").map(PathBuf::from));
    let assets = Assets::new(folders, None);
    if let TemplateVerb::New { slug, name, name_en, into } = verb {
        return begin(output, &assets, into, slug, (name, name_en));
    }
    let fonts = office::load_fonts(&assets)?;
    let kinds = office::load_kinds(&assets, &fonts)?;
    match verb {
        TemplateVerb::List => list(output, &kinds),
        TemplateVerb::Check { slugs } => check(output, slugs, &kinds, &assets, &fonts),
        TemplateVerb::Schema { slug } => {
            output.line(&serde_json::to_string_pretty(&named(&kinds, slug)?.template.kind().schema())?);
            Ok(Exit::Ok)
        }
        TemplateVerb::Preview { slug, out, application, bare } => {
            let raw = match application {
                Some(path) => read(path)?,
                None => assets.find(&format!("{slug}/example.json"))?.bytes.into_owned(),
            };
            let page = preview(named(&kinds, slug)?, &serde_json::from_slice(&raw)?, &fonts, *bare)?;
            write(Path::new(out), &page)?;
            Ok(Exit::Ok)
        }
        TemplateVerb::New { .. } => Ok(Exit::Ok),
    }
}

fn begin(output: Output, assets: &Assets, into: &Path, slug: &str, names: (&str, &str)) -> Answer {
    let folder = starter::begin(assets, into, slug, names.0, names.1)?;
    let (at, into) = (folder.display(), into.display());
    output.line(&format!(
        "✔ {at}/type.toml、layout.toml、example.json\n改好后 After editing:\n  \
         yinzheng --templates {into} template check {slug}\n  \
         yinzheng --templates {into} template preview {slug} -o preview.pdf"
    ));
    Ok(Exit::Ok)
}

fn named<'k>(kinds: &'k BTreeMap<String, Kind>, slug: &str) -> Result<&'k Kind, String> {
    kinds.get(slug).ok_or_else(|| format!("没有证照类型 {slug} / no certificate type {slug}"))
}

fn list(output: Output, kinds: &BTreeMap<String, Kind>) -> Answer {
    if output.json {
        for (slug, kind) in kinds {
            let kind = kind.template.kind();
            output.object(&json!({ "type": slug, "name": kind.name(), "version": kind.version(), "type_code": kind.type_code() }));
        }
        return Ok(Exit::Ok);
    }
    let rows: Vec<Vec<String>> = kinds
        .iter()
        .map(|(slug, kind)| {
            let kind = kind.template.kind();
            vec![slug.clone(), kind.name().zh.clone(), kind.name().en.clone(), kind.type_code().to_owned()]
        })
        .collect();
    output.table(&["类型 type", "名称", "name", "代码 code"], &rows);
    Ok(Exit::Ok)
}

fn check(
    output: Output,
    slugs: &[String],
    kinds: &BTreeMap<String, Kind>,
    assets: &Assets,
    fonts: &crate::fonts::FontSet,
) -> Answer {
    let mut exit = Exit::Ok;
    let wanted: Vec<&String> = if slugs.is_empty() { kinds.keys().collect() } else { slugs.iter().collect() };
    for slug in wanted {
        let raw = assets.find(&format!("{slug}/example.json"))?.bytes;
        match preview(named(kinds, slug)?, &serde_json::from_slice(&raw)?, fonts, false) {
            Ok(page) => output.line(&format!("✔ {slug}: {} 字节 bytes", page.len())),
            Err(why) => {
                output.problem(&format!("✘ {slug}: {why}"));
                exit = Exit::Failed;
            }
        }
    }
    Ok(exit)
}

/// The page with an empty seal place: nothing here is sealed or on record.
fn preview(
    kind: &Kind,
    raw: &Value,
    fonts: &crate::fonts::FontSet,
    bare: bool,
) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let now = clock::now();
    let context = AcceptContext { today: now.beijing_date(), demo: true, repertoire: fonts };
    let application = kind.template.kind().accept(raw, &context).map_err(|problems| {
        let lines = problems.iter().map(|p| format!("\n  {} [{}] {}", p.pointer, p.code, p.message.zh));
        lines.collect::<String>()
    })?;
    let issuer = Issuer {
        name: Bilingual::new("示例市民政局", "Civil Affairs Bureau of Shili (specimen)"),
        short_name: "示民".to_owned(),
        uscc: "11990000000000019A".to_owned(),
        definer_uscc: "11990000000000019A".to_owned(),
        region: "990000".to_owned(),
    };
    let year = now.beijing_date().year();
    let code = VerificationCode::from_random([0; 7]).to_string();
    let particulars = Particulars {
        number: kind.template.kind().number(&issuer, year, 1),
        identifier: kind.template.kind().identifier(&issuer, year, 1, 1),
        verify_url: format!("HTTPS://ZZ.EXAMPLE/V/{code}"),
        code,
        issued_at: now,
        valid_until: application.valid_until(now.beijing_date()),
        issuer,
        specimen: true,
    };
    let empty = Drawing { width: 42.0, height: 42.0, shapes: Vec::new() };
    let field = SealField {
        seal: CompiledSeal::new(&empty),
        name_zh: "未盖章 unsealed".to_owned(),
        subfilter: SubFilter::EtsiCades,
        hole: DEFAULT_HOLE,
    };
    Ok(if bare {
        kind.template.render_bare(&application, &particulars, &field)?
    } else {
        kind.template.render(&application, &particulars, &field)?.bytes
    })
}
