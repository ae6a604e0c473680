//! `stamp`: one of the office's seals on a document that somebody brought.

use super::arguments::State;
use super::output::{Exit, Output};
use super::{Answer, mandate, open, read, stamp_many, write};
use crate::service::stamp::{StampRequest, StampingError};
use crate::stamp::gate::Hazard;
use crate::stamp::{PageChoice, Place, point};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

pub(super) const STAMP_HELP: &str = "\
例 Example:
  yinzheng stamp --state DIR --seal bureau --page last --at 150,240 章程.pdf -o 章程-已盖章.pdf
  yinzheng stamp --state DIR --seal bureau --at 150,240 送来的/ -o 盖好的/        # 整个目录 a whole folder
位置从显示页面的左上角量到印章中心,单位毫米;A4 纸宽 210、高 297。
The place is measured in mm from the top left corner of the page as shown to the seal's centre; A4 is 210 by 297.
印章只追加在文件之后,先前的签名保持有效。盖章后还能变样的文件(脚本、图层、可填表单、未嵌入的字体……)不盖,并逐处指出。
The seal is appended and earlier signatures stay valid. A document that could still change its face (scripts, layers,
forms to fill, fonts that are not embedded …) is refused, with every place named.
整个目录:先逐份预检,再盖;一份有问题不影响其他;结果清单 results.csv 在输出目录。中断后原样再运行一次即可,盖过的不会再盖。
A folder: every file is looked at first, then stamped; a bad one does not stop the rest; results.csv is in the output folder. After an
interruption run the same command again: nothing is stamped twice.";

/// `stamp`.
#[derive(Args, Debug)]
pub(crate) struct Stamp {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub(crate) state: State,
    /// 要盖章的 PDF 或目录,可多个;- 表示标准输入 / PDFs or folders; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) documents: Vec<PathBuf>,
    /// 印章角色,见 keys list / role of the seal, see `keys list`
    #[arg(long, value_name = "ROLE")]
    pub(crate) seal: String,
    /// 页码,从 1 起,或 last / page from 1, or last
    #[arg(long, value_name = "PAGE", default_value = "last")]
    pub(crate) page: PageChoice,
    /// 印章中心的位置 X,Y(毫米)/ where the seal's centre goes: X,Y in mm
    #[arg(long, value_name = "X,Y", value_parser = point)]
    pub(crate) at: (f64, f64),
    /// 盖好的 PDF 写到这里;多份时为目录 / write the stamped document here; a folder for many
    #[arg(long, short, value_name = "PATH")]
    pub(crate) out: PathBuf,
    /// 防重键:同键同文件同位置只盖一次;多份时缺省由输出目录而来 / idempotency key: the same key, document and place stamp once; for many the default comes from the output folder
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
}

impl Stamp {
    pub(super) fn place(&self) -> Place {
        Place::Point { page: self.page, x_mm: self.at.0, y_mm: self.at.1 }
    }
}

pub(super) fn run(output: Output, stamp: &Stamp, templates: &[PathBuf]) -> Answer {
    let one = match &stamp.documents[..] {
        [one] if !one.is_dir() => one,
        _ => return stamp_many::run(output, stamp, &open(output, &stamp.state.state, templates)?),
    };
    let document = read(one)?;
    let office = open(output, &stamp.state.state, templates)?;
    let place = stamp.place();
    let request = StampRequest {
        document: &document,
        seal: &stamp.seal,
        place: &place,
        idempotency_key: stamp.idempotency_key.clone(),
    };
    let stamped = match office.stamp(&mandate(), request) {
        Ok(stamped) => stamped,
        Err(why) => return Ok(refused(output, &why)),
    };
    write(&stamp.out, &stamped.pdf)?;
    let record = &stamped.stamping;
    if output.json {
        output.object(&json!({
            "outcome": "stamped",
            "seal": record.seal,
            "use_number": record.use_number,
            "page": stamped.spot.page,
            "rectangle": stamped.spot.rectangle,
            "source_sha256": hex::encode(record.source),
            "sha256": record.document.map(hex::encode),
            "signed_at": record.reserved_at.rfc3339(),
            "replayed": stamped.replayed,
            "path": stamp.out,
        }));
    } else {
        output.line(&format!(
            "✔ 已盖章 stamped: {}(第 {} 次用印 use {},第 {} 页 page {})",
            stamp.out.display(),
            record.use_number,
            record.use_number,
            stamped.spot.page,
            stamped.spot.page
        ));
    }
    Ok(Exit::Ok)
}

fn refused(output: Output, why: &StampingError) -> Exit {
    let hazards = match why {
        StampingError::Hazards(hazards) => hazards.as_slice(),
        _ => &[],
    };
    if output.json {
        let named = |hazard: &Hazard| {
            let (zh, en) = hazard.kind.words();
            json!({ "code": hazard.kind.code(), "object": hazard.object, "detail": hazard.detail, "zh": zh, "en": en })
        };
        let hazards: Vec<_> = hazards.iter().map(named).collect();
        output.object(&json!({
            "outcome": "refused", "code": why.code(), "message": why.to_string(), "hazards": hazards }));
        return Exit::Failed;
    }
    output.problem(&format!("✘ 未盖章 not stamped [{}]: {why}", why.code()));
    for hazard in hazards {
        let (zh, en) = hazard.kind.words();
        let place = hazard.object.map(|number| format!("(对象 object {number})")).unwrap_or_default();
        output.problem(&format!(
            "  – [{}] {zh}{place} {en}: {}",
            hazard.kind.code(),
            printable(&hazard.detail)
        ));
    }
    Exit::Failed
}

/// A stranger's words on a terminal.
pub(super) fn printable(words: &str) -> String {
    words.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).take(80).collect()
}
