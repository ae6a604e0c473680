//! `stamp`: one of the office's seals on a document that somebody brought.

use super::arguments::State;
use super::output::{Exit, Output};
use super::{Answer, mandate, open, read, stamp_many, write};
use crate::service::Office;
use crate::service::placement::{Anchor, Placement};
use crate::service::seal_requests::SealRequestError;
use crate::service::stamp::{StampRequest, Stamped, StampingError};
use crate::stamp::Changes;
use crate::stamp::gate::Hazard;
use crate::stamp::{PageEdge, Pages, Place, Side, point};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

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
    /// 页:last、all、odd、even,或如 1,3-5;几页时签名在其中最后一页 / pages: last, all, odd, even, or as 1,3-5; the signature stands on the last of them
    #[arg(long, value_name = "PAGES", default_value = "last")]
    pub(crate) page: Pages,
    #[command(flatten)]
    pub(crate) anchor: AnchorArguments,
    /// 第几次出现,缺省为最后一次 / which time the words stand there, from 1; the last if not named
    #[arg(long, value_name = "N", requires = "keyword", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) occurrence: Option<u32>,
    /// 从字的中心偏移 右,下(毫米)/ from the middle of the words: right,down in mm
    #[arg(long, value_name = "DX,DY", requires = "keyword", value_parser = shift, allow_hyphen_values = true)]
    pub(crate) offset: Option<(f64, f64)>,
    #[command(flatten)]
    pub(crate) edge: EdgeArguments,
    /// 盖好的 PDF 写到这里;多份时为目录 / write the stamped document here; a folder for many
    #[arg(long, short, value_name = "PATH")]
    pub(crate) out: PathBuf,
    /// 只预演:不用印,把将要盖成的各页画成图片放进 -o 目录 / rehearse: nothing is stamped, pictures of the pages go into the folder -o
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// 盖章后会变样的文件先重写再盖:批注与表单固定下来,脚本、动作、附件去掉;印章同时认证文件 / write a document anew that would be refused: looks are drawn in, scripts, actions and attachments left behind; the seal certifies it
    #[arg(long)]
    pub(crate) rewrite: bool,
    /// 防重键:同键同文件同位置只盖一次;多份时缺省由输出目录而来 / idempotency key: the same key, document and place stamp once; for many the default comes from the output folder
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
}

/// Where the seal goes: one of these.
#[derive(Args, Debug)]
#[group(required = true, multiple = false, args = ["at", "keyword", "field", "date_line"])]
pub(crate) struct AnchorArguments {
    /// 印章中心的位置 X,Y(毫米)/ where the seal's centre goes: X,Y in mm
    #[arg(long, value_name = "X,Y", value_parser = point)]
    pub(crate) at: Option<(f64, f64)>,
    /// 盖在这些字上,如 盖章处 / on these words
    #[arg(long, value_name = "WORDS", conflicts_with = "page")]
    pub(crate) keyword: Option<String>,
    /// 盖在已有的空签名域里 / in an empty signature field that is there
    #[arg(long, value_name = "NAME", conflicts_with = "page")]
    pub(crate) field: Option<String>,
    /// 骑年盖月:盖在落款日期上 / over the date line
    #[arg(long, conflicts_with = "page")]
    pub(crate) date_line: bool,
}

/// 骑缝章.
#[derive(Args, Debug)]
pub(crate) struct EdgeArguments {
    /// 另加骑缝章,在 left 或 right 边 / slices over the page edges besides, on the left or right
    #[arg(long, value_name = "SIDE")]
    pub(crate) edge: Option<Side>,
    /// 骑缝章只盖奇数页(双面打印)/ slices on odd pages only: printed on both sides
    #[arg(long, requires = "edge")]
    pub(crate) edge_odd: bool,
    /// 骑缝章每片最窄(毫米);页多时分为几枚 / no slice is narrower, in mm; more pages make more imprints
    #[arg(long, value_name = "MM", requires = "edge", default_value_t = 3.0)]
    pub(crate) edge_narrowest: f64,
    /// 骑缝章离纸边(毫米)/ from the edge of the page to the slice, in mm
    #[arg(long, value_name = "MM", requires = "edge", default_value_t = 0.0)]
    pub(crate) edge_margin: f64,
    /// 骑缝章中心离上边(毫米),缺省居中 / middle of the slices from the top edge, in mm; the page's middle if not named
    #[arg(long, value_name = "MM", requires = "edge")]
    pub(crate) edge_centre: Option<f64>,
}

/// `DX,DY`, either of them below zero too.
fn shift(text: &str) -> Result<(f64, f64), String> {
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|mm| mm.abs() <= 1000.0);
    let parts = text.split_once([',', ',']).and_then(|(x, y)| number(x).zip(number(y)));
    parts.ok_or_else(|| "须为 右,下 两个毫米数,如 0,-12.5 / two numbers of mm, as 0,-12.5".to_owned())
}

