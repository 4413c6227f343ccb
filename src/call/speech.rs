//! Numbers as each language speaks them, made of the phrases of `sounds`.

use crate::{audio::order::Sound, schema::kind::Language};

/// From here on a number is told digit by digit.
const SPOKEN_MAX: u32 = 999_999;
/// Between the groups of a long number.
const BREATH_MS: u32 = 150;
/// Digits that are told in one breath, of numbers that are longer.
const BREATH: usize = 4;

/// A phrase by its name.
pub fn phrase(language: Language, name: &str) -> Sound {
    Sound::Phrase(format!("{}/{name}", language.word()))
}

/// A telephone, agent or slot number, digit by digit; what is no key is left out.
pub fn digits(language: Language, number: &str) -> Vec<Sound> {
    let keys: Vec<Sound> = number.chars().filter_map(|key| digit(language, key)).collect();
    let groups = if keys.len() > BREATH + 2 { BREATH } else { keys.len().max(1) };
    keys.chunks(groups).collect::<Vec<_>>().join(&Sound::Pause { ms: BREATH_MS })
}

fn digit(language: Language, key: char) -> Option<Sound> {
    let name = match key {
        '0'..='9' => format!("digit_{key}"),
        '*' => "digit_star".to_owned(),
        '#' => "digit_hash".to_owned(),
        '.' => "digit_point".to_owned(),
        _ => return None,
    };
    Some(phrase(language, &name))
}

/// A cardinal number.
pub fn number(language: Language, number: u32) -> Vec<Sound> {
    if number > SPOKEN_MAX {
        return digits(language, &number.to_string());
    }
    let words: Vec<String> = match language {
        Language::En => english(number).iter().map(u32::to_string).collect(),
        Language::Zh => chinese(number),
        Language::Ja => japanese(number).iter().map(u32::to_string).collect(),
    };
    words.into_iter().map(|word| phrase(language, &format!("number_{word}"))).collect()
}

/// So many of something that is counted: two is another word in Chinese.
pub fn count(language: Language, how_many: u32) -> Vec<Sound> {
    match (language, how_many) {
        (Language::Zh, 2) => vec![phrase(language, "number_2_count")],
        _ => number(language, how_many),
    }
}

/// A caller's place in a queue, 1 for the next (GRP-70).
pub fn position(language: Language, place: u32) -> Vec<Sound> {
    between(language, "position_before", number(language, place), "position_after")
}

/// How many callers are before one, 1 and more.
pub fn ahead(language: Language, callers: u32) -> Vec<Sound> {
    match callers {
        1 => vec![phrase(language, "ahead_one")],
        _ => between(language, "ahead_before", count(language, callers), "ahead_after"),
    }
}

/// Where a call was parked (DSK-350).
pub fn parked_at(language: Language, slot: &str) -> Vec<Sound> {
    [vec![phrase(language, "parked_at")], digits(language, slot)].concat()
}

/// The number of the phone that asks (FEA-7).
pub fn your_number(language: Language, number: &str) -> Vec<Sound> {
    [vec![phrase(language, "your_number_is")], digits(language, number)].concat()
}

/// Where the panel is (BOX-108).
pub fn address(language: Language, address: &str) -> Vec<Sound> {
    [vec![phrase(language, "address_is")], digits(language, address)].concat()
}

fn between(language: Language, before: &str, said: Vec<Sound>, after: &str) -> Vec<Sound> {
    [vec![phrase(language, before)], said, vec![phrase(language, after)]].concat()
}

/// 105: one hundred five; 21: twenty one.
fn english(number: u32) -> Vec<u32> {
    let mut words = Vec::new();
    let (thousands, rest) = (number / 1_000, number % 1_000);
    if thousands > 0 {
        words.extend(english(thousands));
        words.push(1_000);
    }
    if rest >= 100 {
        words.extend([rest / 100, 100]);
    }
    match rest % 100 {
        0 if !words.is_empty() => {}
        small @ 0..=20 => words.push(small),
        round if round % 10 == 0 => words.push(round),
        other => words.extend([other / 10 * 10, other % 10]),
    }
    words
}

