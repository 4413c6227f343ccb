//! Numbers rung together or in turn (RNG rows).

use super::{
    Next,
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
    left: VecDeque<(usize, String)>,
    together: bool,
    remembers: bool,
    length: Duration,
    then: Destination,
    /// Why the last one did not answer.
    last: Cause,
}

impl RingGroup {
    /// `then` is where the call goes when nobody answers.
    pub fn enter(
        row: &Row<Group>,
        then: Destination,
        party: &mut Party,
        office: &mut Office,
    ) -> Result<RingGroup, Next> {
        let (id, rev, group) = (row.id(), row.envelope.rev, &row.value);
        party.prefix(&group.caller_number_prefix, &group.caller_name_prefix);
        let numbers: Vec<String> = group.numbers.iter().map(|number| number.to_string()).collect();
        let mut place = RingGroup {
            until: office.up(),
            ringing: Ringing::default(),
            group: id,
            rev,
            left: order((id, rev), group.strategy, numbers, office),
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

    /// The next one, or all of them; who cannot be rung is passed over.
    fn ring_next(&mut self, party: &mut Party, office: &mut Office) -> Next {
        self.ringing.stop(party, office);
        let mut rings = false;
        while let Some((place, number)) = self.left.pop_front() {
            match self.ringing.free(&number, party, office) {
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

/// In which order numbers are rung, each with its place in the list; of `all` it says nothing.
fn order(
    (id, rev): (Id, u64),
    strategy: Strategy,
    numbers: Vec<String>,
    office: &mut Office,
) -> VecDeque<(usize, String)> {
    let count = numbers.len().max(1);
    let mut order: VecDeque<(usize, String)> = numbers.into_iter().enumerate().collect();
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
