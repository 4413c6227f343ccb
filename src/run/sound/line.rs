//! The line to one phone: a second socket on the port of its leg, connected to where its sound goes, so that the way
//! there is looked up once and not for each packet. What strangers send to the port comes to the first socket still.

use super::socket::Port;
use std::net::SocketAddr;

/// Packets to one address, one after the other, that show that it stays: half a second.
const STEADY: u8 = 25;

#[derive(Debug, Default)]
pub struct Line {
    to: Option<SocketAddr>,
    sent: u8,
    port: Option<Port>,
}

/// What becomes of a packet that is to be sent.
pub enum Way<'a> {
    /// By the line.
    Line(&'a Port),
    /// By the port itself, to the address.
    Port,
    /// The same; and a line is due.
    Due,
}

impl Line {
    /// For the next packet. A line to another address is closed.
    pub fn way(&mut self, to: SocketAddr) -> Way<'_> {
        if self.to != Some(to) {
            *self = Line { to: Some(to), ..Line::default() };
        }
        if let Some(port) = &self.port {
            return Way::Line(port);
        }
        // Once: where a line cannot be opened, sound goes on without it.
        self.sent = self.sent.saturating_add(1);
        if self.sent == STEADY { Way::Due } else { Way::Port }
    }

    /// Opens the line from a port.
    pub fn open(&mut self, from: &Port) -> Option<&Port> {
        self.port = from.connected(self.to?).ok();
        self.port.as_ref()
    }

    pub fn port(&self) -> Option<&Port> {
        self.port.as_ref()
    }
}
