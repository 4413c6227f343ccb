//! The lines of the random office to the outside: each serves, refuses, answers garbage or says nothing, as its mood
//! is, and people beyond call and are called over it.

use crate::{
    phone::Ua,
    scenario::{
        carrier::{self, Carriers},
        phone::Phone,
    },
};
use bytes::Bytes;
use callbox::{
    chance::Chance,
    schema::tenant::Tenant,
    sdp::Codec,
    sip::{message::Message, method::Method, wire::Peer, write},
};
use std::{collections::BTreeMap, net::SocketAddr};

pub const LINES: u32 = 3;
/// People outside on each line.
const PEOPLE: u32 = 2;
/// What a carrier refuses a call with, and what no carrier should say.
const REFUSALS: [u16; 12] = [403, 404, 408, 480, 484, 486, 488, 500, 503, 600, 603, 604];
const NONSENSE: [u16; 14] = [100, 180, 183, 199, 200, 202, 299, 302, 399, 401, 407, 491, 606, 699];
const BODIES: [&str; 5] = [
    "",
    "v=0\r\n",
    "no description at all",
    "v=0\r\no=- 1 1 IN IP4 198.51.100.4\r\ns=-\r\nc=IN IP4 198.51.100.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 97\r\n",
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 0 RTP/AVP 8 0\r\n",
];

#[derive(Clone, Copy, Debug)]
enum Mood {
    Serves,
    Refuses(u16),
    Garbles,
    Silent,
}

impl Mood {
    fn draw(chance: &mut Chance) -> Mood {
        match chance.below(8) {
            0 => Mood::Silent,
            1 => Mood::Garbles,
            2 => Mood::Refuses(REFUSALS[chance.below(REFUSALS.len() as u32) as usize]),
            _ => Mood::Serves,
        }
    }
}

pub struct Lines {
    carriers: Carriers,
    moods: BTreeMap<SocketAddr, Mood>,
}

/// What comes of a message to a carrier.
pub enum Brought {
    /// To this one of the phones.
    To(usize),
    Back(Vec<Bytes>),
}

impl Lines {
    pub fn of(tenant: &Tenant, chance: &mut Chance) -> Lines {
        let carriers = Carriers::of(tenant);
        let addresses = (1..=LINES).map(|n| carriers.address(&name(n)));
        Lines { moods: addresses.map(|address| (address, Mood::draw(chance))).collect(), carriers }
    }

    pub fn people(&self, chance: &mut Chance) -> Vec<Ua> {
        let mut people = Vec::new();
        for n in 1..=LINES * PEOPLE {
            let line = name(n % LINES + 1);
            let address = self.carriers.address(&line);
            let mut phone = Phone::new(&person(n));
            phone.outside = Some(line);
            phone.quiet = chance.below(10) == 0;
            phone.tones = chance.below(4) == 0;
            if chance.below(4) == 0 {
                phone.codecs = vec![Codec::Pcmu];
            }
            people.push(Ua::outside(phone, carrier::peer(address)));
        }
        people
    }

    /// The mood of one turns.
    pub fn turn(&mut self, chance: &mut Chance) {
        let nth = chance.below(LINES) as usize;
        if let Some(mood) = self.moods.values_mut().nth(nth) {
            *mood = Mood::draw(chance);
        }
    }

    pub fn is_at(&self, address: SocketAddr) -> bool {
        self.carriers.has(address)
    }

    /// What somebody outside says, as it leaves the carrier; `None`: it does not.
    pub fn pass(&self, address: SocketAddr, bytes: Bytes, chance: &mut Chance) -> Option<Bytes> {
        match self.moods[&address] {
            Mood::Silent => None,
            Mood::Garbles if chance.below(2) == 0 => Some(garbled(&bytes, chance)),
            Mood::Garbles | Mood::Serves | Mood::Refuses(_) => Some(bytes),
        }
    }

    /// What the box says to a carrier.
    pub fn take(&self, peer: Peer, bytes: &Bytes, phones: &[Ua], chance: &mut Chance) -> Brought {
        let Ok(message) = Message::parse(bytes.clone()) else {
            assert!(bytes.starts_with(b"SIP/2.0 "), "the box asks what nobody understands");
            // An answer to garbage repeats of it whom it is for.
            return Brought::Back(vec![]);
        };
        let begins = message.code().is_none() && message.method() == Method::Invite && message.to().tag().is_none();
        match self.moods[&peer.remote] {
            Mood::Silent => return Brought::Back(vec![]),
            Mood::Refuses(code) if begins => return Brought::Back(vec![response(&message, code, "")]),
            Mood::Garbles if message.code().is_none() && message.method() != Method::Ack => {
                return Brought::Back(nonsense(&message, chance));
            }
            Mood::Garbles | Mood::Serves | Mood::Refuses(_) => {}
        }
        let whom = self.carriers.whom(peer.remote, &message, phones.iter());
        match whom.and_then(|name| phones.iter().position(|ua| ua.phone.name == name)) {
            Some(at) => Brought::To(at),
            None if message.code().is_some() => Brought::Back(vec![]),
            None => Brought::Back(self.carriers.answer(&message).into_iter().collect()),
        }
    }
}

pub fn name(n: u32) -> String {
    format!("t{n}")
}

pub fn person(n: u32) -> String {
    format!("1380000{:04}", n)
}

/// Somebody outside; now and then a number that is nobody's.
pub fn anyone(chance: &mut Chance) -> String {
    person(1 + chance.below(LINES * PEOPLE + 1))
}

fn response(request: &Message, code: u16, body: &'static str) -> Bytes {
    let writer = write::response(request, code, carrier::BOX.parse().expect("an address"), "carrier");
    if body.is_empty() { writer.finish() } else { writer.body("application/sdp", body).finish() }
}

/// A few responses that make no sense, some of them no SIP.
fn nonsense(request: &Message, chance: &mut Chance) -> Vec<Bytes> {
    let mut said = Vec::new();
    for _ in 0..chance.below(4) {
        let code = NONSENSE[chance.below(NONSENSE.len() as u32) as usize];
        let body = BODIES[chance.below(BODIES.len() as u32) as usize];
        let bytes = response(request, code, body);
        said.push(if chance.below(3) == 0 { garbled(&bytes, chance) } else { bytes });
    }
    said
}

fn garbled(bytes: &[u8], chance: &mut Chance) -> Bytes {
    let mut garbled = bytes.to_vec();
    match chance.below(4) {
        0 => garbled.truncate(chance.below(bytes.len() as u32) as usize),
        1 => garbled.extend_from_slice(bytes),
        2 => garbled = (0..chance.below(200)).map(|_| chance.below(256) as u8).collect(),
        _ => {
            for _ in 0..1 + chance.below(8) {
                let at = chance.below(garbled.len() as u32) as usize;
                garbled[at] = chance.below(256) as u8;
            }
        }
    }
    garbled.into()
}
