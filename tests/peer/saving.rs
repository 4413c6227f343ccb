//! Many save at once over the API.

use crate::harness::{Callbox, Lan, clock::wait};
use serde_json::json;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

const AGENTS: usize = 50;
const AT_ONCE: usize = 16;
/// What one hash of a password takes, and how many there are at most.
const HASH_BYTES: u64 = 19 << 20;
const HASHES_MAX: u64 = 4;
/// Agents, connections and threads that stay.
const SPARE_BYTES: u64 = 16 << 20;
const SOON: Duration = Duration::from_secs(10);

/// BOX-152, BOX-138: whoever saves passwords, and how many at once, four hashes are the most that memory holds, and
/// none when all are answered. No page of it is a huge one, of which most would lie idle.
#[test]
fn many_passwords_take_the_memory_of_four_and_give_it_back() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let (before, next) = (office.memory(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let web = office.web();
                while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < AGENTS) {
                    let agent =
                        json!({"agent_number": format!("7{number:03}"), "first_name": "Li", "web_password": "not a secret"});
                    let (status, body) = web.send("POST", "/api/v1/agents", Some(&agent));
                    assert_eq!(status, 201, "{body}");
                }
            });
        }
    });
    wait("the memory is back", SOON, || (office.memory() < before + SPARE_BYTES).then_some(()));
    let most = office.memory_most().saturating_sub(before);
    assert!(most < HASHES_MAX * HASH_BYTES + SPARE_BYTES, "it was {most} bytes more");
    assert_eq!(office.rows("agents").len(), 8 + AGENTS);
    assert_eq!(office.memory_in_huge_pages(), 0);
}
