//! A country by its two letters (ISO 3166-1).

use super::line::{Form, Line};
use std::borrow::Cow;

pub type Country = Line<TwoLetters>;

pub struct TwoLetters;

impl Form for TwoLetters {
    const KIND: &'static str = "country";
    const MIN: u64 = 2;
    const MAX: u64 = 2;
    fn meant(text: &str) -> Cow<'_, str> {
        meant(text)
    }
    fn fits(text: &str) -> bool {
        fits(text)
    }
}

pub fn meant(text: &str) -> Cow<'_, str> {
    text.to_ascii_uppercase().into()
}

/// Every code that ISO 3166-1 assigns.
const ASSIGNED: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET \
    FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ \
    IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML \
    MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS \
    PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL \
    TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

pub fn fits(text: &str) -> bool {
    text.len() == 2 && ASSIGNED.split(' ').any(|code| code == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Why;

    /// PRF-8
    #[test]
    fn a_country_is_one_that_is_there() {
        assert_eq!(&*Country::new(" jp ").unwrap(), "JP");
        for bad in ["XX", "A ", "1A", " D", "日本"] {
            assert!(Country::new(bad).is_err(), "{bad}");
        }
        assert_eq!(Country::new(""), Err(Why::Required));
        assert_eq!(ASSIGNED.split(' ').count(), 249);
    }
}
