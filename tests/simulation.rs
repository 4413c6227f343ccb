//! A random office: a seed makes phones, menus and groups, lines to the outside that fail, calls that are recorded, lost
//! and doubled packets and restarts; checkers look after each event, and what was recorded of it goes the same when it
//! is played again. On failure the seed is printed; `SEEDS=n` plays more, `FROM=n` others than the first, `SEED=n` one
//! alone.

mod checks;
mod flow;
mod line;
mod lines;
mod world;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};
use world::World;

/// Seeds that every `make test` plays.
const USUAL: u64 = 60;
/// Each so many-th of them is recorded and played again, and its state compared after each event; both take longer than
/// the playing.
const RECORDED: u64 = 10;
/// After so many events the state of the others is compared.
const STATE_EVERY: usize = 25;

/// BOX-125: a piece of a recording is enough to play on from it.
#[test]
fn simulation_every_seed_keeps_the_rules_and_goes_the_same_twice() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("SEED") {
        Some(one) => one..one + 1,
        None => {
            let from = number("FROM").unwrap_or(0);
            from..from + number("SEEDS").unwrap_or(USUAL)
        }
    };
    let (next, end) = (AtomicU64::new(seeds.start), seeds.end);
    let failed: Vec<String> = thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(|| work(&next, end))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("a worker catches what fails")).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn work(next: &AtomicU64, end: u64) -> Vec<String> {
    let mut failed = Vec::new();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= end || failed.len() > 3 {
            return failed;
        }
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| play_twice(seed))) {
            let why = panic.downcast_ref::<String>().cloned();
            let why = why.or(panic.downcast_ref::<&str>().map(|text| text.to_string()));
            failed.push(format!("SEED={seed}: {}", why.unwrap_or_default()));
        }
    }
}

fn play_twice(seed: u64) {
    let recorded = seed.is_multiple_of(RECORDED);
    let world = || World::new(seed, if recorded { 1 } else { STATE_EVERY });
    let first = if recorded { world().recorded() } else { world() }.play();
    let second = world().play();
    let differs = first.iter().zip(&second).position(|(one, other)| one != other);
    assert_eq!(differs, None, "the second run differs from this event on");
    assert_eq!(first.len(), second.len(), "the second run has as many events");
}
