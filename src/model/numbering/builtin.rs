//! The numbering plans that are built in: CN, JP, US, CA, GB, and one for every other country (OUT-35, OUT-40).
//!
//! Facts are those of the countries' published plans (MIIT, MIC, NANPA, Ofcom). A line is a class and what falls under
//! it: a prefix, a colon, and how many digits such a number has in all. Numbers stand as they are dialed inside.

use super::{
    country,
    plan::{Plan, PlanRule},
};
use crate::model::outbound_profile::NumberClass::{self, *};
use std::sync::{Arc, LazyLock};

type Line = (NumberClass, &'static str);

const CN: &[Line] = &[
    (Mobile, "13:11 14:11 15:11 16:11 17:11 18:11 19:11"),
    (Satellite, "1349:11 1740:11"),
    (TollFree, "800:10"),
    (SharedCost, "400:10"),
    (Service, "10:4-9 11:3-6 12:3-9 95:5-9 96:5-9"),
    (Premium, "12590:6-20 16:5-9"),
    (National, "0:8-12"),
    (Local, "2:7-8 3:7-8 4:7-8 5:7-8 6:7-8 7:7-8 8:7-8"),
];

const JP: &[Line] = &[
    (Mobile, "060:11 070:11 080:11 090:11"),
    (TollFree, "0120:10 0800:11 0037:8-17 0066:8-17 0078:8-17 00777:8-11 00882:9-17"),
    (SharedCost, "0570:10"),
    (Service, "1:3 020:11 0170:10 0180:10"),
    (Premium, "0990:10"),
    (International, "00:5-24"),
    (National, "0:10 050:11"),
    (Local, "N:7-8"),
];

const GB: &[Line] = &[
    (Mobile, "07:11"),
    (TollFree, "0500:10 0800:8-11 0808:11 116:6"),
    (SharedCost, "084:8-11"),
    (Service, "1:3 087:11"),
    (Premium, "09:10-11 070:11 076:11 118:6"),
    (National, "01:10-11 02:11 03:11 055:11 056:11"),
    (Mobile, "07624:11"),
    (Local, "N:7-8"),
];

const NORTH_AMERICA: &[Line] =
    &[(TollFree, "988:3"), (Service, "N11:3 0:1"), (International, "01:8-20"), (Premium, "976:7"), (Local, "N:7")];
/// Of ten digits, and of eleven with the trunk prefix in front.
const NORTH_AMERICAN_AREAS: &[Line] = &[
    (National, "N"),
    (TollFree, "800 822 833 844 855 866 877 888"),
    (Premium, "900 xxx976"),
    (Service, "500 521 522 523 524 525 526 527 528 529 533 544 566 577 588 700 710 600 622 633 644 655 677"),
];

const ELSEWHERE: &[Line] = &[(National, "0:4-15"), (Local, "N:7-8")];

static BUILTIN: LazyLock<Vec<Arc<Plan>>> =
    LazyLock::new(|| [cn(), jp(), gb(), north_america("US"), north_america("CA")].map(Arc::new).into());

/// The plan of a country; those that are large are made once.
pub fn plan(country: &str) -> Arc<Plan> {
    let own = BUILTIN.iter().find(|plan| plan.country == country);
    own.cloned().unwrap_or_else(|| elsewhere(country).into())
}

fn cn() -> Plan {
    let bare = vec![Mobile, Satellite, TollFree, SharedCost, Service, Premium];
    let before = strings(&["179xx", "12593", "193"]);
    Plan { bare, before, rules: read(CN), ..base("CN", "00", "0", &["110", "119", "120", "122"]) }
}

fn jp() -> Plan {
    let before = strings(&["184", "186", "122", "001", "0033", "0061"]);
    Plan { before, rules: read(JP), ..base("JP", "010", "0", &["110", "118", "119"]) }
}

fn gb() -> Plan {
    let before = strings(&["141", "1470", "1280", "18xxx"]);
    Plan { before, rules: read(GB), ..base("GB", "00", "0", &["112", "999"]) }
}

/// OUT-38: an area outside of the own country is another country.
fn north_america(own: &str) -> Plan {
    let mut rules = read(NORTH_AMERICA);
    let foreign = country::NORTH_AMERICA.iter().filter(|(country, _)| *country != own);
    let foreign = foreign.map(|(_, areas)| (International, *areas));
    let home: &[Line] = if own == "US" { &[] } else { &[(International, "N")] };
    for (class, areas) in NORTH_AMERICAN_AREAS.iter().copied().chain(home.iter().copied()).chain(foreign) {
        rules.extend(areas.split(' ').flat_map(|area| both(area, class)));
    }
    if own == "CA" {
        let areas = country::NORTH_AMERICA.iter().filter(|(country, _)| *country == own);
        rules.extend(areas.flat_map(|(_, areas)| areas.split(' ')).flat_map(|area| both(area, National)));
    }
    Plan { before: strings(&["101xxxx", "*67", "*82"]), rules, ..base(own, "011", "1", &["911"]) }
}

fn both(area: &str, class: NumberClass) -> [PlanRule; 2] {
    [rule(area, 10, 10, class), rule(&format!("1{area}"), 11, 11, class)]
}

fn elsewhere(country: &str) -> Plan {
    Plan { rules: read(ELSEWHERE), ..base(country, "00", "0", &["112", "911"]) }
}

fn base(country: &str, international: &str, trunk: &str, emergency: &[&str]) -> Plan {
    Plan {
        country: country.into(),
        code: country::code(country).unwrap_or_default().into(),
        international: international.into(),
        trunk: trunk.into(),
        emergency: strings(emergency),
        bare: Vec::new(),
        before: Vec::new(),
        rules: Vec::new(),
    }
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_string()).collect()
}

fn rule(prefix: &str, length_min: usize, length_max: usize, class: NumberClass) -> PlanRule {
    PlanRule { prefix: prefix.into(), length_min, length_max, class }
}

fn read(lines: &[Line]) -> Vec<PlanRule> {
    let words = lines.iter().flat_map(|(class, words)| words.split(' ').map(|word| (*class, word)));
    words.map(|(class, word)| read_one(word, class)).collect()
}

fn read_one(word: &str, class: NumberClass) -> PlanRule {
    let (prefix, lengths) = word.split_once(':').expect("a prefix and lengths");
    let (min, max) = lengths.split_once('-').unwrap_or((lengths, lengths));
    let number = |text: &str| text.parse().expect("a length is a number");
    rule(prefix, number(min), number(max), class)
}
