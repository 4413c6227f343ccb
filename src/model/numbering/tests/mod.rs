//! Tables of numbers in the plans that are built in.

use super::*;
use NumberClass::*;

fn office(country: &str, area: &str) -> Numbering {
    Numbering::new(builtin::plan(country), area)
}

/// OUT-18
#[test]
fn a_typed_number_becomes_what_is_dialed_here() {
    for (country, typed, dialed) in [
        ("CN", "138-1234 5678", "13812345678"),
        ("CN", "+86 138 1234 5678", "13812345678"),
        ("CN", "+86 (10) 8800.1234", "01088001234"),
        ("CN", "+86 755 8800 1234", "075588001234"),
        ("CN", "+86 400 810 0000", "4008100000"),
        ("CN", "+86 95588", "95588"),
        ("CN", "+81 3 1234 5678", "0081312345678"),
        ("CN", "＋１ 212 555 0100", "0012125550100"),
        ("CN", "010.8800.1234", "01088001234"),
        ("JP", "+81 3-1234-5678", "0312345678"),
        ("JP", "+81 90 1234 5678", "09012345678"),
        ("JP", "+81 120 123 456", "0120123456"),
        ("JP", "+1 212 555 0100", "01012125550100"),
        ("US", "+1 (212) 555-0100", "12125550100"),
        ("US", "+44 20 7946 0000", "011442079460000"),
        ("US", "(212) 555-0100", "2125550100"),
        ("CA", "+1 876 555 0100", "18765550100"),
        ("GB", "+44 20 7946 0000", "02079460000"),
        ("GB", "+44 141 496 0000", "01414960000"),
        ("DE", "+49 30 123456", "030123456"),
        ("DE", "+86 10 88001234", "00861088001234"),
        ("CN", "*67#", "*67#"),
    ] {
        assert_eq!(office(country, "").dialed(typed), dialed, "{country} {typed}");
    }
}

/// OUT-34, OUT-35, OUT-38, OUT-40: the classes of each plan that is built in, and of the one for all others.
#[test]
fn a_number_has_a_class() {
    for (country, numbers) in [
        (
            "CN",
            &[
                ("110", Emergency),
                ("119", Emergency),
                ("120", Emergency),
                ("122", Emergency),
                ("112", Service),
                ("13812345678", Mobile),
                ("19912345678", Mobile),
                ("1381234567", Unknown),
                ("13491234567", Satellite),
                ("8008100000", TollFree),
                ("4008100000", SharedCost),
                ("01088001234", National),
                ("02188001234", National),
                ("075588001234", National),
                ("88001234", Local),
                ("8800123", Local),
                ("10086", Service),
                ("95588", Service),
                ("12345", Service),
                ("16888888", Premium),
                ("125901234", Premium),
                ("0012125550100", International),
                ("008613812345678", International),
                ("00881612345678", Satellite),
                ("0088216123456", Satellite),
                ("17909075588001234", National),
                ("179090012125550100", International),
                ("1930012125550100", International),
                ("801", Unknown),
                ("", Unknown),
            ][..],
        ),
        (
            "JP",
            &[
                ("110", Emergency),
                ("118", Emergency),
                ("119", Emergency),
                ("104", Service),
                ("09012345678", Mobile),
                ("07012345678", Mobile),
                ("0312345678", National),
                ("0466123456", National),
                ("05012345678", National),
                ("0120123456", TollFree),
                ("08001234567", TollFree),
                ("0570000000", SharedCost),
                ("0990123456", Premium),
                ("12345678", Unknown),
                ("31234567", Local),
                ("01012125550100", International),
                ("010870776123456", Satellite),
                ("001010442079460000", International),
                ("18409012345678", Mobile),
                ("184110", Emergency),
                ("911", Unknown),
            ],
        ),
        (
            "US",
            &[
                ("911", Emergency),
                ("411", Service),
                ("988", TollFree),
                ("2125550100", National),
                ("12125550100", National),
                ("5550100", Local),
                ("8005550100", TollFree),
                ("18885550100", TollFree),
                ("9005550100", Premium),
                ("19005550100", Premium),
                ("12129760100", Premium),
                ("14165550100", International),
                ("4165550100", International),
                ("18765550100", International),
                ("18095550100", International),
                ("011442079460000", International),
                ("01442079460000", International),
                ("0118816123456", Satellite),
                ("1010288011442079460000", International),
                ("112", Unknown),
            ],
        ),
        (
            "CA",
            &[
                ("911", Emergency),
                ("14165550100", National),
                ("4165550100", National),
                ("12125550100", International),
                ("18765550100", International),
                ("18005550100", TollFree),
                ("19005550100", Premium),
            ],
        ),
        (
            "GB",
            &[
                ("999", Emergency),
                ("112", Emergency),
                ("02079460000", National),
                ("01214960000", National),
                ("03001234567", National),
                ("07911123456", Mobile),
                ("07624123456", Mobile),
                ("07012345678", Premium),
                ("07612345678", Premium),
                ("08001111", TollFree),
                ("08081570000", TollFree),
                ("08451234567", SharedCost),
                ("08712345678", Service),
                ("09012345678", Premium),
                ("118500", Premium),
                ("116123", TollFree),
                ("101", Service),
                ("79460000", Local),
                ("0012125550100", International),
                ("1410012125550100", International),
                ("18866", Unknown),
                ("188660012125550100", International),
            ],
        ),
        (
            "DE",
            &[
                ("112", Emergency),
                ("911", Emergency),
                ("110", Unknown),
                ("030123456", National),
                ("0012125550100", International),
                ("00870776123456", Satellite),
            ],
        ),
    ] {
        let numbering = office(country, "");
        for (number, class) in numbers {
            assert_eq!(numbering.class(number), *class, "{country} {number}");
            let emergency = (*class == Emergency).then(|| number.strip_prefix("184").unwrap_or(number));
            assert_eq!(numbering.emergency(number), emergency, "{country} {number}");
        }
    }
    assert!(
        Emergency < Unknown && Unknown < TollFree && Premium < International && International < Satellite,
        "OUT-34"
    );
}

