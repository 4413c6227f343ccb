//! Numbers rung together or in turn (RNG rows).

use super::{
    Next,
    line::{Line, Order, Went},
    ringing::{Ringing, Rung},
};
use crate::{
    call::{cause::Cause, destination::Destination, office::Office, party::Party},
    model::ring_group::{RingGroup as Group, Strategy},
    schema::{Id, Row},
    sip::order::Report,
    time::Uptime,
};
use serde::{Deserialize, Serialize};
use std::{collections::VecDeque, time::Duration};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RingGroup {
    pub until: Uptime,
    pub ringing: Ringing,
    group: Id,
    rev: u64,
    /// Those not yet rung, in the order in which they are; with `all` none is left from the beginning.
    left: VecDeque<(usize, Member)>,
    /// The numbers outside that were dialed so far.
    pub lines: Vec<Line>,
    together: bool,
    remembers: bool,
    length: Duration,
    then: Destination,
    /// Why the last one did not answer.
    last: Cause,
}

impl RingGroup {
    /// `members` are its numbers, those left out that cannot be called; `then` is where the call goes when nobody
    /// answers.
    pub fn enter(
        row: &Row<Group>,
        members: Vec<Member>,
        then: Destination,
        party: &mut Party,
        office: &mut Office,
    ) -> Result<RingGroup, Next> {
        let (id, rev, group) = (row.id(), row.envelope.rev, &row.value);
        party.prefix(&group.caller_number_prefix, &group.caller_name_prefix);
        let mut place = RingGroup {
            until: office.up(),
            ringing: Ringing::default(),
            group: id,
            rev,
            left: order((id, rev), group.strategy, members, office),
            lines: Vec::new(),
            together: group.strategy == Strategy::All,
            remembers: group.strategy == Strategy::Memory,
            length: group.ring_timeout.length(),
            then,
            last: Cause::unavailable(),
        };
        match place.ring_next(party, office) {
            Next::Stay => Ok(place),
            next => Err(next),
        }
    }

    pub fn told(&mut self, report: Report, party: &mut Party, office: &mut Office) -> Next {
        for line in &mut self.lines {
            if line.told(&report, party, office) == Went::Again {
                return Next::Stay;
            }
        }
        match self.ringing.told(report, party, office) {
            Rung::Goes => Next::Stay,
            Rung::Answered => Next::Talk,
            Rung::Nobody(code) => {
                self.last = Cause::of_refusal(code);
                self.ring_next(party, office)
            }
            Rung::Over(cause) => Next::End(cause),
        }
    }

    pub fn time(&mut self, party: &mut Party, office: &mut Office) -> Next {
        self.last = Cause::timeout();
        self.ring_next(party, office)
    }

    /// Rings a number outside, over one trunk after another.
    fn dial(&mut self, order: Order, party: &mut Party, office: &mut Office) -> Result<(), Cause> {
        let mut line = Line::new(order, office);
        let dialed = line.dial_next(party, office);
        self.lines.push(line);
        if dialed { Ok(()) } else { Err(Cause::of_trunks(None)) }
    }

    /// The next one, or all of them; who cannot be rung is passed over.
    fn ring_next(&mut self, party: &mut Party, office: &mut Office) -> Next {
        self.ringing.stop(party, office);
        let mut rings = false;
        while let Some((place, member)) = self.left.pop_front() {
            let rung = match member {
                Member::Agent(number) => self.ringing.free(&number, party, office),
                Member::Outside(order) => self.dial(order, party, office),
            };
            match rung {
                Ok(()) => {
                    rings = true;
                    if self.remembers {
                        office.set_turn(self.group, self.rev, place + 1);
                    }
                    if !self.together {
                        break;
                    }
                }
                Err(cause) => self.last = cause,
            }
        }
        if rings {
            self.until = office.up() + self.length;
            return Next::Stay;
        }
        if self.then == Destination::HangUp {
            party.tell_transferor(self.last.code, office);
            return Next::End(self.last.clone());
        }
        Next::Go(self.then.clone())
    }
}

/// One number of a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Member {
    Agent(String),
    Outside(Order),
}

/// In which order numbers are rung, each with its place in the list; of `all` it says nothing.
fn order(
    (id, rev): (Id, u64),
    strategy: Strategy,
    members: Vec<Member>,
    office: &mut Office,
) -> VecDeque<(usize, Member)> {
    let count = members.len().max(1);
    let mut order: VecDeque<(usize, Member)> = members.into_iter().enumerate().collect();
    let turn = office.turn(id, rev) % count;
    match strategy {
        Strategy::All | Strategy::Sequential => {}
        Strategy::Memory => order.rotate_left(turn),
        Strategy::RoundRobin => {
            order.rotate_left(turn);
            office.set_turn(id, rev, (turn + 1) % count);
        }
        Strategy::Random => {
            for last in (1..order.len()).rev() {
                order.swap(last, office.chance.below(last as u32 + 1) as usize);
            }
        }
    }
    order
}
