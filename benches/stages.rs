//! The stages of the issuing line, one by one: `cargo bench`. For everything at once: `yinzheng bench`.

use divan::{Bencher, black_box};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use yinzheng::config::SubFilterName;
use yinzheng::crypto;
use yinzheng::service::assets::Assets;
use yinzheng::service::bench::Workshop;
use yinzheng::service::{Office, found};

/// A demonstration that lasts as long as the process.
static OFFICE: LazyLock<(Office, PathBuf)> = LazyLock::new(|| {
    let state = std::env::temp_dir().join(format!("yinzheng-benches-{}", std::process::id()));
    found::demonstration(&state, &crypto::ECDSA_P256_SHA256, SubFilterName::EtsiCades)
        .expect("a demonstration");
    (Office::open(&state, Vec::new()).expect("an office"), state)
});
static WORKSHOP: LazyLock<Workshop<'static>> =
    LazyLock::new(|| Workshop::new(&OFFICE.0, &Assets::default()).expect("examples"));
static NEXT: AtomicUsize = AtomicUsize::new(0);

fn main() {
    divan::main();
    let _ = std::fs::remove_dir_all(&OFFICE.1);
}

/// Types take turns, so that a figure is of their mixture.
fn next() -> usize {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[divan::bench]
fn accept(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(next).bench_values(|nth| WORKSHOP.accept(nth).map(drop));
}

#[divan::bench]
fn reserve(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| WORKSHOP.accept(next()).expect("accepted"))
        .bench_values(|piece| WORKSHOP.reserve(&piece).map(drop));
}

#[divan::bench]
fn render(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| {
            let piece = WORKSHOP.accept(next()).expect("accepted");
            let (_, particulars) = WORKSHOP.reserve(&piece).expect("reserved");
            (piece, particulars)
        })
        .bench_values(|(piece, particulars)| WORKSHOP.render(&piece, &particulars));
}

#[divan::bench]
fn seal(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| {
            let piece = WORKSHOP.accept(next()).expect("accepted");
            let (_, particulars) = WORKSHOP.reserve(&piece).expect("reserved");
            let page = WORKSHOP.render(&piece, &particulars).expect("drawn");
            (piece, page)
        })
        .bench_values(|(piece, page)| WORKSHOP.seal(&piece, page));
}

#[divan::bench]
fn inspect(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| {
            let piece = WORKSHOP.accept(next()).expect("accepted");
            let (_, particulars) = WORKSHOP.reserve(&piece).expect("reserved");
            let page = WORKSHOP.render(&piece, &particulars).expect("drawn");
            (WORKSHOP.seal(&piece, page).expect("sealed"), particulars)
        })
        .bench_values(|(sealed, particulars)| WORKSHOP.inspect(sealed, &particulars).map(drop));
}

#[divan::bench]
fn record(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| {
            let piece = WORKSHOP.accept(next()).expect("accepted");
            let (reserved, particulars) = WORKSHOP.reserve(&piece).expect("reserved");
            let page = WORKSHOP.render(&piece, &particulars).expect("drawn");
            let sealed = WORKSHOP.seal(&piece, page).expect("sealed");
            (reserved, WORKSHOP.inspect(sealed, &particulars).expect("genuine"))
        })
        .bench_values(|(reserved, passed)| WORKSHOP.record(reserved, &passed));
}

#[divan::bench]
fn verify(bencher: Bencher<'_, '_>) {
    let files: Vec<Vec<u8>> = (0..WORKSHOP.types()).map(|n| WORKSHOP.issue(n).expect("issued")).collect();
    bencher.with_inputs(next).bench_values(|nth| OFFICE.0.check(black_box(&files[nth % files.len()])));
}

#[divan::bench]
fn the_whole_line(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(next).bench_values(|nth| WORKSHOP.issue(nth));
}
