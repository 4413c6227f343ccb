//! The network of the random office: packets are lost, doubled and overtaken.

use callbox::chance::Chance;

/// In a hundred.
#[derive(Clone, Copy, Debug)]
pub struct Quality {
    pub lost: u32,
    pub doubled: u32,
    pub delay_ms: u32,
}

impl Quality {
    pub fn draw(chance: &mut Chance) -> Quality {
        match chance.below(3) {
            0 => Quality { lost: 0, doubled: 0, delay_ms: 1 },
            1 => Quality { lost: 2, doubled: 3, delay_ms: 40 },
            _ => Quality { lost: 10, doubled: 10, delay_ms: 300 },
        }
    }

    /// After how many milliseconds a packet arrives, each time that it does.
    pub fn arrivals(self, datagram: bool, chance: &mut Chance) -> Vec<u64> {
        if !datagram {
            return vec![1];
        }
        if chance.below(100) < self.lost {
            return vec![];
        }
        let mut arrivals = vec![1 + u64::from(chance.below(self.delay_ms))];
        if chance.below(100) < self.doubled {
            arrivals.push(1 + u64::from(chance.below(self.delay_ms * 2)));
        }
        arrivals
    }
}
