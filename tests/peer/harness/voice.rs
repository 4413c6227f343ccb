//! Sound of the tests' own client: speaks a tone as µ-law in RTP and keeps what it hears.

use super::{
    Namespace,
    baresip::SOON,
    elapsed,
    tone::{self, AMPLITUDE, Sound},
    wait,
};
use std::{
    f64::consts::TAU,
    net::{SocketAddr, UdpSocket},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

pub const RATE: u32 = 8000;
const FRAME: usize = 160;
const FRAME_LENGTH: Duration = Duration::from_millis(20);
const HEADER: usize = 12;
/// From here up each of its two tones is a key's, dBFS of the peak.
const KEY: f64 = -20.0;

pub struct Voice {
    pub local: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    remote: Mutex<Option<SocketAddr>>,
    heard: Mutex<Vec<i16>>,
    /// The two tones of a pressed key, and for how many frames yet.
    pressed: Mutex<Option<([f64; 2], u32)>>,
    answers: AtomicBool,
    ended: AtomicBool,
}

impl Voice {
    pub fn start(place: &Namespace, port: u16, hertz: f64) -> Voice {
        Voice::start_at(place, &place.address, port, hertz)
    }

    pub fn start_at(place: &Namespace, address: &str, port: u16, hertz: f64) -> Voice {
        let socket = place.run(|| UdpSocket::bind((address, port)).unwrap());
        let local = socket.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        thread::spawn({
            let shared = shared.clone();
            move || speak(&socket, &shared, hertz)
        });
        Voice { local, shared }
    }

    /// From now on the tone goes there.
    pub fn speak_to(&self, remote: Option<SocketAddr>) {
        assert!(remote.is_some(), "an address for the sound");
        *self.shared.remote.lock().unwrap() = remote;
    }

    /// From now on the tone goes to whoever speaks to it first.
    pub fn answers(self) -> Voice {
        self.shared.answers.store(true, Ordering::Relaxed);
        self
    }

    #[track_caller]
    pub fn hears(&self, hertz: f64) {
        tone::hears("the client", hertz, || self.heard());
    }

    #[track_caller]
    pub fn hears_music(&self) {
        tone::hears_music("the client", || self.heard());
    }

    fn heard(&self) -> Option<(PathBuf, Sound)> {
        Some((PathBuf::new(), Sound { rate: RATE, samples: self.shared.heard.lock().unwrap().clone() }))
    }

    /// Waits until both tones of a key were heard together, for at least 40 ms.
    #[track_caller]
    pub fn hears_key(&self, tones: [f64; 2]) {
        wait("the tones of a key are heard", SOON, || {
            let heard = self.shared.heard.lock().unwrap();
            let sounds = |piece: &[i16]| {
                let sound = Sound { rate: RATE, samples: piece.to_vec() };
                tones.iter().all(|&tone| sound.level(tone) > KEY)
            };
            heard.chunks_exact(2 * FRAME).any(sounds).then_some(())
        });
    }

    /// Presses a key for 120 ms: its two tones in place of the voice (ITU-T Q.23).
    pub fn press(&self, tones: [f64; 2]) {
        *self.shared.pressed.lock().unwrap() = Some((tones, 6));
    }

    /// Samples heard so far.
    pub fn count(&self) -> usize {
        self.shared.heard.lock().unwrap().len()
    }
}

impl Shared {
    /// The tones of the key that is down during the next frame.
    fn key(&self) -> Option<[f64; 2]> {
        let mut pressed = self.pressed.lock().unwrap();
        let (tones, left) = pressed.take()?;
        *pressed = (left > 1).then_some((tones, left - 1));
        Some(tones)
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
    }
}

fn speak(socket: &UdpSocket, shared: &Shared, hertz: f64) {
    let (mut number, mut due, mut packet) = (0u32, elapsed(), [0; 2048]);
    while !shared.ended.load(Ordering::Relaxed) {
        let wait = due.saturating_sub(elapsed());
        if wait.is_zero() {
            if let Some(remote) = *shared.remote.lock().unwrap() {
                let _ = socket.send_to(&frame(number, hertz, shared.key()), remote);
            }
            number += 1;
            due += FRAME_LENGTH;
            continue;
        }
        socket.set_read_timeout(Some(wait)).unwrap();
        if let Ok((count, from)) = socket.recv_from(&mut packet) {
            if shared.answers.load(Ordering::Relaxed) {
                shared.remote.lock().unwrap().get_or_insert(from);
            }
            shared.heard.lock().unwrap().extend(samples(&packet[..count]));
        }
    }
}

/// What is said in a packet; in µ-law alone: digits and comfort noise are not heard.
pub fn samples(packet: &[u8]) -> Vec<i16> {
    let spoken = packet.first() == Some(&0x80) && packet.get(1).is_some_and(|kind| kind & 0x7f == 0);
    packet.get(HEADER..).filter(|_| spoken).unwrap_or_default().iter().map(|&code| expand(code)).collect()
}

fn frame(number: u32, hertz: f64, key: Option<[f64; 2]>) -> Vec<u8> {
    let first = number.wrapping_mul(FRAME as u32);
    let mut packet = vec![0x80, 0];
    packet.extend((number as u16).to_be_bytes());
    packet.extend(first.to_be_bytes());
    packet.extend((hertz as u32).to_be_bytes());
    packet.extend((0..FRAME).map(|n| {
        let seconds = (f64::from(number) * FRAME as f64 + n as f64) / f64::from(RATE);
        let wave = |hertz: f64| AMPLITUDE * 32767.0 * (TAU * hertz * seconds).sin();
        compress(key.map_or_else(|| wave(hertz), |[low, high]| wave(low) + wave(high)) as i32)
    }));
    packet
}

/// ITU-T G.711, µ-law.
fn compress(sample: i32) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let level = sample.abs().min(32635) + 132;
    let exponent = 31 - (level as u32).leading_zeros() - 7;
    let mantissa = (level >> (exponent + 3)) & 0x0f;
    !(sign | (exponent as u8) << 4 | mantissa as u8)
}

fn expand(code: u8) -> i16 {
    let code = !code;
    let level = ((i32::from(code & 0x0f) << 3) + 132) << ((code >> 4) & 7);
    let sample = level - 132;
    if code & 0x80 == 0 { sample as i16 } else { -sample as i16 }
}

#[test]
fn a_frame_holds_the_tone() {
    let samples: Vec<i16> =
        (0..25).flat_map(|number| frame(number, 440.0, None)[HEADER..].to_vec()).map(expand).collect();
    let sound = Sound { rate: RATE, samples };
    assert!((sound.level(440.0) + 12.0).abs() < 0.5 && sound.level(1000.0) < -40.0);
}
