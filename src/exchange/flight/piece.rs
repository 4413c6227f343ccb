//! A recording that is read, and its pieces, told again.

use super::{End, Entry, MAGIC, wanted::Snapshots};
use crate::{
    exchange::{Actions, Event, Exchange},
    time::{Now, Timestamp},
};
use std::{fmt, time::Duration};

/// A piece of a recording.
#[derive(Debug)]
pub struct Piece {
    pub began: Now,
    exchange: Exchange,
    events: Vec<(Now, Event)>,
    /// Messages of strangers that are not there.
    pub strangers: u64,
    /// None: it was cut off.
    pub end: Option<End>,
}

/// Why a recording cannot be read.
#[derive(Debug)]
pub enum Unread {
    NoRecording,
    /// With the version that can.
    OtherVersion(String),
    Broken(String),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Unread::NoRecording => f.write_str("this is no flight recording"),
            Unread::OtherVersion(version) => write!(f, "it was made by callbox {version}, which alone can play it"),
            Unread::Broken(why) => write!(f, "it cannot be read: {why}"),
        }
    }
}

impl Piece {
    pub fn events(&self) -> usize {
        self.events.len()
    }

    /// Tells all again, and gives what follows from each event.
    pub fn play(mut self, mut each: impl FnMut(Now, &Event, &Actions)) {
        for (now, event) in self.events {
            let mut actions = Actions::default();
            self.exchange.handle(now, event.clone(), &mut actions);
            each(now, &event, &actions);
        }
    }
}

/// The pieces of a recording that this version of the program has made. What was cut off at the end is left out.
pub fn pieces(recording: &[u8], version: &str) -> Result<Vec<Piece>, Unread> {
    let rest = recording.strip_prefix(MAGIC.as_bytes()).ok_or(Unread::NoRecording)?;
    let end = rest.iter().position(|byte| *byte == b'\n').ok_or(Unread::NoRecording)?;
    let made_by = String::from_utf8_lossy(&rest[..end]);
    if made_by != version {
        return Err(Unread::OtherVersion(made_by.into_owned()));
    }
    let (mut reading, mut rest) = (Reading::default(), &rest[end + 1..]);
    while let Some((bytes, after)) = next(rest) {
        reading.take(postcard::from_bytes(bytes).map_err(|error| Unread::Broken(error.to_string()))?)?;
        rest = after;
    }
    Ok(reading.pieces)
}

/// A whole entry, and what follows it.
fn next(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = rest.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

#[derive(Default)]
struct Reading {
    snapshots: Snapshots,
    pieces: Vec<Piece>,
    now: Now,
}

impl Reading {
    fn take(&mut self, entry: Entry) -> Result<(), Unread> {
        match entry {
            Entry::Table { noun, rows } => self.snapshots.table(noun, rows),
            Entry::Barred(sorted) => self.snapshots.barred(sorted),
            Entry::Wanted { revision, tables, since } => {
                self.snapshots.snapshot(revision, &tables, since).map_err(Unread::Broken)?;
            }
            Entry::State { now, exchange } => self.begin(now, &exchange)?,
            Entry::Event { after_us, after_ms, event } => self.event(after_us, after_ms, event)?,
            Entry::Strangers(number) => {
                if let Some(piece) = self.pieces.last_mut() {
                    piece.strangers += u64::from(number);
                }
            }
            Entry::End(end) => {
                if let Some(piece) = self.pieces.last_mut() {
                    piece.end = Some(end);
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, now: Now, exchange: &[u8]) -> Result<(), Unread> {
        let mut exchange: Exchange =
            postcard::from_bytes(exchange).map_err(|error| Unread::Broken(error.to_string()))?;
        exchange.resume(|revision| self.snapshots.find(revision).unwrap_or_default());
        self.now = now;
        self.pieces.push(Piece { began: now, exchange, events: Vec::new(), strangers: 0, end: None });
        Ok(())
    }

    fn event(&mut self, after_us: u64, after_ms: i64, event: Event) -> Result<(), Unread> {
        let event = match event {
            Event::Tenant(tenant) => Event::Tenant(self.snapshots.find(tenant.revision).unwrap_or_default()),
            other => other,
        };
        self.now =
            Now { up: self.now.up + Duration::from_micros(after_us), wall: Timestamp(self.now.wall.0 + after_ms) };
        let piece = self.pieces.last_mut().ok_or_else(|| Unread::Broken("an event of no piece".into()))?;
        piece.events.push((self.now, event));
        Ok(())
    }
}
