//! Many at once: all cores at work, the disk's waits shared, results in the order of the input.
//!
//! A certificate waits for the disk twice; the ledger commits for everybody who waits, so several times
//! more certificates are under way than there are cores. A worker that runs far ahead of the oldest
//! unfinished one pauses: what is under way is bounded, and so is memory, however long the list.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::mpsc::sync_channel;
use std::sync::{Condvar, Mutex, PoisonError};

/// Certificates under way for each core.
const PER_CORE: usize = 8;
/// How far the fastest may be ahead of the slowest.
const AHEAD: u64 = 1024;

/// Cores of this machine.
#[must_use]
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// How many certificates are best under way at once here.
#[must_use]
pub fn under_way() -> usize {
    cores().saturating_mul(PER_CORE).clamp(PER_CORE, 128)
}

struct Queue<I> {
    inputs: I,
    taken: u64,
    delivered: u64,
    stopped: bool,
}

/// Runs `work` on every input with `threads` threads and hands the results, in order, to `each` on this
/// thread. When `each` returns false no further input is begun; what is under way is finished first.
pub fn in_order<T: Send, R: Send>(
    threads: usize,
    inputs: impl Iterator<Item = T> + Send,
    work: impl Fn(u64, T) -> R + Sync,
    mut each: impl FnMut(R) -> bool,
) {
    let queue = Mutex::new(Queue { inputs, taken: 0, delivered: 0, stopped: false });
    let moved = Condvar::new();
    let lock = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let next = || {
        let mut queue = lock();
        while !queue.stopped && queue.taken - queue.delivered >= AHEAD {
            queue = moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        if queue.stopped {
            return None;
        }
        let input = queue.inputs.next()?;
        queue.taken += 1;
        Some((queue.taken - 1, input))
    };
    std::thread::scope(|scope| {
        let (sender, results) = sync_channel(threads.max(1));
        for _ in 0..threads.max(1) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while let Some((at, input)) = next() {
                    if sender.send((at, work(at, input))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let (mut early, mut due) = (BTreeMap::new(), 0);
        for (at, result) in results {
            early.insert(at, result);
            let mut stopped = false;
            while let Some(result) = early.remove(&due) {
                due += 1;
                stopped |= !each(result);
            }
            let mut queue = lock();
            queue.delivered = due;
            queue.stopped |= stopped;
            moved.notify_all();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    #[test]
    fn results_come_in_order_although_work_does_not() {
        let mut seen = Vec::new();
        let work = |at: u64, n: u64| {
            assert_eq!(at, n);
            std::thread::sleep(Duration::from_micros(if n.is_multiple_of(7) { 3000 } else { 10 }));
            n * 2
        };
        in_order(16, 0..300, work, |doubled| {
            seen.push(doubled);
            true
        });
        assert_eq!(seen, (0..300).map(|n| n * 2).collect::<Vec<_>>());
    }

    #[test]
    fn one_slow_input_holds_the_others_within_bounds() {
        let furthest = AtomicU64::new(0);
        let work = |at: u64, _| {
            furthest.fetch_max(at, Ordering::SeqCst);
            if at == 0 {
                std::thread::sleep(Duration::from_millis(200));
                return furthest.load(Ordering::SeqCst);
            }
            0
        };
        let mut at_the_slow = None;
        let mut count = 0;
        in_order(4, 0..20_000_u32, work, |seen| {
            at_the_slow.get_or_insert(seen);
            count += 1;
            true
        });
        assert_eq!(count, 20_000);
        assert!(at_the_slow.unwrap() < AHEAD, "{at_the_slow:?}");
        assert!(at_the_slow.unwrap() > AHEAD / 2, "the others did go on: {at_the_slow:?}");
    }

    #[test]
    fn nothing_is_begun_after_a_stop() {
        let begun = AtomicU64::new(0);
        let mut seen = 0;
        let work = |_, n: u32| {
            begun.fetch_add(1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(1));
            n
        };
        in_order(4, 0..10_000, work, |_| {
            seen += 1;
            seen < 10
        });
        assert!(begun.load(Ordering::SeqCst) < 100, "{begun:?}");
        in_order(4, std::iter::empty::<u32>(), |_, n| n, |_| panic!("no input, no result"));
    }
}
