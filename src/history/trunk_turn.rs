//! What became of trunks: their changes of state, how long they were up, and their outages (TRK-48, TRK-49).

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Changes of state that are kept of each trunk (TRK-48).
pub const TURNS_MAX: usize = 1_000;

/// One change of state. States and reasons are the words of SIP for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkTurn {
    pub trunk: u64,
    pub at: Timestamp,
    pub from: String,
    pub to: String,
    pub reason: String,
    /// Of the response.
    pub code: Option<u16>,
    pub address: Option<String>,
    pub ms: Option<u32>,
    /// What else there is to know.
    pub text: String,
}

/// A time in which a trunk could not be used although it was to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outage {
    pub began_at: Timestamp,
    /// None: it lasts.
    pub ended_at: Option<Timestamp>,
    pub reason: String,
    pub code: Option<u16>,
    pub text: String,
}

/// The share of a time in which the trunk was up, 0 to 1; `turns` from the oldest. What is not known and what it was
/// disabled counts in neither; `None`: nothing is left.
pub fn share_up(turns: &[TrunkTurn], from: Timestamp, to: Timestamp) -> Option<f64> {
    let (mut up, mut whole) = (0, 0);
    for (at, turn) in turns.iter().enumerate() {
        let begin = turn.at.0.clamp(from.0, to.0);
        let end = turns.get(at + 1).map_or(to.0, |next| next.at.0).clamp(from.0, to.0);
        let length = (end - begin).max(0);
        if turn.to != "disabled" {
            whole += length;
        }
        if turn.to == "up" {
            up += length;
        }
    }
    (whole > 0).then(|| up as f64 / whole as f64)
}

/// From the oldest. One goes on while only its cause changes, or while it is tried anew.
pub fn outages(turns: &[TrunkTurn]) -> Vec<Outage> {
    let mut found: Vec<Outage> = Vec::new();
    for turn in turns {
        let open = found.last_mut().filter(|outage| outage.ended_at.is_none());
        match (turn.to.as_str(), open) {
            ("up" | "disabled", Some(outage)) => outage.ended_at = Some(turn.at),
            ("refused" | "unreachable" | "certificate", None) => found.push(Outage {
                began_at: turn.at,
                ended_at: None,
                reason: turn.reason.clone(),
                code: turn.code,
                text: turn.text.clone(),
            }),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(list: &[(i64, &str, &str)]) -> Vec<TrunkTurn> {
        let turn = |(at, to, reason): &(i64, &str, &str)| TrunkTurn {
            trunk: 1,
            at: Timestamp(*at),
            from: String::new(),
            to: to.to_string(),
            reason: reason.to_string(),
            code: None,
            address: None,
            ms: None,
            text: String::new(),
        };
        list.iter().map(turn).collect()
    }

    /// TRK-49
    #[test]
    fn a_share_is_of_what_is_known_and_wanted() {
        let past = turns(&[
            (0, "connecting", "begun"),
            (100, "up", "registered"),
            (400, "unreachable", "no_answer"),
            (500, "up", "registered"),
            (600, "disabled", "switched_off"),
            (900, "connecting", "begun"),
            (950, "up", "registered"),
        ]);
        let share = |from, to| share_up(&past, Timestamp(from), Timestamp(to));
        assert_eq!(share(100, 600), Some(0.8));
        assert_eq!(share(0, 1_000), Some(450.0 / 700.0));
        assert_eq!(share(-1_000, 200), Some(0.5), "what was before is not known");
        assert_eq!(share(650, 850), None);
        assert_eq!(share_up(&[], Timestamp(0), Timestamp(9)), None);
    }

    /// TRK-49
    #[test]
    fn an_outage_has_its_length_and_its_first_cause() {
        let past = turns(&[
            (0, "connecting", "begun"),
            (10, "up", "registered"),
            (20, "unreachable", "no_answer"),
            (25, "connecting", "begun"),
            (30, "refused", "password"),
            (40, "up", "registered"),
            (50, "certificate", "certificate"),
        ]);
        let found: Vec<_> =
            outages(&past).into_iter().map(|it| (it.began_at.0, it.ended_at.map(|at| at.0), it.reason)).collect();
        assert_eq!(found, [(20, Some(40), "no_answer".into()), (50, None, "certificate".into())]);
    }
}
