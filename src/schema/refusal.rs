//! Why something is not taken: all reasons of a form at once, each with its field and its limits.

use super::Id;
use serde::Serialize;
use serde_json::{Map, Value};

/// One reason. `field` is empty when the reason is about the whole record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    pub field: String,
    #[serde(flatten)]
    pub why: Why,
}

/// The closed list of reasons. Lengths count Unicode characters (LST-22).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    Required,
    TooLong {
        max: u64,
    },
    TooShort {
        min: u64,
    },
    TooMany {
        max: u64,
    },
    OutOfRange {
        min: i64,
        max: i64,
    },
    /// It has characters, or a form, that this kind does not allow.
    Pattern,
    Choice,
    Type,
    /// There is no such field.
    Unknown,
    /// It cannot be changed any more.
    Fixed,
    /// A unique name is in use (LST-23).
    NameTaken,
    /// An internal number is in use (AGT-9 reading).
    NumberTaken,
    /// The record is not there (LST-24).
    NotFound,
    /// Somebody else changed it since it was read (DSK-158).
    ChangedMeanwhile {
        rev: u64,
    },
    /// The role of whoever asks does not allow it (LST-1 to LST-3).
    Forbidden,
    /// Nobody may do this: the owner cannot be deleted or disabled (ACC reading).
    Protected,
    /// A limit of the box, or of the upstream, is reached.
    LimitReached {
        max: u64,
    },
    /// The upstream did not give it to this office (UPS-101).
    Withheld,
    /// It refers to a row that is not there.
    NotThere,
    /// It refers to a row that cannot stand here.
    NotThis,
    /// An entry stands twice in a list.
    Repeated,
    /// The box sets it, nobody else.
    ReadOnly,
    /// Other rows refer to it (LST-25).
    InUse {
        users: Vec<User>,
    },
    /// It belongs to the upstream (UPS-24, UPS-25).
    UpstreamOwned,
    /// It has branches (KNO-10).
    HasBranches,
    /// Another row has this value, and no two may (CUS-35, FLD-28).
    Duplicate {
        id: Id,
    },
    /// So many rows have a value that another has, and no two may from now on (PKG-16, PKG-18, FLD-28 readings).
    Duplicates {
        count: u64,
    },
    /// Another agent's telephone has this MAC address (PHN-10).
    MacTaken,
    /// An emergency number must not stand here (OUT-48).
    EmergencyNumber,
    /// The person who saves it could not come in any more (PRF-24, API-13).
    WouldLockOut,
    /// What was uploaded is no sound that is taken (MED reading).
    NotSound,
    /// What was uploaded ends before its end.
    CutOff,
    /// The sound lasts too long (MED reading).
    LastsTooLong {
        minutes: u32,
    },
    /// A variable of the text is none of the fields (EML-15, BLM-11).
    VariableUnmatched {
        variable: String,
    },
}

/// A row that refers to another one, and the field in which it does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct User {
    pub noun: &'static str,
    pub id: Id,
    pub name: String,
    pub field: String,
}

impl Why {
    /// The API's word and status, from the closed list of desk.md.
    pub fn word(&self) -> (&'static str, u16) {
        match self {
            Why::NameTaken => ("name_taken", 409),
            Why::NumberTaken => ("number_taken", 409),
            Why::NotFound => ("not_found", 404),
            Why::ChangedMeanwhile { .. } => ("changed_meanwhile", 409),
            Why::Forbidden | Why::Protected => ("forbidden", 403),
            Why::LimitReached { .. } | Why::Withheld => ("limit_reached", 409),
            Why::InUse { .. } => ("in_use", 409),
            Why::UpstreamOwned => ("upstream_owned", 403),
            Why::HasBranches => ("has_branches", 409),
            Why::Duplicate { .. } | Why::Duplicates { .. } => ("duplicate", 409),
            Why::MacTaken => ("mac_taken", 409),
            Why::EmergencyNumber => ("emergency_number", 422),
            Why::WouldLockOut => ("would_lock_out", 422),
            Why::VariableUnmatched { .. } => ("variable_unmatched", 422),
            Why::Required
            | Why::TooLong { .. }
            | Why::TooShort { .. }
            | Why::TooMany { .. }
            | Why::OutOfRange { .. }
            | Why::Pattern
            | Why::Choice
            | Why::Type
            | Why::Unknown
            | Why::Fixed
            | Why::NotThere
            | Why::NotThis
            | Why::Repeated
            | Why::NotSound
            | Why::CutOff
            | Why::LastsTooLong { .. }
            | Why::ReadOnly => ("invalid", 422),
        }
    }

