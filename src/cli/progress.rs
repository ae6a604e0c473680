//! How far a long run is.

use super::output::Output;
use indicatif::ProgressBar;
use std::time::Instant;

/// A bar for a terminal, a line for every tenth otherwise.
pub(super) struct Progress {
    bar: ProgressBar,
    output: Output,
    total: u64,
    begun: Instant,
}

impl Progress {
    #[expect(clippy::disallowed_methods, reason = "a face tells how long it took")]
    pub(super) fn new(output: Output, total: Option<u64>, what: &str) -> Self {
        let total = total.unwrap_or(0);
        Self { bar: output.progress(total, what), output, total, begun: Instant::now() }
    }

    pub(super) fn step(&self) {
        self.bar.inc(1);
        let (done, tenth) = (self.bar.position(), self.total.div_ceil(10).max(1));
        if self.bar.is_hidden() && self.total > 10 && done.is_multiple_of(tenth) {
            let spent = self.begun.elapsed().as_secs_f64();
            #[allow(clippy::cast_precision_loss, reason = "an estimate")]
            let rate = done as f64 / spent.max(1e-3);
            #[allow(clippy::cast_precision_loss, reason = "an estimate")]
            let left = self.total.saturating_sub(done) as f64 / rate;
            self.output.remark(&format!("{done}/{} · {rate:.0}/s · 剩余 left {left:.0} s", self.total));
        }
    }

    /// Takes the bar away; how many seconds it stood.
    pub(super) fn finish(&self) -> f64 {
        self.bar.finish_and_clear();
        (self.begun.elapsed().as_secs_f64() * 10.0).round() / 10.0
    }
}
