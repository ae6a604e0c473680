//! `demo`: a whole bureau in one command, thrown away when you like.

use super::arguments::Demo;
use super::invitation::{Made, invite};
use super::output::{Exit, Output};
use super::{Answer, mandate, open, seal_form, serve, write};
use crate::service::Office;
use crate::service::assets::Assets;
use crate::service::found;
use crate::service::issue::Request;
use serde_json::json;
use std::path::{Path, PathBuf};

pub(super) fn run(output: Output, demo: &Demo, templates: &[PathBuf]) -> Answer {
    // The port is taken before anything is made: a busy one costs nothing.
    let listener = if demo.no_serve { None } else { Some(serve::listen(&demo.listen)?) };
    let state = match &demo.out {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("yinzheng-demo-{}", std::process::id())),
    };
    output.remark("造演示机构、印章和台账 / making a demonstration authority, seals and a ledger …");
    let (suite, sub_filter) = seal_form(&demo.suite, &demo.sub_filter, demo.national)?;
    if demo.national {
        found::national_demonstration(&state, suite, sub_filter)?;
    } else {
        found::demonstration(&state, suite, sub_filter)?;
    }
    let office = open(output, &state, templates)?;
    let assets = Assets::new(templates.to_vec(), None);
    let (worst, made) = certificates(output, &office, &assets, &state)?;
    match listener {
        Some(listener) if worst == Exit::Ok => {
            invite(output, &office, &state, &made, &format!("http://{}", listener.local_addr()?))?;
            serve::doors(output, office, listener)
        }
        _ => Ok(worst),
    }
}

/// One certificate of each type: issued, written, judged, told.
fn certificates(
    output: Output,
    office: &Office,
    assets: &Assets,
    state: &Path,
) -> Result<(Exit, Vec<Made>), Box<dyn std::error::Error>> {
    let progress = output.progress(u64::try_from(office.kinds().len())?, "签发 issuing");
    let (mut rows, mut all) = (Vec::new(), Vec::new());
    let mut worst = Exit::Ok;
    for (slug, kind) in office.kinds() {
        let example: serde_json::Value =
            serde_json::from_slice(&assets.find(&format!("{slug}/example.json"))?.bytes)?;
        let issued = office.issue(&mandate(), Request::new(slug, &example))?;
        let path = state.join("certificates").join(format!("{slug}.pdf"));
        write(&path, &issued.pdf)?;
        let judgement = office.check(&issued.pdf)?;
        let exit = super::verify::exit(judgement.verdict);
        if exit.weight() > worst.weight() {
            worst = exit;
        }
        let verdict = serde_json::to_value(judgement.verdict)?;
        if output.json {
            output.object(&json!({
                "type": slug, "number": issued.entry.number, "identifier": issued.entry.identifier,
                "code": issued.entry.code, "file": path, "verdict": verdict,
            }));
        }
        let name = kind.template.kind().name().zh.clone();
        all.push(Made {
            slug: slug.clone(),
            identifier: issued.entry.identifier.clone(),
            code: issued.entry.code.clone(),
            file: path.clone(),
            application: example,
        });
        let words = super::verify::words(judgement.verdict).to_owned();
        rows.push(vec![name, issued.entry.number, issued.entry.code, path.display().to_string(), words]);
        progress.inc(1);
    }
    progress.finish_and_clear();
    if !output.json {
        output.table(&["证照 certificate", "编号 number", "核验码 code", "文件 file", "结论 verdict"], &rows);
        let at = state.display();
        output.line(&format!(
            "\n一切均为样例,不具法律效力。All of this is a specimen without legal effect.\n接着试试 Try next:\n  \
             yinzheng verify --state {at} {at}/certificates/*.pdf\n  \
             yinzheng verify --trust {at}/trust/root.pem {at}/certificates/volunteer-passport.pdf\n  \
             yinzheng list --state {at}\n  yinzheng template schema volunteer-passport"
        ));
    }
    Ok((worst, all))
}