/// OUT-37, OUT-35: the own area, dialed or not.
#[test]
fn the_own_area_is_near() {
    for (country, area, number, class, full) in [
        ("CN", "010", "88001234", Local, "01088001234"),
        ("CN", "10", "88001234", Local, "01088001234"),
        ("CN", "010", "01088001234", Local, "01088001234"),
        ("CN", "010", "02188001234", National, "02188001234"),
        ("CN", "", "88001234", Local, "88001234"),
        ("CN", "010", "13812345678", Mobile, "13812345678"),
        ("CN", "010", "95588", Service, "95588"),
        ("JP", "03", "31234567", Local, "0331234567"),
        ("US", "212", "5550100", Local, "12125550100"),
        ("US", "212", "2125550100", Local, "2125550100"),
        ("US", "212", "12125550100", Local, "12125550100"),
        ("GB", "020", "79460000", Local, "02079460000"),
    ] {
        let numbering = office(country, area);
        assert_eq!((numbering.class(number), &*numbering.full(number)), (class, full), "{country} {area} {number}");
    }
}

/// LOC-7, OUT-53, TRK-69
#[test]
fn a_number_is_known_between_countries() {
    for (country, area, number, international, land) in [
        ("CN", "010", "13812345678", Some("8613812345678"), Some("CN")),
        ("CN", "010", "88001234", Some("861088001234"), Some("CN")),
        ("CN", "", "88001234", None, None),
        ("CN", "010", "075588001234", Some("8675588001234"), Some("CN")),
        ("CN", "010", "4008100000", Some("864008100000"), Some("CN")),
        ("CN", "010", "95588", Some("8695588"), Some("CN")),
        ("CN", "010", "8613812345678", Some("8613812345678"), Some("CN")),
        ("CN", "010", "+8613812345678", Some("8613812345678"), Some("CN")),
        ("CN", "010", "0081312345678", Some("81312345678"), Some("JP")),
        ("CN", "010", "179090012125550100", Some("12125550100"), Some("US")),
        ("CN", "010", "110", None, None),
        ("CN", "010", "8001", None, None),
        ("CN", "010", "*6712345", None, None),
        ("JP", "03", "09012345678", Some("819012345678"), Some("JP")),
        ("JP", "03", "001010442079460000", Some("442079460000"), Some("GB")),
        ("US", "212", "5550100", Some("12125550100"), Some("US")),
        ("US", "212", "4165550100", Some("14165550100"), Some("CA")),
        ("US", "212", "18765550100", Some("18765550100"), Some("JM")),
        ("US", "212", "011442079460000", Some("442079460000"), Some("GB")),
        ("GB", "020", "02079460000", Some("442079460000"), Some("GB")),
        ("GB", "020", "79460000", Some("442079460000"), Some("GB")),
        ("DE", "030", "0301234567", Some("49301234567"), Some("DE")),
    ] {
        let numbering = office(country, area);
        assert_eq!(numbering.international(number).as_deref(), international, "LOC-7: {country} {number}");
        assert_eq!(numbering.country(number), land, "OUT-53: {country} {number}");
        let plus = international.map_or(number.into(), |digits| format!("+{digits}"));
        assert_eq!(numbering.written(number, NumberFormat::E164Plus), plus, "TRK-69");
        assert_eq!(numbering.written(number, NumberFormat::E164), international.unwrap_or(number), "TRK-69");
        assert_eq!(numbering.written(number, NumberFormat::AsIs), number, "TRK-69");
    }
}

/// OUT-35: no country is without a plan.
#[test]
fn every_country_has_a_plan() {
    for country in ["DE", "FR", "AU", "BR", "AQ", "HK"] {
        let plan = builtin::plan(country);
        assert_eq!((&*plan.international, &*plan.trunk), ("00", "0"), "{country}");
        assert_eq!(plan.emergency, ["112", "911"], "OUT-40: {country}");
    }
}
