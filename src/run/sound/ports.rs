//! Pairs of ports: bound ahead, taken by a leg, closed behind it.

use super::{line::Line, socket::Port};
use crate::{audio::order::Slot, sdp::SrtpKey};
use std::{collections::VecDeque, io, net::IpAddr, ops::Range};

/// Pairs that are bound ahead of the calls that take them: sixty calls to agents with three devices in the time that
/// it takes to bind anew.
const STOCK: usize = 256;
/// Ports that are tried in one go when others are in use.
const TRIES_MAX: usize = 256;

/// RTP on the even port, RTCP above.
#[derive(Debug)]
pub struct Pair {
    pub rtp: Port,
    pub rtcp: Port,
    pub line: Line,
    taken: bool,
}

impl Pair {
    /// All its sockets, each with its door.
    pub fn ports(&self) -> impl Iterator<Item = (Door, &Port)> {
        let own = [(Door::Rtp, &self.rtp), (Door::Rtcp, &self.rtcp)];
        own.into_iter().chain(self.line.port().map(|port| (Door::Line, port)))
    }

    pub fn port(&self, door: Door) -> Option<&Port> {
        match door {
            Door::Rtp => Some(&self.rtp),
            Door::Rtcp => Some(&self.rtcp),
            Door::Line => self.line.port(),
        }
    }
}

/// Which socket of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Rtp,
    Rtcp,
    /// The line of the RTP port.
    Line,
}

/// The pairs of one deck, by seat.
#[derive(Debug)]
pub struct Ports {
    deck: u8,
    bind: Option<IpAddr>,
    first: u16,
    pairs: Vec<Option<Pair>>,
    /// Seats without sockets, the longest unused first: a port rests as long as it can, so that late packets of a
    /// call meet no other.
    resting: VecDeque<u16>,
    stock: usize,
}

impl Ports {
    /// Seats for `count` pairs from the port `first`; those of `own` are this deck's to bind, others may come with
    /// a leg.
    pub fn new(deck: u8, bind: Option<IpAddr>, first: u16, count: u16, own: Range<u16>) -> Ports {
        let pairs = (0..count).map(|_| None).collect();
        Ports { deck, bind, first, pairs, resting: own.collect(), stock: 0 }
    }

    pub fn pair(&self, seat: u16) -> Option<&Pair> {
        self.pairs.get(usize::from(seat))?.as_ref()
    }

    pub fn pair_mut(&mut self, seat: u16) -> Option<&mut Pair> {
        self.pairs.get_mut(usize::from(seat))?.as_mut()
    }

    /// Binds what is missing from the stock, each pair with a fresh key. Fewer if ports are in use; an error only if
    /// there is none at all.
    pub fn restock(&mut self) -> io::Result<Vec<Slot>> {
        let mut slots = Vec::new();
        let mut failed = None;
        let mut tries = TRIES_MAX.min(self.resting.len());
        while self.stock < STOCK && tries > 0 {
            tries -= 1;
            let Some(seat) = self.resting.pop_front() else { break };
            match self.open(seat) {
                Ok(slot) => slots.push(slot),
                Err(error) => {
                    self.resting.push_back(seat);
                    failed = Some(error);
                }
            }
        }
        match failed {
            Some(error) if self.stock == 0 => Err(error),
            _ => Ok(slots),
        }
    }

    fn open(&mut self, seat: u16) -> io::Result<Slot> {
        let port = self.first + 2 * seat;
        let mut key = [0; 30];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        let (rtp, rtcp) = (Port::bind(self.bind, port)?, Port::bind(self.bind, port + 1)?);
        let pair = Pair { rtp, rtcp, line: Line::default(), taken: false };
        self.pairs[usize::from(seat)] = Some(pair);
        self.stock += 1;
        Ok(Slot { port, deck: self.deck, key: SrtpKey(key) })
    }

    /// A leg takes a pair: what came before it is thrown away.
    pub fn take(&mut self, seat: u16) -> Option<&Pair> {
        let pair = self.pairs.get_mut(usize::from(seat))?.as_mut()?;
        if !pair.taken {
            pair.taken = true;
            self.stock = self.stock.saturating_sub(1);
        }
        pair.rtp.drain();
        pair.rtcp.drain();
        Some(pair)
    }

    /// The pair goes to another deck, or comes from one.
    pub fn leave(&mut self, seat: u16) -> Option<Pair> {
        self.pairs.get_mut(usize::from(seat))?.take()
    }

    pub fn arrive(&mut self, seat: u16, pair: Pair) -> Option<&Pair> {
        Some(self.pairs.get_mut(usize::from(seat))?.insert(pair))
    }

    /// The leg of a pair is over: its sockets close, and it rests.
    pub fn close(&mut self, seat: u16) {
        if self.pairs.get_mut(usize::from(seat)).and_then(Option::take).is_some() {
            self.resting.push_back(seat);
        }
    }
}