/// 十一, 二十, 一百零三, 一百一十, 两千, 一万零五.
fn chinese(number: u32) -> Vec<String> {
    if number < 20 {
        return match number {
            0..=10 => vec![number.to_string()],
            _ => vec!["10".to_owned(), (number - 10).to_string()],
        };
    }
    let (large, small) = (number / 10_000, number % 10_000);
    let mut words = Vec::new();
    if large > 0 {
        words.extend(if large == 2 { vec!["2_count".to_owned()] } else { chinese(large) });
        words.push("10000".to_owned());
    }
    // A place that is empty is told once, if something follows.
    let mut empty = false;
    for (unit, digit) in [1_000, 100, 10, 1].map(|unit| (unit, small / unit % 10)) {
        if digit == 0 {
            empty = !words.is_empty();
            continue;
        }
        if std::mem::take(&mut empty) {
            words.push("0".to_owned());
        }
        words.push(if (digit, unit) == (2, 1_000) { "2_count".to_owned() } else { digit.to_string() });
        if unit > 1 {
            words.push(unit.to_string());
        }
    }
    words
}

/// 十一, 二百, 三百 (さんびゃく), 千, 三千 (さんぜん), 一万.
fn japanese(number: u32) -> Vec<u32> {
    if number <= 10 {
        return vec![number];
    }
    let (large, small) = (number / 10_000, number % 10_000);
    let mut words = Vec::new();
    if large > 0 {
        words.extend(japanese(large));
        words.push(10_000);
    }
    for (unit, digit) in [1_000, 100, 10, 1].map(|unit| (unit, small / unit % 10)) {
        match (unit, digit) {
            (_, 0) => {}
            (1, digit) => words.push(digit),
            (unit, 1) => words.push(unit),
            // Sounds that change where the two meet.
            (1_000, 3 | 8) | (100, 3 | 6 | 8) => words.push(unit * digit),
            (unit, digit) => words.extend([digit, unit]),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    const LANGUAGES: [Language; 3] = [Language::En, Language::Zh, Language::Ja];
    /// Every phrase that is spoken by name.
    const NAMED: &[&str] = &[
        "number_unknown",
        "agent_unavailable",
        "service_unavailable",
        "do_not_disturb_on",
        "do_not_disturb_off",
        "echo_test",
        "test_call",
        "your_number_is",
        "enter_phone_password",
        "password_wrong",
        "signed_in",
        "signed_out",
        "sign_in_needs_page",
        "no_such_group",
        "paused",
        "resumed",
        "not_allowed",
        "parked_at",
        "record_after_tone",
        "record_choice",
        "recording_saved",
        "recording_too_short",
        "recording_not_possible",
        "outside_click_to_call_only",
        "outside_do_not_call",
        "outside_no_route",
        "outside_denied",
        "outside_class",
        "outside_night",
        "outside_country",
        "outside_daily_limit",
        "outside_limit",
        "outside_no_trunk",
        "please_hold",
        "position_before",
        "position_after",
        "ahead_one",
        "ahead_before",
        "ahead_after",
        "address_is",
        "goodbye",
    ];

    /// What is written of a phrase, as it is spoken.
    fn text(sound: &Sound) -> Option<String> {
        let Sound::Phrase(name) = sound else { return None };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sounds").join(format!("{name}.txt"));
        let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{name} has no text"));
        assert!(path.with_extension("wav").is_file(), "{name} was not spoken");
        Some(text.trim().to_owned())
    }

    fn said(sounds: &[Sound]) -> String {
        sounds.iter().filter_map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn numbers_are_spoken_as_people_do() {
        for (value, en, zh, ja) in [
            (0, "zero", "零", "ゼロ"),
            (7, "seven", "七", "なな"),
            (10, "ten", "十", "じゅう"),
            (11, "eleven", "十 一", "じゅう いち"),
            (20, "twenty", "二 十", "に じゅう"),
            (42, "forty two", "四 十 二", "よん じゅう に"),
            (100, "one hundred", "一 百", "ひゃく"),
            (103, "one hundred three", "一 百 零 三", "ひゃく さん"),
            (110, "one hundred ten", "一 百 一 十", "ひゃく じゅう"),
            (300, "three hundred", "三 百", "さんびゃく"),
            (618, "six hundred eighteen", "六 百 一 十 八", "ろっぴゃく じゅう はち"),
            (1_000, "one thousand", "一 千", "せん"),
            (2_010, "two thousand ten", "两 千 零 一 十", "に せん じゅう"),
            (3_805, "three thousand eight hundred five", "三 千 八 百 零 五", "さんぜん はっぴゃく ご"),
            (8_002, "eight thousand two", "八 千 零 二", "はっせん に"),
            (10_005, "ten thousand five", "一 万 零 五", "いち まん ご"),
            (20_000, "twenty thousand", "两 万", "に まん"),
            (250_000, "two hundred fifty thousand", "二 十 五 万", "に じゅう ご まん"),
        ] {
            let spoken = LANGUAGES.map(|language| said(&number(language, value)));
            assert_eq!(spoken, [en, zh, ja], "{value}");
        }
        assert_eq!(said(&number(Language::En, 1_000_000)), "one zero zero zero zero zero zero");
        assert_eq!(said(&count(Language::Zh, 2)), "两");
        assert_eq!(said(&count(Language::Zh, 12)), "十 二");
    }

    /// GRP-70, DSK-350, FEA-4, FEA-7, BOX-108
    #[test]
    fn sentences_with_numbers() {
        assert_eq!(said(&position(Language::Zh, 2)), "您现在排在第 二 位，请稍候。");
        assert_eq!(said(&position(Language::Ja, 4)), "ただいま よん 番目です。このままお待ちください。");
        assert_eq!(said(&position(Language::En, 12)), "You are number twelve in the queue. Please hold the line.");
        assert_eq!(said(&ahead(Language::Zh, 2)), "您前面还有 两 位客户在等待。");
        assert_eq!(said(&ahead(Language::En, 1)), "There is one caller ahead of you.");
        assert_eq!(said(&parked_at(Language::Zh, "701")), "通话已驻留在 七 零 幺");
        assert_eq!(said(&your_number(Language::Ja, "801")), "この電話の番号は はち ゼロ いち");
        assert_eq!(said(&digits(Language::En, "+1*#")), "one star hash");
        assert_eq!(
            said(&address(Language::En, "10.0.0.7")),
            "The address of this box is one zero point zero point zero point seven"
        );
        let long = digits(Language::En, "13800138000");
        assert_eq!(long.iter().filter(|sound| matches!(sound, Sound::Pause { .. })).count(), 2);
        assert!(digits(Language::Zh, "").is_empty());
    }

    /// FEA-7, FEA-8, FEA-9, FEA-27, OUT-24, GRP-70, DSK-356: whatever is spoken exists in every language.
    #[test]
    fn every_phrase_is_there_in_every_language() {
        for language in LANGUAGES {
            for name in NAMED {
                assert!(!text(&phrase(language, name)).unwrap().is_empty());
            }
            let spoken = (0..=1_100).chain((0..=100).map(|n| n * 9_973 % 1_000_000)).flat_map(|n| number(language, n));
            let keys = digits(language, "0123456789*#.").into_iter().chain(count(language, 2));
            spoken.chain(keys).for_each(|sound| drop(text(&sound)));
        }
    }

    /// And nothing is carried along that nobody speaks.
    #[test]
    fn every_phrase_is_spoken() {
        for language in LANGUAGES {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("sounds").join(language.word());
            let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let texts = files.filter(|path| path.extension().is_some_and(|end| end == "txt"));
            let names: BTreeSet<String> =
                texts.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
            let spoken: BTreeSet<String> = (0..=9_999)
                .chain([10_000, 20_000])
                .flat_map(|n| number(language, n))
                .chain(digits(language, "0123456789*#."))
                .chain(count(language, 2))
                .filter_map(|sound| match sound {
                    Sound::Phrase(name) => Some(name.split_once('/').unwrap().1.to_owned()),
                    _ => None,
                })
                .chain(NAMED.iter().map(|name| (*name).to_owned()))
                .collect();
            assert_eq!(names, spoken, "{}", language.word());
        }
    }
}