    /// The API's sentence in English; the panel has its own in `web/locale`.
    pub fn sentence(&self) -> String {
        match self {
            Why::Required => "is required".into(),
            Why::TooLong { max } => format!("has more than {max} characters"),
            Why::TooShort { min } => format!("has fewer than {min} characters"),
            Why::TooMany { max } => format!("has more than {max} entries"),
            Why::OutOfRange { min, max } => format!("is not from {min} to {max}"),
            Why::Pattern => "has characters or a form that are not allowed here".into(),
            Why::Choice => "is none of the choices".into(),
            Why::Type => "has the wrong type".into(),
            Why::Unknown => "is no field of this record".into(),
            Why::Fixed => "cannot be changed any more".into(),
            Why::NameTaken => "is in use by another record".into(),
            Why::NumberTaken => "is in use as an internal number".into(),
            Why::NotFound => "there is no such record".into(),
            Why::ChangedMeanwhile { rev } => format!("somebody else changed the record; it is now at revision {rev}"),
            Why::Forbidden => "your role does not allow this".into(),
            Why::Protected => "the owner must stay as it is".into(),
            Why::LimitReached { max } => format!("is more than the {max} that are allowed"),
            Why::Withheld => "is not among what the upstream gave to this office".into(),
            Why::NotThere => "refers to a record that is not there".into(),
            Why::NotThis => "refers to a record that cannot stand here".into(),
            Why::Repeated => "has an entry twice".into(),
            Why::ReadOnly => "is set by the box".into(),
            Why::InUse { users } => format!("the record is in use: {}", of_users(users)),
            Why::UpstreamOwned => "belongs to the upstream".into(),
            Why::HasBranches => "the record has branches".into(),
            Why::Duplicate { id } => format!("is in use by record {id}"),
            Why::Duplicates { count } => format!("is the same in {count} records"),
            Why::MacTaken => "is the telephone of another agent".into(),
            Why::EmergencyNumber => "is an emergency number".into(),
            Why::WouldLockOut => "would lock out the person who saves it".into(),
            Why::NotSound => "is no WAV (PCM, A-law or µ-law) and no MP3".into(),
            Why::CutOff => "ends before its end".into(),
            Why::LastsTooLong { minutes } => format!("lasts longer than {minutes} minutes"),
            Why::VariableUnmatched { variable } => format!("has the variable {variable}, which is no field"),
        }
    }
}

/// Users that a sentence names.
const USERS_NAMED: usize = 5;

fn of_users(users: &[User]) -> String {
    let mut names: Vec<_> = users.iter().take(USERS_NAMED).map(|user| format!("{} {}", user.noun, user.name)).collect();
    if users.len() > USERS_NAMED {
        names.push(format!("{} more", users.len() - USERS_NAMED));
    }
    names.join(", ")
}

/// All reasons against one form, in the order of its fields. Without any, the form is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Refusals(Vec<Refusal>);

impl Refusals {
    /// Refuses the whole record.
    pub fn whole(why: Why) -> Refusals {
        Refusals::one("", why)
    }

    pub fn one(field: &str, why: Why) -> Refusals {
        let mut all = Refusals::default();
        all.add(field, why);
        all
    }

    /// Takes a reason; a field keeps its first.
    pub fn add(&mut self, field: &str, why: Why) {
        if !self.0.iter().any(|known| known.field == field) {
            self.0.push(Refusal { field: field.into(), why });
        }
    }

    /// Takes the reasons against fields that another look found.
    pub fn join(&mut self, others: Refusals) {
        others
            .0
            .into_iter()
            .filter(|other| !other.field.is_empty())
            .for_each(|other| self.add(&other.field, other.why));
    }

    /// Takes the reasons against what stands in a field, each at its place: `numbers.0.number`.
    pub fn add_inside(&mut self, field: &str, inside: Refusals) {
        for Refusal { field: place, why } in inside.0 {
            self.add(&format!("{field}.{place}"), why);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Refusal> {
        self.0.iter()
    }

    /// `Ok` if there is no reason.
    pub fn so_far(self) -> Result<(), Refusals> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The API's word and status: that of the whole record if there is one, else what is forbidden, else `invalid`
    /// before a taken name, so that who mends the fields first is told of the name last.
    pub fn word(&self) -> (&'static str, u16) {
        let words = || self.0.iter().map(|refusal| refusal.why.word());
        let whole = self.0.iter().find(|refusal| refusal.field.is_empty()).map(|refusal| refusal.why.word());
        whole
            .or_else(|| words().find(|(word, _)| *word == "forbidden"))
            .or_else(|| words().find(|(word, _)| *word == "invalid"))
            .or_else(|| words().next())
            .unwrap_or(("invalid", 422))
    }

    /// Who uses the record, if that is why it stays (LST-25).
    pub fn users(&self) -> &[User] {
        let users = self.0.iter().find_map(|refusal| match &refusal.why {
            Why::InUse { users } => Some(&users[..]),
            _ => None,
        });
        users.unwrap_or(&[])
    }

    /// The API's sentence in English.
    pub fn sentence(&self) -> String {
        let one = |refusal: &Refusal| match refusal.field.as_str() {
            "" => refusal.why.sentence(),
            field => format!("{field} {}", refusal.why.sentence()),
        };
        self.0.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    /// `{field: {"why": word, limits…}}` as API errors carry it.
    pub fn fields(&self) -> Map<String, Value> {
        let named = self.0.iter().filter(|refusal| !refusal.field.is_empty());
        named.map(|refusal| (refusal.field.clone(), shown(&refusal.why))).collect()
    }
}

/// The panel knows one word for what is in use, whatever it is.
fn shown(why: &Why) -> Value {
    match why {
        Why::NameTaken | Why::NumberTaken | Why::MacTaken => serde_json::json!({ "why": "taken" }),
        Why::Duplicate { id } => serde_json::json!({ "why": "taken", "id": id }),
        other => serde_json::to_value(other).expect("a reason is plain JSON"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LST-21, LST-23, API-25
    #[test]
    fn a_form_is_refused_with_one_word_and_every_field() {
        let mut all = Refusals::default();
        all.add("agent_number", Why::NumberTaken);
        assert_eq!(all.word(), ("number_taken", 409));
        all.add("first_name", Why::TooLong { max: 40 });
        all.add("first_name", Why::Type);
        assert_eq!(all.word(), ("invalid", 422));
        assert_eq!(
            Value::Object(all.fields()),
            serde_json::json!({"agent_number": {"why": "taken"}, "first_name": {"why": "too_long", "max": 40}})
        );
        assert_eq!(Refusals::whole(Why::NotFound).word(), ("not_found", 404));
    }
}