impl Stamp {
    pub(super) fn placement(&self) -> Placement {
        let anchor = match &self.anchor {
            AnchorArguments { at: Some((x_mm, y_mm)), .. } => {
                Anchor::Place(Place::Point { pages: self.page.clone(), x_mm: *x_mm, y_mm: *y_mm })
            }
            AnchorArguments { keyword: Some(words), .. } => Anchor::Words {
                words: words.clone(),
                occurrence: self.occurrence,
                offset_mm: self.offset.unwrap_or_default(),
            },
            AnchorArguments { field: Some(name), .. } => Anchor::Place(Place::Field { name: name.clone() }),
            AnchorArguments { .. } => Anchor::DateLine,
        };
        let EdgeArguments { edge, edge_odd, edge_narrowest, edge_margin, edge_centre } = &self.edge;
        let edge = edge.map(|side| PageEdge {
            side,
            odd_only: *edge_odd,
            narrowest_mm: *edge_narrowest,
            margin_mm: *edge_margin,
            centre_mm: *edge_centre,
        });
        Placement { anchor, edge, certify: false }
    }
}

/// What became of a document that was written anew.
fn told(changes: &Changes) -> String {
    let Changes { drawn, dropped, silenced } = changes;
    format!(
        "已重写 rewritten: 固定外观 looks drawn in {drawn},去掉 left behind: 批注 annotations {dropped},动作、脚本、附件 actions, scripts, attachments {silenced};请看过再用 look at the result"
    )
}

pub(super) fn run(output: Output, stamp: &Stamp, templates: &[PathBuf]) -> Answer {
    let one = match &stamp.documents[..] {
        [one] if !one.is_dir() => one,
        _ if stamp.dry_run => return Err("--dry-run 一次一份 / one document at a time".into()),
        _ => return stamp_many::run(output, stamp, &open(output, &stamp.state.state, templates)?),
    };
    let document = read(one)?;
    let office = open(output, &stamp.state.state, templates)?;
    let fitted = match office.fitted(&document, &stamp.placement(), stamp.rewrite) {
        Ok(fitted) => fitted,
        Err(why) => return Ok(refused(output, &why)),
    };
    if let Some(changes) = &fitted.changes {
        output.remark(&told(changes));
    }
    let (document, placement) = (fitted.document, fitted.placement);
    if stamp.dry_run {
        return rehearse(output, stamp, &office, &document, &placement);
    }
    let request = StampRequest {
        document: &document,
        seal: &stamp.seal,
        placement: &placement,
        idempotency_key: stamp.idempotency_key.clone(),
        request: None,
    };
    let stamped = match office.stamp(&mandate(), request) {
        Ok(stamped) => stamped,
        Err(why) => return Ok(refused(output, &why)),
    };
    write(&stamp.out, &stamped.pdf)?;
    say(output, &stamped, &stamp.out);
    Ok(Exit::Ok)
}

fn rehearse(
    output: Output,
    stamp: &Stamp,
    office: &Office,
    document: &[u8],
    placement: &Placement,
) -> Answer {
    let rehearsed = match office.rehearse(document, &stamp.seal, placement) {
        Ok(rehearsed) => rehearsed,
        Err(SealRequestError::Stamping(why)) => return Ok(refused(output, &why)),
        Err(why) => return Err(why.into()),
    };
    std::fs::create_dir_all(&stamp.out)?;
    let mut paths = Vec::new();
    for (page, png) in &rehearsed.pages {
        let path = stamp.out.join(format!("page-{page}.png"));
        write(&path, png)?;
        paths.push(path);
    }
    if output.json {
        let page = rehearsed.landed.spot.page;
        output.object(&json!({ "outcome": "would_be_stamped", "page": page, "pictures": paths }));
    } else {
        for path in &paths {
            output.line(&format!("预演,未盖章 rehearsed, not stamped: {}", path.display()));
        }
    }
    Ok(Exit::Ok)
}

fn say(output: Output, stamped: &Stamped, out: &Path) {
    let (record, landed) = (&stamped.stamping, &stamped.landed);
    if output.json {
        let edges: Vec<_> =
            landed.slices.iter().map(|slice| json!({ "page": slice.page, "code": slice.code })).collect();
        output.object(&json!({
            "outcome": "stamped",
            "seal": record.seal,
            "use_number": record.use_number,
            "page": landed.spot.page,
            "rectangle": landed.spot.rectangle,
            "also_on": landed.also_on,
            "page_edges": edges,
            "source_sha256": hex::encode(record.source),
            "sha256": record.document.map(hex::encode),
            "signed_at": record.reserved_at.rfc3339(),
            "replayed": stamped.replayed,
            "path": out,
        }));
    } else {
        output.line(&format!(
            "✔ 已盖章 stamped: {}(第 {} 次用印 use {},第 {} 页 page {})",
            out.display(),
            record.use_number,
            record.use_number,
            landed.spot.page,
            landed.spot.page
        ));
        if !landed.also_on.is_empty() {
            let pages: Vec<String> = landed.also_on.iter().map(usize::to_string).collect();
            output.line(&format!("  另在 also on: {}", pages.join("、")));
        }
        if let Some(slice) = landed.slices.first() {
            let codes: Vec<String> =
                landed.slices.iter().map(|slice| format!("{} {}", slice.page, slice.code)).collect();
            output.line(&format!(
                "  骑缝章 page edges: {} 片 slices,共 {} 页 pages;页码与校验码 page and code: {}",
                landed.slices.len(),
                slice.pages,
                codes.join("、")
            ));
        }
    }
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
    if !hazards.is_empty() {
        output.problem("  可加 --rewrite 先重写再盖 / --rewrite writes the document anew without them");
    }
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
