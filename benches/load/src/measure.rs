//! Sends through all flows at once and measures loss, delay and CPU.

use crate::{cpu, flow::Flow};
use std::{
    io,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    time::Duration,
};

/// Each flow sends at one millisecond of these twenty, so that packets are spread as they are in life.
const TURN_MS: u64 = 20;
/// The beginning is not measured: sources are learnt, caches filled.
const WARM_UP: Duration = Duration::from_secs(2);
/// What is still under way at the end may come in so long.
const LAST: Duration = Duration::from_millis(500);
/// Delays are counted in steps of 5 µs up to 100 ms.
const STEP_NS: u64 = 5_000;
const STEPS: usize = 20_000;
const EVENTS: usize = 256;

pub struct Plan {
    pub seconds: Duration,
    /// Whose CPU is measured.
    pub pid: Option<u32>,
}

/// What has to be seen to while sound runs: the phones' signalling.
pub trait Beside {
    fn turn(&mut self);
}

pub struct Alone;

impl Beside for Alone {
    fn turn(&mut self) {}
}

#[derive(Debug)]
pub struct Outcome {
    /// Packets of the measured window: those sent in it and those of them that came.
    sent: u64,
    received: u64,
    seconds: f64,
    /// Packets of the beginning that never came: of those before a source is learnt, a relay knows no way on.
    lost_at_first: i64,
    cpu_s: Option<f64>,
    resident_kib: Option<u64>,
    delays: Vec<u32>,
    late_sends: u64,
}

impl Outcome {
    pub fn json(&self, calls: usize) -> serde_json::Value {
        let per_packet = self.cpu_s.map(|cpu| cpu * 1e6 / self.received.max(1) as f64);
        serde_json::json!({
            "calls": calls,
            "packets_per_s": (self.received as f64 / self.seconds).round(),
            "sent": self.sent,
            "lost": self.sent as i64 - self.received as i64,
            "lost_at_first": self.lost_at_first,
            "delay_p50_ms": self.delay_ms(0.50),
            "delay_p99_ms": self.delay_ms(0.99),
            "delay_p999_ms": self.delay_ms(0.999),
            "late_sends": self.late_sends,
            "cpu_us_per_packet": per_packet.map(|us| (us * 100.0).round() / 100.0),
            "cpu_percent_of_core": self.cpu_s.map(|cpu| (cpu / self.seconds * 10_000.0).round() / 100.0),
            "resident_kib": self.resident_kib,
        })
    }

    fn delay_ms(&self, share: f64) -> f64 {
        let all: u64 = self.delays.iter().map(|&count| u64::from(count)).sum();
        let mut left = (all as f64 * share) as u64;
        let step = self.delays.iter().position(|&count| {
            let here = left < u64::from(count);
            left = left.saturating_sub(u64::from(count));
            here
        });
        (step.unwrap_or(0) as u64 * STEP_NS) as f64 / 1e6
    }
}

/// Nanoseconds on the clock that nothing moves.
pub fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel fills the struct in.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Readiness of many sockets.
pub struct Poll(OwnedFd);

impl Poll {
    pub fn new() -> io::Result<Poll> {
        // SAFETY: a fresh descriptor is owned from here on.
        match unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) } {
            -1 => Err(io::Error::last_os_error()),
            fd => Ok(Poll(unsafe { OwnedFd::from_raw_fd(fd) })),
        }
    }

    pub fn add(&self, socket: &impl AsRawFd, mark: u64) -> io::Result<()> {
        let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: mark };
        // SAFETY: both descriptors are open.
        match unsafe { libc::epoll_ctl(self.0.as_raw_fd(), libc::EPOLL_CTL_ADD, socket.as_raw_fd(), &mut event) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Calls `each` with the marks that are ready within so many milliseconds; -1 waits for ever.
    pub fn wait(&self, ms: i32, mut each: impl FnMut(u64)) {
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; EVENTS];
        // SAFETY: there is room for as many events as are named.
        let count = unsafe { libc::epoll_wait(self.0.as_raw_fd(), events.as_mut_ptr(), EVENTS as i32, ms) };
        events.iter().take(count.max(0) as usize).for_each(|event| each(event.u64));
    }
}

/// Flows 2n and 2n + 1 are the sides of one call.
pub fn run(mut flows: Vec<Flow>, plan: &Plan, beside: &mut dyn Beside) -> io::Result<Outcome> {
    let poll = Poll::new()?;
    for (mark, flow) in flows.iter().enumerate() {
        poll.add(&flow.socket, mark as u64)?;
    }
    let mut outcome = Outcome {
        sent: 0,
        received: 0,
        seconds: 0.0,
        lost_at_first: 0,
        cpu_s: None,
        resident_kib: None,
        delays: vec![0; STEPS],
        late_sends: 0,
    };
    let begin = now();
    let window = begin + WARM_UP.as_nanos() as u64;
    let end = window + plan.seconds.as_nanos() as u64;
    let (mut turn, mut cpu_then, mut began) = (0u64, None, None);
    loop {
        let time = now();
        if began.is_none() && time >= window {
            began = Some(time);
            cpu_then = plan.pid.map(cpu::of).transpose()?;
        }
        if time >= end {
            break;
        }
        while begin + turn * 1_000_000 <= time {
            outcome.late_sends += u64::from(time - (begin + turn * 1_000_000) > 5_000_000);
            let place = turn % TURN_MS;
            for flow in flows.iter_mut().skip(place as usize).step_by(TURN_MS as usize) {
                flow.send(now());
                match began {
                    Some(_) => outcome.sent += 1,
                    None => outcome.lost_at_first += 1,
                }
            }
            turn += 1;
            if turn % 10 == 0 {
                beside.turn();
            }
        }
        poll.wait(1, |mark| outcome.hear(&flows[mark as usize], began));
    }
    outcome.seconds = (now() - began.unwrap_or(window)) as f64 / 1e9;
    outcome.cpu_s = plan.pid.map(cpu::of).transpose()?.zip(cpu_then).map(|(now, then)| now - then);
    outcome.resident_kib = plan.pid.map(cpu::resident).transpose()?;
    let last = now() + LAST.as_nanos() as u64;
    while now() < last {
        poll.wait(1, |mark| outcome.hear(&flows[mark as usize], began));
    }
    Ok(outcome)
}

impl Outcome {
    fn hear(&mut self, flow: &Flow, began: Option<u64>) {
        let Some(left) = flow.receive() else { return };
        if began.is_none_or(|began| left < began) {
            self.lost_at_first -= 1;
            return;
        }
        self.received += 1;
        let step = (now().saturating_sub(left) / STEP_NS) as usize;
        self.delays[step.min(STEPS - 1)] += 1;
    }
}
