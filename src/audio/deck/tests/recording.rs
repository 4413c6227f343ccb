//! What legs say, recorded: from packets to the file as people will play it.

use super::*;
use crate::audio::{
    codec::g711::{A, SILENCE_A, U},
    order::RecordingId,
    recorder::{
        BLOCKS, Word,
        tape::{Ended, Paper, Tape},
    },
    wav::{self, Form},
};
use std::io;

const ONE: RecordingId = RecordingId(1);

/// A file in memory, which a full disk cuts off.
#[derive(Default)]
struct Sheet {
    bytes: Vec<u8>,
    room: Option<usize>,
    writes: usize,
}

impl Paper for Sheet {
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.writes += 1;
        let end = at as usize + bytes.len();
        if self.room.is_some_and(|room| end > room) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.resize(self.bytes.len().max(end), 0);
        self.bytes[at as usize..end].copy_from_slice(bytes);
        Ok(())
    }
}

impl Sheet {
    /// The samples of one side, as the head tells them.
    fn side(&self, side: usize) -> Vec<u8> {
        let head = wav::head(Form::Call, 0).len();
        let told = wav::told(self.bytes[..head].try_into().unwrap()).expect("a head of ours") as usize;
        assert!(self.bytes.len() >= head + 2 * told, "the head tells more than there is");
        self.bytes[head..head + 2 * told].iter().skip(side).step_by(2).copied().collect()
    }
}

/// A table at which legs 1 and 2 talk, and the tape of it.
struct Studio {
    table: Table,
    tape: Tape,
    sheet: Sheet,
}

impl Studio {
    fn new(one: Stream, two: Stream) -> Studio {
        let mut table = Table::call(one, two);
        let mut sheet = Sheet::default();
        let mut tape = Tape::begin(ONE, Form::Call, table.now, &mut sheet).unwrap();
        tape.seat(0, &[LegId(1)]);
        tape.seat(1, &[LegId(2)]);
        table.record(&[1], &[2]);
        Studio { table, tape, sheet }
    }

    /// The writer has its turn.
    fn lay_down(&mut self) {
        while let Some(mut block) = self.table.sent.blocks.pop_front() {
            write(&mut self.tape, &mut block, &mut self.sheet);
            self.table.sent.written.push(block);
        }
        self.tape.until(self.table.now, &mut self.sheet);
    }

    /// 20 ms in which each leg says this much, or nothing.
    fn turn(&mut self, said: &[(u64, u8, &[u8])]) {
        self.table.tick();
        said.iter().for_each(|&(leg, payload_type, payload)| drop(self.table.says(leg, payload_type, payload)));
        if self.table.deck.ticks.is_multiple_of(5) {
            self.lay_down();
        }
    }

    fn end(mut self) -> (Sheet, Ended) {
        self.table.order(Order::StopRecording { recording: ONE });
        let last = self.table.sent.blocks.back().expect("a last word");
        assert_eq!(last.words.last(), Some(&Word::Over(ONE, self.table.now)));
        self.lay_down();
        let ended = self.tape.end(self.table.now, &mut self.sheet);
        assert_eq!(ended.bytes, self.sheet.bytes.len() as u64);
        (self.sheet, ended)
    }
}

fn write(tape: &mut Tape, block: &mut Block, sheet: &mut Sheet) {
    block.turn();
    block.said().iter().for_each(|said| tape.take(said, block.sound(said), sheet));
    if block.words.contains(&Word::Lost(ONE)) {
        tape.lose();
    }
}

impl Table {
    fn record(&mut self, left: &[u64], right: &[u64]) {
        let legs = |ids: &[u64]| ids.iter().copied().map(LegId).collect();
        self.order(Order::Record { recording: ONE, left: legs(left), right: legs(right), file: String::new() });
    }
}

/// Where a byte stands, from and to.
fn span(side: &[u8], byte: u8) -> (usize, usize) {
    let from = side.iter().position(|&other| other == byte).unwrap_or_else(|| panic!("{byte:x} is missing"));
    (from, side.iter().rposition(|&other| other == byte).unwrap() + 1)
}

/// BOX-58, CDR-10 reading: the agent's side left, the other right, each as it was said.
#[test]
fn each_side_is_where_it_belongs() {
    let mut studio = Studio::new(stream(1, PCMA), stream(2, PCMU));
    for _ in 0..200 {
        studio.turn(&[(1, 8, &[0x33; 160]), (2, 0, &[0x44; 160])]);
    }
    let (sheet, ended) = studio.end();
    assert_eq!((ended.samples, ended.whole), (32_000, true));
    let other = U.other[0x44];
    // What came in the first tick had been said in it.
    assert_eq!((span(&sheet.side(0), 0x33), span(&sheet.side(1), other)), ((0, 32_000), (0, 32_000)));
    assert!(sheet.side(0).iter().all(|&byte| byte == 0x33) && sheet.side(1).iter().all(|&byte| byte == other));
}

