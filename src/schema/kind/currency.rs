//! A currency by its three letters (ISO 4217).

use super::line::{Form, Line};
use std::borrow::Cow;

pub type Currency = Line<ThreeLetters>;

pub struct ThreeLetters;

impl Form for ThreeLetters {
    const KIND: &'static str = "currency";
    const MIN: u64 = 3;
    const MAX: u64 = 3;
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

/// The currencies in circulation of ISO 4217.
const ASSIGNED: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP \
    BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF \
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD \
    LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR \
    PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY \
    TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG";

pub fn fits(text: &str) -> bool {
    text.len() == 3 && ASSIGNED.split(' ').any(|code| code == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PRF-27
    #[test]
    fn a_currency_is_one_in_circulation() {
        assert_eq!(&*Currency::new(" cny ").unwrap(), "CNY");
        for bad in ["", "YEN", "¥", "CN", "A B", "XXX"] {
            assert!(Currency::new(bad).is_err(), "{bad}");
        }
    }
}
