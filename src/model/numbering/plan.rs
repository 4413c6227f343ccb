//! A country's numbering plan: its prefixes, and the class of a number by longest prefix and length (OUT-35).

use crate::model::outbound_profile::NumberClass;

/// How numbers are dialed in a country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// ISO 3166-1.
    pub country: String,
    /// The country's own code in the international form.
    pub code: String,
    /// Dialed before the code of another country.
    pub international: String,
    /// Dialed before a number of another area; empty: there is none.
    pub trunk: String,
    pub emergency: Vec<String>,
    /// Classes whose numbers have no trunk prefix in front although others have.
    pub bare: Vec<NumberClass>,
    /// Prefixes that choose a carrier, or hide or show the caller, before the number itself.
    pub before: Vec<String>,
    pub rules: Vec<PlanRule>,
}

/// A number fits that begins so and has as many digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRule {
    /// Digits; `x` is any digit, `N` one from 2 to 9.
    pub prefix: String,
    pub length_min: usize,
    pub length_max: usize,
    pub class: NumberClass,
}

/// Codes of no country, of satellites and networks all over the world (OUT-38).
const SATELLITE: [&str; 6] = ["870", "878", "881", "882", "883", "979"];

impl Plan {
    /// What the plan says of a number in the form in which it is dialed, with nothing stripped from its front.
    pub fn class(&self, number: &str) -> NumberClass {
        if self.emergency.iter().any(|emergency| emergency == number) {
            return NumberClass::Emergency;
        }
        if let Some(abroad) = number.strip_prefix(&*self.international) {
            let satellite = SATELLITE.iter().any(|code| abroad.starts_with(code));
            return if satellite { NumberClass::Satellite } else { NumberClass::International };
        }
        let fitting = self.rules.iter().filter(|rule| rule.fits(number));
        fitting.max_by_key(|rule| rule.prefix.len()).map_or(NumberClass::Unknown, |rule| rule.class)
    }

    /// Without a prefix that chooses a carrier or hides the caller; `None`: there is none in front.
    pub fn after_selection<'n>(&self, number: &'n str) -> Option<&'n str> {
        let before = self.before.iter().filter(|before| begins(number, before) && number.len() > before.len());
        before.max_by_key(|before| before.len()).map(|before| &number[before.len()..])
    }

    /// The form in which a number of this country is dialed, from the one that stands behind the country's code.
    pub fn national(&self, behind_code: &str) -> String {
        if self.bare.contains(&self.class(behind_code)) {
            return behind_code.into();
        }
        format!("{}{behind_code}", self.trunk)
    }
}

impl PlanRule {
    fn fits(&self, number: &str) -> bool {
        (self.length_min..=self.length_max).contains(&number.len()) && begins(number, &self.prefix)
    }
}

fn begins(number: &str, prefix: &str) -> bool {
    let mut keys = number.bytes();
    prefix.bytes().all(|wanted| {
        keys.next().is_some_and(|key| match wanted {
            b'x' => key.is_ascii_digit(),
            b'N' => (b'2'..=b'9').contains(&key),
            wanted => key == wanted,
        })
    })
}
