//! The way of a packet from the leg that speaks to those that hear it.

use super::{Deck, Incoming, Kind, Out, Room};
use crate::{
    audio::{
        codec::{self, Ear, SAMPLES_MAX, Samples, g711},
        dtmf::Press,
        leg::{Leg, Taken, What},
        order::Report,
        recorder::Heard,
        rtp::HEADER,
    },
    sdp::{Codec, LegId},
    time::Uptime,
};

static SILENCE: Samples = [0; SAMPLES_MAX];

/// One packet of a leg, under way to its hearers.
struct Passing<'a> {
    now: Uptime,
    speaker: LegId,
    taken: Taken,
    ear: &'a mut Ear,
    /// Samples in the room, once they are decoded: a packet goes through the decoder once.
    decoded: Option<usize>,
    /// A digit sounds in it, which hearers that take events get as an event.
    aloud: bool,
}

impl Deck {
    /// Takes what came on a port.
    pub fn packet(&mut self, now: Uptime, incoming: Incoming, out: &mut impl Out) {
        let Incoming { seat, kind, from, buffer, length } = incoming;
        let Some(Some(leg)) = self.seats.get_mut(usize::from(seat)) else { return };
        if kind == Kind::Rtcp {
            return leg.take_report(now, from, buffer, length);
        }
        let Some(taken) = leg.take(now, from, buffer, length) else { return };
        let Some(mut ear) = leg.ear.take() else { return };
        let mut passing = Passing { now, speaker: leg.id, taken, ear: &mut ear, decoded: None, aloud: false };
        let press = passing.attend(leg, &buffer[HEADER..taken.length], &mut self.room, out);
        if taken.what == What::Event {
            self.active.add(seat);
        }
        let hearers = leg.hearers.clone();
        if let Some((&last, others)) = hearers.split_last() {
            for &hearer in others {
                let mut copy = self.room.spare;
                copy[..taken.length].copy_from_slice(&buffer[..taken.length]);
                if let Some(leg) = &mut self.seats[usize::from(hearer)] {
                    passing.pass(leg, &mut copy, &mut self.room, out);
                }
            }
            if let Some(leg) = &mut self.seats[usize::from(last)] {
                passing.pass(leg, buffer, &mut self.room, out);
            }
        }
        if let Some(leg) = &mut self.seats[usize::from(seat)] {
            leg.ear = Some(ear);
        }
        if let Some(press) = press {
            self.pressed(seat, press, taken.what == What::Event, out);
        }
    }

    /// Tells of a press, and passes it on to those who did not get it as it came.
    pub(super) fn pressed(&mut self, seat: u16, press: Press, as_event: bool, out: &mut impl Out) {
        let Some(leg) = &self.seats[usize::from(seat)] else { return };
        let (id, hearers) = (leg.id, leg.hearers.clone());
        for hearer in hearers {
            if let Some(leg) = &mut self.seats[usize::from(hearer)]
                && leg.takes_events() != as_event
                && leg.takes_keys()
            {
                leg.keypad.press(press);
                self.active.add(hearer);
            }
        }
        out.report(Report::Digit { leg: id, digit: press.digit, ms: press.ms });
    }
}

impl Passing<'_> {
    /// What the deck itself learns from the packet: level and digits.
    fn attend(&mut self, leg: &mut Leg, payload: &[u8], room: &mut Room, out: &mut impl Out) -> Option<Press> {
        let What::Voice(codec) = self.taken.what else { return leg.dialled(self.now, &self.taken, payload) };
        leg.measure(codec, payload);
        if leg.tap.is_some() {
            self.tap(leg, codec, payload, room, out);
        }
        if !leg.listens(codec) && leg.voice.is_none() {
            return None;
        }
        let count = self.decode(codec, payload, room);
        leg.speak(self.taken.header.timestamp, codec, &room.samples[..count]);
        if !leg.listens(codec) {
            return None;
        }
        let press = leg.listen(codec, &room.samples[..count], &mut room.between);
        self.aloud = leg.dials_aloud();
        press
    }

    /// What is recorded is G.711, whatever came.
    fn tap(&mut self, leg: &mut Leg, codec: Codec, payload: &[u8], room: &mut Room, out: &mut impl Out) {
        let Some(tap) = &mut leg.tap else { return };
        let header = self.taken.header;
        let mut heard = Heard { came: self.now, leg: leg.id, header: &header, codec, sound: payload };
        if codec == Codec::G722 {
            let count = self.decode(codec, payload, room) / 2;
            tap.down.run(&room.samples[..2 * count], &mut room.between[..count]);
            g711::A.encode_into(&room.between[..count], &mut room.spare[..count]);
            (heard.codec, heard.sound) = (Codec::Pcma, &room.spare[..count]);
        }
        room.log.take(tap, &heard, out);
    }

    fn decode(&mut self, codec: Codec, payload: &[u8], room: &mut Room) -> usize {
        *self.decoded.get_or_insert_with(|| self.ear.decode(codec, payload, &mut room.samples).len())
    }

    /// Gives the packet to one who hears it, in its codec and with its numbers.
    fn pass(&mut self, leg: &mut Leg, packet: &mut [u8], room: &mut Room, out: &mut impl Out) {
        let Some(agreed) = &leg.agreed else { return };
        if !agreed.terms.hears || leg.keypad.busy() {
            return leg.out.pause();
        }
        let (send, event_send, elsewhere) = (agreed.terms.send, agreed.terms.event_send, agreed.terms.keys_elsewhere);
        let payload_type = match (self.taken.what, event_send) {
            (What::Event, None) => return,
            (What::Event, Some(payload_type)) => payload_type,
            (What::Voice(codec), _) => {
                let payload = &mut packet[HEADER..self.taken.length];
                let hush = self.aloud && (event_send.is_some() || elsewhere);
                self.turn(codec, send.codec, hush, leg, payload, room);
                send.payload
            }
        };
        if let Some(next) = leg.out.follow(self.now, self.speaker, &self.taken.header) {
            leg.send(next, payload_type, packet, self.taken.length, out);
        }
    }

    /// Turns the payload into the hearer's codec where it lies.
    fn turn(&mut self, from: Codec, to: Codec, hush: bool, leg: &mut Leg, payload: &mut [u8], room: &mut Room) {
        if hush {
            if !codec::hush(to, payload) {
                let count = payload.len() * 2;
                leg.mouth.encode(to, &SILENCE[..count], to, &mut room.between, payload);
            }
        } else if from != to && !codec::swap_law(from, to, payload) {
            let count = self.decode(from, payload, room);
            leg.mouth.encode(from, &room.samples[..count], to, &mut room.between, payload);
        }
    }
}
