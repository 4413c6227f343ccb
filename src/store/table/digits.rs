//! Which runs of digits stand in a block, so that whoever looks for a number reads only the blocks that may hold it.

const RUN: usize = 4;
const RUNS: usize = 10_000;
const BYTES: usize = RUNS / 8;

/// A bit for each run of four digits that stands in these texts.
pub fn of(texts: &[u8]) -> Vec<u8> {
    let mut bits = vec![0; BYTES];
    each_run(texts, |run| bits[run / 8] |= 1 << (run % 8));
    bits
}

fn each_run(text: &[u8], mut visit: impl FnMut(usize)) {
    let (mut run, mut length) = (0, 0);
    for byte in text {
        if !byte.is_ascii_digit() {
            (run, length) = (0, 0);
            continue;
        }
        (run, length) = ((run * 10 + usize::from(byte - b'0')) % RUNS, length + 1);
        if length >= RUN {
            visit(run);
        }
    }
}

/// The runs of what is looked for: of several texts, any of which is enough.
#[derive(Debug)]
pub struct Runs(Vec<Vec<usize>>);

impl Runs {
    /// None: a text has no run, so that any block may hold it.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Option<Runs> {
        let runs = |text: &str| {
            let mut runs = Vec::new();
            each_run(text.as_bytes(), |run| runs.push(run));
            (!runs.is_empty()).then_some(runs)
        };
        texts.into_iter().map(runs).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty()).map(Runs)
    }

    pub fn may_stand_in(&self, bits: &[u8]) -> bool {
        let has = |run: &usize| bits.get(run / 8).is_none_or(|byte| byte & 1 << (run % 8) != 0);
        self.0.iter().any(|runs| runs.iter().all(has))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_told_apart_by_its_runs() {
        let bits = of(b"mei 13912340001\xfe7654,321");
        let may = |texts: &[&str]| Runs::of(texts.iter().copied()).is_none_or(|runs| runs.may_stand_in(&bits));
        assert!(may(&["13912340001"]) && may(&["2340"]) && may(&["mei 1391"]) && may(&["7654"]));
        assert!(!may(&["13912340002"]) && !may(&["0001 1391x9999"]) && !may(&["4321"]));
        assert!(may(&["321"]), "too short to tell");
        assert!(may(&[]) && may(&["9999", "1391"]) && may(&["9999", "mei"]));
    }

    proptest! {
        /// No block is passed over that holds the text.
        #[test]
        fn what_stands_there_may_stand_there(texts in "[0-9a, ]{0,80}", from in 0_usize..80, length in 1_usize..20) {
            let found = texts.get(from..).map(|rest| &rest[..length.min(rest.len())]).unwrap_or_default();
            prop_assert!(Runs::of([found]).is_none_or(|runs| runs.may_stand_in(&of(texts.as_bytes()))));
        }
    }
}
