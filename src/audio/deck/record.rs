//! Which legs of the deck are recorded, and what they said on its way to whoever writes it down.

use super::{Deck, Out, Room};
use crate::{
    audio::{
        leg::Leg,
        order::RecordingId,
        recorder::{Chunk, Tap},
    },
    sdp::LegId,
    time::Uptime,
};

impl Deck {
    /// These legs, as far as they are here, are in the recording, and no others.
    pub(super) fn record(&mut self, recording: RecordingId, legs: &[LegId], out: &mut impl Out) {
        self.untap_where(out, |leg| leg.recording() == Some(recording) && !legs.contains(&leg.id));
        for id in legs {
            let Some(&seat) = self.legs.get(id) else { continue };
            let Some(mut leg) = self.seats[usize::from(seat)].take() else { continue };
            if leg.recording() != Some(recording) {
                self.untap(&mut leg, out);
                leg.tap = Some(Box::new(Tap::new(recording, *id)));
                self.room.chunks.grow();
                self.tapped.add(seat);
            }
            self.seats[usize::from(seat)] = Some(leg);
        }
    }

    /// The last word about it follows the last that was said.
    pub(super) fn stop_recording(&mut self, now: Uptime, recording: RecordingId, out: &mut impl Out) {
        self.untap_where(out, |leg| leg.recording() == Some(recording));
        self.room.chunks.adopt();
        self.over.push_back(Chunk::over(recording, now));
        self.hand_over_last(out);
    }

    fn untap_where(&mut self, out: &mut impl Out, which: impl Fn(&Leg) -> bool) {
        let Deck { seats, tapped, room, .. } = self;
        tapped.retain(|seat| {
            let Some(leg) = seats[usize::from(seat)].as_deref_mut() else { return false };
            if which(leg) {
                untap(leg, room, out);
            }
            leg.tap.is_some()
        });
    }

    pub(super) fn untap(&mut self, leg: &mut Leg, out: &mut impl Out) {
        untap(leg, &mut self.room, out);
    }

    /// A leg that is recorded comes from another deck, or goes there, with the chunk that it fills.
    pub(super) fn tap_arrives(&mut self, seat: u16) {
        let tap = self.seats[usize::from(seat)].as_ref().and_then(|leg| leg.tap.as_ref());
        if let Some(holds) = tap.map(|tap| tap.holds()) {
            if holds {
                self.room.chunks.adopt();
            }
            self.room.chunks.grow();
            self.tapped.add(seat);
        }
    }

    pub(super) fn tap_leaves(&mut self, leg: &Leg) {
        if let Some(tap) = &leg.tap {
            if tap.holds() {
                self.room.chunks.part();
            }
            self.room.chunks.shrink();
        }
    }

    /// What was gathered goes to the writer, and what it has written comes back.
    pub fn hand_over(&mut self, out: &mut impl Out) {
        let Deck { seats, tapped, room, .. } = self;
        tapped.retain(|seat| {
            let tap = seats[usize::from(seat)].as_mut().and_then(|leg| leg.tap.as_mut());
            tap.map(|tap| tap.hand_over(&mut room.chunks, out)).is_some()
        });
        self.hand_over_last(out);
        self.room.chunks.restock(out);
    }

    /// What was gathered is not lost with the deck.
    pub fn end(&mut self, out: &mut impl Out) {
        self.untap_where(out, |_| true);
        self.hand_over_last(out);
    }

    fn hand_over_last(&mut self, out: &mut impl Out) {
        while let Some(chunk) = self.over.pop_front() {
            if let Some(full) = out.hand_over(chunk) {
                return self.over.push_front(full);
            }
        }
    }
}

fn untap(leg: &mut Leg, room: &mut Room, out: &mut impl Out) {
    if let Some(mut tap) = leg.tap.take() {
        tap.hand_over(&mut room.chunks, out);
        room.chunks.shrink();
    }
}
