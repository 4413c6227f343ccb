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
    /// `members` are its numbers with their places in the list, those left out that cannot be called; `then` is where the call goes when nobody
    /// answers.
    pub fn enter(
        row: &Row<Group>,
        members: VecDeque<(usize, Member)>,
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
            left: order((id, rev), group, members, office),
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
                Member::Outside(order) => self.dial(*order, party, office),
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
    Outside(Box<Order>),
}

/// In which order numbers are rung; of `all` it says nothing. Whose turn it is counts among all numbers of the group:
/// some may not be callable today.
fn order(
    (id, rev): (Id, u64),
    group: &Group,
    mut order: VecDeque<(usize, Member)>,
    office: &mut Office,
) -> VecDeque<(usize, Member)> {
    let count = group.numbers.len().max(1);
    let turn = office.turn(id, rev) % count;
    let first = order.iter().position(|(place, _)| *place >= turn).unwrap_or(0);
    match group.strategy {
        Strategy::All | Strategy::Sequential => {}
        Strategy::Memory => order.rotate_left(first),
        Strategy::RoundRobin => {
            order.rotate_left(first);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chance::{Chance, Seed},
        schema::tenant::Tenant,
    };
    use serde_json::json;
    use std::sync::Arc;

    /// RNG-20: whoever was rung last is not the first again because another number cannot be called today.
    #[test]
    fn the_turn_goes_on_whoever_can_be_called() {
        let mut office = Office::new(Arc::<Tenant>::default(), Chance::new(Seed::from(1)));
        let group = json!({ "name": "Sales", "strategy": "memory", "numbers": ["801", "13800000001", "803"] });
        let group: Group = serde_json::from_value(group).unwrap();
        let rung = |office: &mut Office, places: &[usize]| -> Vec<usize> {
            let members = places.iter().map(|place| (*place, Member::Agent(place.to_string()))).collect();
            order((Id(1), 1), &group, members, office).into_iter().map(|(place, _)| place).collect()
        };
        assert_eq!(rung(&mut office, &[0, 2]), [0, 2]);
        // The third was rung last.
        office.set_turn(Id(1), 1, 3);
        assert_eq!(rung(&mut office, &[0, 1, 2]), [0, 1, 2]);
        // The first, and the second cannot be called.
        office.set_turn(Id(1), 1, 1);
        assert_eq!((rung(&mut office, &[0, 2]), rung(&mut office, &[0, 1])), (vec![2, 0], vec![1, 0]));
        // The second, and nobody stands behind.
        office.set_turn(Id(1), 1, 2);
        assert_eq!(rung(&mut office, &[0, 1]), [0, 1]);
    }
}
