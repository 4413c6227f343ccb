//! The ways of the random office: menus, groups, lists and conditions that lead to each other as chance has it, in
//! loops too.

use super::lines;
use callbox::chance::Chance;

const MENUS: u32 = 3;
const GROUPS: u32 = 2;
const LISTS: u32 = 2;
const CONDITIONS: u32 = 2;
const MEDIA: u32 = 3;
const DIDS: u32 = 3;

/// What the office is given, in the words of the stories.
pub fn draw(chance: &mut Chance) -> Vec<String> {
    let mut given: Vec<String> = (1..=MEDIA).map(|n| format!("media m{n}")).collect();
    given.extend((1..=MENUS).map(|n| menu(n, chance)));
    given.push(format!("limit all match_plugin={}", chance.below(4) > 0));
    given.extend((1..=GROUPS).map(|n| group(n, chance)));
    given.extend((1..=LISTS).map(|n| list(n, chance)));
    given.extend((1..=CONDITIONS).map(|n| condition(n, chance)));
    given.extend((1..=lines::LINES).map(|n| line(n, chance)));
    given.push(profile(chance));
    given.extend((1..=DIDS).map(|n| format!("did d{n} number=9500{n} destination={}", somewhere(chance))));
    let recorded = chance.below(4) > 0;
    given.push(format!(
        "agent_group team group_number=900 static_agents=[\"@803\"] agents=[\"@801\",\"@802\",\"@803\"] leaders=[\"@801\"] record_calls={recorded}"
    ));
    given.extend(["a slow disk", "a full disk"].into_iter().filter(|_| chance.below(5) == 0).map(str::to_owned));
    given.push(format!("set recording_beep {}", chance.below(3) == 0));
    given.push("department south".into());
    for agent in 801..=805 {
        if chance.below(3) == 0 {
            given.push(format!("agent {agent} department=@south"));
        }
    }
    given.extend((801..=805).map(|agent| format!("agent {agent} phone_password=\"{}\"", chance.below(10))));
    given.push(format!("set blind_transfer_return {}", chance.below(2) == 0));
    given.push(format!("set extension_ring_timeout {}", 5 + chance.below(30)));
    given
}

/// What somebody dials: people most of the time, also what is nobody's.
pub fn number(chance: &mut Chance) -> String {
    let agent = |chance: &mut Chance| 801 + chance.below(5);
    match chance.below(32) {
        0 => "*43".into(),
        1 => "*76".into(),
        2 => "999".into(),
        3 => "*65".into(),
        4 => "700".into(),
        5 | 6 => (701 + chance.below(3)).to_string(),
        7 => "*85".into(),
        8 => format!("*85{}", agent(chance)),
        9 => format!("*8{}{}", 1 + chance.below(3), agent(chance)),
        10 => "*77".into(),
        11..=13 => (601 + chance.below(MENUS)).to_string(),
        14 | 15 => (611 + chance.below(GROUPS)).to_string(),
        16..=21 => lines::anyone(chance),
        23 => ["*91", "*91900", "*92", "*92900", "*93", "*94"][chance.below(6) as usize].into(),
        22 => ["110", "00861380000", "0", "12345678901234567890", "95001"][chance.below(5) as usize].into(),
        _ => agent(chance).to_string(),
    }
}

/// A number of the office, as it is dialled outside.
pub fn did(chance: &mut Chance) -> String {
    format!("9500{}", 1 + chance.below(DIDS + 1))
}

pub fn key(chance: &mut Chance) -> char {
    char::from(b"0123456789*#"[chance.below(12) as usize])
}

fn menu(n: u32, chance: &mut Chance) -> String {
    let prompts: Vec<String> = (0..chance.below(3)).map(|_| format!("{{\"media\":\"{}\"}}", media(chance))).collect();
    let keys: Vec<String> = (1..=chance.below(5))
        .map(|key| format!("{{\"input\":\"{key}\",\"destination\":\"{}\"}}", somewhere(chance)))
        .collect();
    let plugin = if chance.below(2) == 0 { " match_plugin=http://crm.example/" } else { "" };
    format!(
        "ivr i{n} internal_number=60{n}{plugin} prompts=[{}] keys=[{}] repeat_count={} start_delay={} input_timeout={} \
         max_input_length={} direct_dial={} timeout_destination={} invalid_destination={} invalid_prompt={}",
        prompts.join(","),
        keys.join(","),
        chance.below(3),
        chance.below(3),
        1 + chance.below(6),
        chance.below(4),
        chance.below(2) == 0,
        somewhere(chance),
        somewhere(chance),
        media(chance),
    )
}