#[test]
fn a_wide_voice_is_recorded_narrow() {
    let mut studio = Studio::new(stream(1, G722), stream(2, PCMA));
    voice(G722, 440.0, 100).iter().for_each(|payload| studio.turn(&[(1, 9, payload)]));
    let (sheet, ended) = studio.end();
    assert!(ended.whole);
    let samples: Vec<i16> = sheet.side(0).iter().map(|&byte| A.linear[usize::from(byte)]).collect();
    let ups = samples[8_000..].windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
    assert!((438..=442).contains(&ups), "440 Hz for a second: {ups}");
    assert!(sheet.side(1).iter().all(|&byte| byte == SILENCE_A));
}

/// Both sides stay aligned: what was not said and what was lost is silence of its length.
#[test]
fn gaps_are_silence() {
    let mut studio = Studio::new(stream(1, PCMA), stream(2, PCMA));
    for turn in 0..300u32 {
        let mut said: Vec<(u64, u8, &[u8])> = vec![(1, 8, &[0x33; 160])];
        match turn {
            // The phone is on hold: its numbers stand still, its clock goes on.
            100..200 => {}
            200 => said.push((2, 8, &[0x55; 160])),
            _ => said.push((2, 8, &[0x44; 160])),
        }
        // Lost on its way.
        if (50..60).contains(&turn) {
            studio.table.packet(1, 8, &[]);
            said.remove(0);
        }
        studio.turn(&said);
    }
    let (sheet, ended) = studio.end();
    let (left, right) = (sheet.side(0), sheet.side(1));
    assert!(ended.whole, "what never came was never there");
    assert!(left[50 * 160..60 * 160].iter().all(|&byte| byte == SILENCE_A));
    assert_eq!(left.iter().filter(|&&byte| byte == 0x33).count(), 290 * 160);
    assert!(right[100 * 160..200 * 160 - 640].iter().all(|&byte| byte == SILENCE_A));
    assert_eq!(span(&right, 0x44), (0, 300 * 160));
}

/// Packets change places on their way; the recording puts them back, also behind what is written.
#[test]
fn packets_out_of_order_are_put_in_order() {
    let mut studio = Studio::new(stream(1, PCMA), stream(2, PCMA));
    let mut held = Vec::new();
    for turn in 0..250u32 {
        studio.turn(&[]);
        let packet = studio.table.packet(1, 8, &[turn as u8 & 0x7F; 160]);
        match turn {
            100 => held.push(packet),
            130 => {
                studio.table.sends(1, &packet);
                studio.table.sends(1, &held.remove(0));
            }
            _ => drop(studio.table.sends(1, &packet)),
        }
    }
    let (sheet, _) = studio.end();
    let left = sheet.side(0);
    assert_eq!(left.len(), 250 * 160);
    for (turn, said) in left.chunks(160).enumerate() {
        assert!(said.iter().all(|&byte| byte == turn as u8 & 0x7F), "packet {turn}");
    }
}

/// A card's number is not for the file: the pause is silence of its length.
#[test]
fn a_pause_is_silent() {
    let mut studio = Studio::new(stream(1, PCMA), stream(2, PCMA));
    for turn in 0..300 {
        match turn {
            100 => studio.tape.pause(studio.table.now + Duration::from_millis(1)),
            200 => studio.tape.resume(studio.table.now + Duration::from_millis(1)),
            _ => {}
        }
        studio.turn(&[(1, 8, &[0x33; 160]), (2, 8, &[0x44; 160])]);
    }
    let (sheet, ended) = studio.end();
    assert_eq!((ended.samples, ended.whole), (48_000, true));
    for (side, byte) in [(0, 0x33), (1, 0x44)] {
        let side = sheet.side(side);
        assert!(side[100 * 160..200 * 160].iter().all(|&byte| byte == SILENCE_A));
        assert_eq!(side.iter().filter(|&&other| other == byte).count(), 200 * 160);
    }
}

/// A transfer changes who is on which side; a leader who breaks in is heard beside the agent.
#[test]
fn who_is_on_which_side_changes() {
    let mut studio = Studio::new(stream(1, PCMA), stream(2, PCMA));
    studio.table.open(3, stream(3, PCMA));
    let turns = |studio: &mut Studio, turns: usize| {
        for _ in 0..turns {
            studio.turn(&[(1, 8, &[0x33; 160]), (2, 8, &[0x44; 160]), (3, 8, &[0x2B; 160])]);
        }
    };
    turns(&mut studio, 50);
    studio.table.record(&[1, 3], &[2]);
    studio.tape.seat(0, &[LegId(1), LegId(3)]);
    turns(&mut studio, 50);
    studio.table.record(&[3], &[2]);
    turns(&mut studio, 50);
    let (sheet, _) = studio.end();
    let left = sheet.side(0);
    let both = A.encode((i32::from(A.linear[0x33]) + i32::from(A.linear[0x2B])).max(i16::MIN.into()) as i16);
    for (at, byte) in [(0, 0x33), (50, both), (100, 0x2B)] {
        let part = &left[at * 160 + 320..(at + 50) * 160 - 320];
        assert!(part.iter().all(|&other| other == byte), "{byte:x} from {at}");
    }
    assert_eq!(span(&sheet.side(1), 0x44), (0, 24_000));
}

