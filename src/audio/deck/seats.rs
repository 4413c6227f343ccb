//! A set of seats: a bit each, so that a look at all of them costs nothing worth counting.

const BITS: u16 = u64::BITS as u16;

#[derive(Debug)]
pub struct Seats(Vec<u64>);

impl Seats {
    pub fn new(count: usize) -> Seats {
        Seats(vec![0; count.div_ceil(usize::from(BITS))])
    }

    pub fn add(&mut self, seat: u16) {
        self.0[usize::from(seat / BITS)] |= 1 << (seat % BITS);
    }

    /// Goes through all, the lowest first, and keeps those of which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(u16) -> bool) {
        for (at, word) in self.0.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros() as u16;
                left &= left - 1;
                if !keep(at as u16 * BITS + bit) {
                    *word &= !(1 << bit);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_stays_until_it_is_let_go() {
        let mut seats = Seats::new(200);
        [199, 0, 64, 63, 0].into_iter().for_each(|seat| seats.add(seat));
        let mut seen = Vec::new();
        seats.retain(|seat| {
            seen.push(seat);
            seat != 63
        });
        assert_eq!(seen, [0, 63, 64, 199]);
        seen.clear();
        seats.retain(|seat| {
            seen.push(seat);
            false
        });
        assert_eq!(seen, [0, 64, 199]);
        seats.retain(|seat| unreachable!("{seat} is gone"));
    }
}
