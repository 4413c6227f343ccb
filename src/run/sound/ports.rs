//! Pairs of ports: bound ahead, taken by a leg, closed behind it.

use super::socket::Port;
use crate::{
    audio::{deck::Kind, order::Slot},
    sdp::SrtpKey,
};
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
    taken: bool,
}

impl Pair {
    pub fn port(&self, kind: Kind) -> &Port {
        match kind {
            Kind::Rtp => &self.rtp,
            Kind::Rtcp => &self.rtcp,
        }
    }
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
        let pair = Pair { rtp: Port::bind(self.bind, port)?, rtcp: Port::bind(self.bind, port + 1)?, taken: false };
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
