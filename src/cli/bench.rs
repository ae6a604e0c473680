//! `bench`: what a certificate costs on this machine, measured on a demonstration that is thrown away.

use super::arguments::Bench;
use super::output::{Exit, Output};
use super::{Answer, open};
use crate::config::SubFilterName;
use crate::crypto;
use crate::service::assets::Assets;
use crate::service::bench::{self, Figures, Plan};
use crate::service::found;
use std::path::{Path, PathBuf};
use std::time::Duration;

const PERIOD: Duration = Duration::from_secs(2);
const ROWS: u64 = 20_000;

pub(super) fn run(output: Output, bench: &Bench, templates: &[PathBuf]) -> Answer {
    let (state, _thrown_away) = match &bench.state {
        Some(state) => (state.clone(), None),
        None => {
            let state = std::env::temp_dir().join(format!("yinzheng-bench-{}", std::process::id()));
            (state.clone(), Some(ThrownAway(state)))
        }
    };
    found::demonstration(&state, &crypto::ECDSA_P256_SHA256, SubFilterName::EtsiCades)?;
    let office = open(output, &state, templates)?;
    let plan = Plan {
        count: bench.count,
        singly: usize::try_from(bench.count.clamp(7, 500))?,
        period: PERIOD,
        rows: ROWS.min(bench.count.saturating_mul(20)),
    };
    let progress = output.progress(plan.count, "签发 issuing");
    let figures = bench::run(&office, &Assets::new(templates.to_vec(), None), plan, |done| {
        progress.set_position(done);
    });
    progress.finish_and_clear();
    let figures = figures?;
    if output.json {
        output.object(&serde_json::to_value(&figures)?);
    } else {
        print(output, &figures);
    }
    Ok(Exit::Ok)
}

/// Removes the folder again, also after an error.
struct ThrownAway(PathBuf);

impl Drop for ThrownAway {
    fn drop(&mut self) {
        let folder: &Path = &self.0;
        let _ = std::fs::remove_dir_all(folder);
    }
}

fn print(output: Output, figures: &Figures) {
    let machine = &figures.machine;
    output.line(&format!("{} 核 cores · {} · {} {}", machine.cores, machine.build, machine.arch, machine.os));
    if machine.build == "debug" {
        output.line(
            "这是未优化的构建,数字没有意义 / an unoptimised build: the figures mean nothing (use --release)",
        );
    }
    let rows: Vec<Vec<String>> = figures
        .stages
        .iter()
        .map(|s| (s.stage.to_owned(), [s.mean_us, s.median_us, s.p99_us].map(|us| format!("{us:.1}"))))
        .map(|(stage, times)| std::iter::once(stage).chain(times).collect())
        .collect();
    output.table(&["步骤 stage", "平均 mean µs", "中位 median µs", "p99 µs"], &rows);
    output.line(&format!(
        "\n签发 issued: {} 份,全程 end to end {}/s(同时在办 under way {},平均 mean {} 字节 bytes)",
        figures.issued, figures.issued_per_second, figures.under_way, figures.bytes_per_certificate
    ));
    if let Some(us) = figures.cpu_us_per_certificate {
        output.line(&format!("每份用处理器 processor time each: {us} µs(含系统 system included)"));
    }
    output.line(&format!(
        "核验 verified: {}/s 每核 per core(含台账与第二读者 with ledger and second reader);自检 inspection {}/s",
        figures.verified_per_second_per_core, figures.inspected_per_second_per_core
    ));
    for (suite, rate) in &figures.signed_per_second_per_core {
        output.line(&format!("签名 signatures {suite}: {rate}/s 每核 per core"));
    }
    for (callers, rate) in &figures.reserved_per_second {
        output.line(&format!("台账 ledger, {callers} 人同时等候 waiting: {rate} 行 rows/s"));
    }
    if let (Some(early), Some(peak)) = (&figures.peak_kib_early, figures.peak_kib) {
        output.line(&format!(
            "内存峰值 peak memory: {} MiB({} 份之后 after),{} MiB(全部之后 after all)",
            early.kib / 1024,
            early.after,
            peak / 1024
        ));
    }
}
