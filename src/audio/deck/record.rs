//! Which legs of the deck are recorded, and what they said on its way to whoever writes it down.

use super::{Deck, Out};
use crate::{
    audio::{
        leg::Leg,
        order::RecordingId,
        recorder::{Log, Tap},
    },
    sdp::LegId,
    time::Uptime,
};

impl Deck {
    /// These legs, as far as they are here, are in the recording, and no others.
    pub(super) fn record(&mut self, recording: RecordingId, legs: &[LegId]) {
        self.untap_where(|leg| leg.recording() == Some(recording) && !legs.contains(&leg.id));
        for id in legs {
            let Some(&seat) = self.legs.get(id) else { continue };
            let Some(leg) = self.seats[usize::from(seat)].as_deref_mut() else { continue };
            if leg.recording() != Some(recording) {
                untap(leg, &mut self.room.log);
                leg.tap = Some(Tap::new(recording));
                self.room.log.grow();
                self.tapped.add(seat);
            }
        }
    }

    /// The last word about it follows the last that was said.
    pub(super) fn stop_recording(&mut self, now: Uptime, recording: RecordingId, out: &mut impl Out) {
        self.untap_where(|leg| leg.recording() == Some(recording));
        self.room.log.over(recording, now);
        self.room.log.hand_over(out);
    }

    fn untap_where(&mut self, which: impl Fn(&Leg) -> bool) {
        let Deck { seats, tapped, room, .. } = self;
        tapped.retain(|seat| {
            let Some(leg) = seats[usize::from(seat)].as_deref_mut() else { return false };
            if which(leg) {
                untap(leg, &mut room.log);
            }
            leg.tap.is_some()
        });
    }

    pub(super) fn untap(&mut self, leg: &mut Leg) {
        untap(leg, &mut self.room.log);
    }

    /// A leg that is recorded comes from another deck, or goes there.
    pub(super) fn tap_arrives(&mut self, seat: u16) {
        if self.seats[usize::from(seat)].as_ref().is_some_and(|leg| leg.tap.is_some()) {
            self.room.log.grow();
            self.tapped.add(seat);
        }
    }

    pub(super) fn tap_leaves(&mut self, leg: &Leg) {
        if leg.tap.is_some() {
            self.room.log.shrink();
        }
    }

    /// What was gathered goes to the writer, and what it has written comes back.
    pub fn hand_over(&mut self, out: &mut impl Out) {
        self.room.log.hand_over(out);
    }

    /// What was gathered is not lost with the deck.
    pub fn end(&mut self, out: &mut impl Out) {
        self.untap_where(|_| true);
        self.hand_over(out);
    }
}

fn untap(leg: &mut Leg, log: &mut Log) {
    if leg.tap.take().is_some() {
        log.shrink();
    }
}