fn group(n: u32, chance: &mut Chance) -> String {
    let strategy = ["all", "round_robin", "random", "memory", "sequential"][chance.below(5) as usize];
    let numbers: Vec<String> =
        (801..=805).filter(|_| chance.below(2) == 0).chain([806]).map(|number| format!("\"{number}\"")).collect();
    format!(
        "ring_group g{n} internal_number=61{n} strategy={strategy} numbers=[{}] ring_timeout={} timeout_destination={}",
        numbers.join(","),
        5 + chance.below(10),
        somewhere(chance),
    )
}

fn list(n: u32, chance: &mut Chance) -> String {
    let media: Vec<String> = (0..=chance.below(3)).map(|_| format!("\"{}\"", media(chance))).collect();
    let skip = chance.below(2) == 0;
    format!("playlist p{n} media=[{}] skip_on_key={skip} destination={}", media.join(","), somewhere(chance))
}

fn condition(n: u32, chance: &mut Chance) -> String {
    let (inside, outside) = (somewhere(chance), somewhere(chance));
    format!(
        "condition c{n} type=time periods=[\"06:00:00-18:00:00\"] inside_destination={inside} outside_destination={outside}"
    )
}

fn line(n: u32, chance: &mut Chance) -> String {
    let name = lines::name(n);
    let kind = match chance.below(3) {
        0 => "kind=register username=office password=secret-of-the-line",
        _ => "kind=peer",
    };
    let codecs = ["[\"pcma\",\"pcmu\"]", "[\"pcmu\"]", "[\"g722\",\"pcma\"]"][chance.below(3) as usize];
    let dtmf = ["rfc4733", "info", "inband"][chance.below(3) as usize];
    format!(
        "trunk {name} {kind} host=192.0.2.{} codecs={codecs} dtmf={dtmf} connect_timeout={} max_calls={} \
         max_call_minutes={}",
        50 + n,
        1 + chance.below(6),
        1 + chance.below(4),
        1 + chance.below(10),
    )
}

/// Some of the lines, in an order, for each rule.
fn profile(chance: &mut Chance) -> String {
    let rule = |prefix: &str, chance: &mut Chance| {
        let first = chance.below(lines::LINES);
        let of = (0..=chance.below(lines::LINES)).map(|step| (first + step) % lines::LINES + 1);
        let trunks: Vec<String> = of.map(|n| format!("\"@{}\"", lines::name(n))).collect();
        format!("{{{prefix}\"trunks\":[{}]}}", trunks.join(","))
    };
    let special = rule("\"prefix\":\"13800000003\",", chance);
    format!("outbound_profile all system_default=true rules=[{special},{}]", rule("", chance))
}

/// What the service of a menu answers: a destination and perhaps a file before it, or nothing.
pub fn answer(chance: &mut Chance) -> (Option<String>, Option<String>) {
    let media = (chance.below(2) == 0).then(|| media(chance).trim_start_matches('@').to_owned());
    ((chance.below(4) > 0).then(|| somewhere(chance)), media)
}

fn media(chance: &mut Chance) -> String {
    format!("@m{}", 1 + chance.below(MEDIA))
}

fn somewhere(chance: &mut Chance) -> String {
    let mut nth = |of: u32| 1 + chance.below(of);
    match nth(10) {
        1 | 2 => format!("ivr:i{}", nth(MENUS)),
        3 => format!("ring_group:g{}", nth(GROUPS)),
        4 => format!("playlist:p{}", nth(LISTS)),
        5 => format!("condition:c{}", nth(CONDITIONS)),
        6 | 7 => format!("agent:{}", 800 + nth(5)),
        8 | 9 => format!("outside_number:{}", lines::person(nth(6))),
        _ => "hang_up".into(),
    }
}
