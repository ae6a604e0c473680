//! A large file costs little more than hashing it, and memory that does not grow with it.

#[allow(unreachable_pub, dead_code, reason = "an example, whose own crate it is public in")]
#[path = "../../examples/large.rs"]
mod example;

use std::process::Command;

/// Runs alone in a process of its own, whose memory is then its own.
#[test]
#[ignore = "run by a_hundred_megabytes"]
fn measured() {
    let (file, anchors) = example::sealed(100).unwrap();
    let cost = example::measure(&file, &anchors).unwrap();
    println!("MEASURED {} {} {:.3}", cost.bytes, cost.above, cost.share());
}

#[test]
fn a_hundred_megabytes() {
    if !cfg!(target_os = "linux") {
        eprintln!("SKIPPED: memory is read from /proc");
        return;
    }
    let own = std::env::current_exe().unwrap();
    let output =
        Command::new(own).args(["--exact", "large::measured", "--ignored", "--nocapture"]).output().unwrap();
    let words = crate::judges::words(&output);
    assert!(output.status.success(), "{words}");
    let line = words.lines().find_map(|line| line.split_once("MEASURED ")).expect(&words).1;
    let [bytes, above, share] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
    let (bytes, above, share): (usize, usize, f64) =
        (bytes.parse().unwrap(), above.parse().unwrap(), share.parse().unwrap());
    println!("{bytes} bytes, {above} above them, {share} of the rate of SHA-256");
    assert!(bytes > 100 << 20);
    assert!(above < 64 << 20, "{above} bytes above the file");
    // Generous: this build is not optimised and others are at work. `examples/large.rs` measures.
    assert!(share > 0.4, "only {share} of the rate of SHA-256");
}