/// BOX-95: at any moment it is a WAV file, and what was said a second ago is in it.
#[test]
fn it_can_be_played_while_it_grows() {
    let mut studio = Studio::new(stream(1, PCMA), stream(2, PCMA));
    for turn in 1..=1_000usize {
        studio.turn(&[(1, 8, &[0x33; 160])]);
        let written = studio.sheet.bytes.len().saturating_sub(58) / 2;
        assert!(written + 8_000 / 2 >= turn * 160, "{written} samples after {turn} packets");
        let told = studio.sheet.side(0).len();
        assert!(told + 9 * 8_000 >= turn * 160, "the head tells {told} after {turn} packets");
        assert!(studio.sheet.side(0).iter().all(|&byte| byte == 0x33));
    }
    // 20 s are 80 pages: each is written once, the first three times, and what a page does not fill at the end.
    assert!(studio.sheet.writes < 100, "{}", studio.sheet.writes);
}

/// BOX-66: a disk that is full ends the file there; it stays what it was.
#[test]
fn a_full_disk_leaves_what_was_written() {
    let mut studio = Studio::new(stream(1, PCMA), stream(2, PCMA));
    studio.sheet.room = Some(70_000);
    for _ in 0..500 {
        studio.turn(&[(1, 8, &[0x33; 160])]);
    }
    assert!(studio.tape.is_broken());
    studio.table.order(Order::StopRecording { recording: ONE });
    studio.lay_down();
    let ended = studio.tape.end(studio.table.now, &mut studio.sheet);
    assert!(!ended.whole && ended.samples > 16_000);
    assert!(studio.sheet.side(0).iter().all(|&byte| byte == 0x33));
}

/// A writer that stands still: what there was room for is recorded, and that something is missing is told.
#[test]
fn a_writer_that_stands_still_is_told() {
    let mut studio = Studio::new(stream(1, PCMA), stream(2, PCMA));
    let speak = |studio: &mut Studio, turns: usize| {
        for _ in 0..turns {
            studio.table.tick();
            studio.table.says(1, 8, &[0x33; 160]);
        }
    };
    speak(&mut studio, 5 * BLOCKS);
    studio.lay_down();
    speak(&mut studio, 5);
    studio.lay_down();
    assert!(studio.sheet.bytes.len() > 16_000);
    studio.table.sent.full = true;
    // One block is full after 200 packets.
    speak(&mut studio, 220);
    studio.table.sent.full = false;
    speak(&mut studio, 10);
    let (sheet, ended) = studio.end();
    assert!(!ended.whole);
    let left = sheet.side(0);
    let lost = left.iter().filter(|&&byte| byte == SILENCE_A).count() / 160;
    assert!((18..=25).contains(&lost), "{lost} packets");
}

/// What a recording took is given back, wherever its legs went meanwhile.
#[test]
fn blocks_come_back() {
    let mut studio = Studio::new(stream(1, PCMA), stream(2, PCMA));
    studio.turn(&[(1, 8, &[0x33; 160])]);
    let (leg, hears) = studio.table.deck.leave(LegId(1)).unwrap();
    assert_eq!(leg.recording(), Some(ONE));
    studio.table.deck.arrive(leg, hears);
    for _ in 0..20 {
        studio.turn(&[(1, 8, &[0x33; 160])]);
    }
    studio.table.order(Order::Close { leg: LegId(1) });
    studio.table.order(Order::StopRecording { recording: ONE });
    for _ in 0..20 {
        studio.turn(&[]);
    }
    assert_eq!(studio.table.deck.room.log.owned(), 0);
}

/// FEA-8: one voice alone, as prompts are.
#[test]
fn a_prompt_is_one_channel_of_16_bit() {
    let mut table = Table::new();
    table.open(1, stream(1, PCMU));
    let mut sheet = Sheet::default();
    let mut tape = Tape::begin(ONE, Form::Prompt, table.now, &mut sheet).unwrap();
    tape.seat(0, &[LegId(1)]);
    table.order(Order::Take { leg: LegId(1), recording: ONE });
    for _ in 0..50 {
        table.tick();
        table.says(1, 0, &[0x10; 160]);
    }
    table.order(Order::StopRecording { recording: ONE });
    table.sent.blocks.iter_mut().for_each(|block| write(&mut tape, block, &mut sheet));
    let ended = tape.end(table.now, &mut sheet);
    assert_eq!((ended.samples, ended.bytes), (8_000, 16_044));
    assert_eq!(sheet.bytes[..44], wav::head(Form::Prompt, 8_000)[..]);
    let sample = A.linear[usize::from(U.other[0x10])].to_le_bytes();
    assert!(sheet.bytes[44..].chunks(2).all(|pair| pair == sample));
}
