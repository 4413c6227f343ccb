//! From a key to the first packet of what it leads to: a caller goes to and fro between two menus whose prompts differ.

use crate::{measure::Poll, office, panel::Page, phone::Phone, signal::share_ms, stamp};
use callbox::audio::wav::{self, Form};
use serde_json::{Value, json};
use std::{f64::consts::TAU, fs, io, thread, time::Duration};

const NUMBER: &str = "70002";
/// A call is ended after 30 places.
const KEYS_A_CALL: usize = 25;
const PROMPT_S: u32 = 20;
/// What the two menus say, Hz, and how often such a tone crosses zero in a packet.
const TONES: [f64; 2] = [400.0, 1000.0];
const CROSSINGS: [std::ops::RangeInclusive<usize>; 2] = [14..=18, 37..=42];
/// How long a key is held, in packets.
const HELD: u16 = 4;
const PACKET: Duration = Duration::from_millis(20);
/// Between a prompt that was heard and the next key; each time a little longer, so that keys come at all moments of the
/// 20 ms in which prompts are paced.
const REST: Duration = Duration::from_millis(150);
const SHIFT: Duration = Duration::from_micros(1_700);
const SHIFTS: usize = 12;
/// How long what a key leads to may take, and how long it is listened to, both ns.
const PATIENCE_NS: u64 = 2_000_000_000;
const LISTENED_NS: u64 = 200_000_000;

pub fn run(file: &str, count: usize) -> io::Result<Value> {
    let line = fs::read_to_string(file)?;
    let (told, sip) = office::read(&line)?;
    make_menus(&mut Page::sign_in(&line)?)?;
    let (number, password) = office::agents(&told, 1)?.remove(0);
    let (mut delays, mut failed) = (Vec::new(), 0);
    let mut phone = Phone::new(&number, &password, sip, 1)?;
    phone.register(300)?;
    stamp::begin(&phone.flow.socket)?;
    let poll = Poll::new()?;
    poll.add(&phone.flow.socket, 0)?;
    while delays.len() + failed < count {
        phone.call(NUMBER, &mut [])?;
        await_tone(&phone, &poll, 0, stamp::now()).ok_or_else(|| io::Error::other("the menu is not heard"))?;
        for key in 1..=KEYS_A_CALL.min(count - delays.len() - failed) {
            thread::sleep(REST + SHIFT * (delays.len() % SHIFTS) as u32);
            phone.attend();
            let pressed = press(&mut phone);
            match await_tone(&phone, &poll, key % 2, pressed) {
                Some(came) => delays.push(came - pressed),
                None => failed += 1,
            }
        }
        phone.bye()?;
    }
    phone.register(0)?;
    Ok(json!({
        "keys": count, "failed": failed,
        "p50_ms": share_ms(&mut delays, 0.5), "p99_ms": share_ms(&mut delays, 0.99), "max_ms": share_ms(&mut delays, 1.0),
    }))
}

/// Each leads to the other.
fn make_menus(page: &mut Page) -> io::Result<()> {
    let mut menu = |name: &str, hertz: f64, more: Value| -> io::Result<String> {
        let mut sound = wav::head(Form::Prompt, 8_000 * PROMPT_S).to_vec();
        let sample = |n: u32| ((f64::from(n) * hertz / 8_000.0 * TAU).sin() * 8_000.0) as i16;
        sound.extend((0..8_000 * PROMPT_S).flat_map(|n| sample(n).to_le_bytes()));
        let file = page.upload_to("uploads/media/file", &sound)?["file"].clone();
        let media = page.must("POST", "media", &json!({ "name": name, "type": "voice", "file": file }))?;
        let mut menu =
            json!({ "name": name, "prompts": [{ "media": media["id"] }], "start_delay": 0, "max_input_length": 1 });
        for (field, value) in more.as_object().into_iter().flatten() {
            menu[field] = value.clone();
        }
        let made = page.must("POST", "ivr", &menu)?;
        Ok(made["id"].as_str().unwrap_or_default().to_owned())
    };
    let keys = |to: &str| json!([{ "input": "1", "destination": { "type": "ivr", "target": to } }]);
    let low = menu("Load low", TONES[0], json!({ "internal_number": NUMBER }))?;
    let high = menu("Load high", TONES[1], json!({ "keys": keys(&low) }))?;
    page.must("PATCH", &format!("ivr/{low}"), &json!({ "keys": keys(&high) }))?;
    Ok(())
}

/// Presses 1 and gives when the packet left that ends it.
fn press(phone: &mut Phone) -> u64 {
    for turn in 1..=HELD {
        phone.flow.send_event(1, 160 * turn, false);
        thread::sleep(PACKET);
    }
    let pressed = stamp::now();
    (0..3).for_each(|_| phone.flow.send_event(1, 160 * (HELD + 1), true));
    pressed
}

/// When the first packet came that says this tone, `from` then on.
fn await_tone(phone: &Phone, poll: &Poll, tone: usize, from: u64) -> Option<u64> {
    let (mut buffer, mut first) = ([0; 2048], None);
    while stamp::now() < from + PATIENCE_NS {
        poll.wait(5, |_| {});
        while let Some((length, _, came)) = stamp::receive(&phone.flow.socket, &mut buffer) {
            if length == 172 && CROSSINGS[tone].contains(&crossings(&buffer[12..172])) {
                first = first.or(Some(came));
            }
        }
        // What still plays is heard out, so that the next key finds nothing that waits.
        if first.is_some_and(|first| stamp::now() > first + LISTENED_NS) {
            return first;
        }
    }
    first
}

/// How often the sign of µ-law changes.
fn crossings(payload: &[u8]) -> usize {
    payload.windows(2).filter(|pair| (pair[0] ^ pair[1]) & 0x80 != 0).count()
}
