//! Whom a trunk calls and who calls, out of the headers of its INVITE (TRK-58 to TRK-64).

use super::{
    super::{
        address::Address,
        message::Message,
        name::Name,
        order::Shown,
        uri::{Scheme, Uri},
    },
    wanted::{CallerSource, DidSource, Reading, Trunk},
};
use std::collections::BTreeSet;

/// The number as it came, and with TRK-60 applied.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Called {
    pub asked: String,
    pub number: String,
}

/// Who calls, as far as they let us know.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Caller {
    pub shown: Shown,
    pub withheld: bool,
}

/// `dids` are those of the box, in digits.
pub(super) fn called(trunk: &Trunk, request: &Message, dids: &BTreeSet<String>) -> Called {
    let said = |asked: String| Called { number: rewritten(&trunk.did, &asked), asked };
    let of_uri = || request.uri().map(|uri| uri.number().into_owned()).unwrap_or_default();
    let of_to = || number_of(&request.to());
    let of_other =
        |name: &str| request.other(name).and_then(Address::parse).map(|it| number_of(&it)).unwrap_or_default();
    match &trunk.did.source {
        DidSource::RequestUri => said(of_uri()),
        DidSource::To => said(of_to()),
        DidSource::PCalledPartyId => said(of_other("P-Called-Party-ID")),
        DidSource::Header(name) => said(header(request, name)),
        DidSource::Auto => {
            let diverted = request.values(Name::Diversion).filter_map(Address::parse).map(|it| number_of(&it));
            let all = [of_uri(), of_to(), of_other("P-Called-Party-ID")].into_iter().chain(diverted);
            let of_box = |called: &Called| dids.contains(digits(&called.number));
            let own = || of_uri() == trunk.username && !trunk.username.is_empty();
            all.map(said).find(of_box).map(bare).unwrap_or_else(|| said(if own() { of_to() } else { of_uri() }))
        }
    }
}

/// A DID is kept in digits alone.
fn bare(called: Called) -> Called {
    Called { number: digits(&called.number).to_owned(), ..called }
}

fn digits(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}

/// A header that holds an address, or only the number.
fn header(request: &Message, name: &str) -> String {
    let known = Name::parse(name);
    let value = if known == Name::Other { request.other(name) } else { request.value(known) };
    let Some(value) = value else { return String::new() };
    match Address::parse(value) {
        Some(address) => number_of(&address),
        None => value.split([';', ',']).next().unwrap_or("").trim().trim_matches('"').to_owned(),
    }
}

pub(super) fn caller(trunk: &Trunk, request: &Message) -> Caller {
    if is_withheld(request) {
        return Caller { shown: Shown::default(), withheld: true };
    }
    let from = || Some(request.from());
    let of = |name| request.values(name).find_map(Address::parse);
    let read = match trunk.caller.source {
        CallerSource::From => from(),
        CallerSource::Pai => of(Name::PAssertedIdentity),
        CallerSource::Rpid => of(Name::RemotePartyId),
        CallerSource::Auto => of(Name::PAssertedIdentity).or_else(|| of(Name::RemotePartyId)).or_else(from),
    };
    let shown = read.map(|address| shown(trunk, &address)).unwrap_or_default();
    Caller { shown, withheld: false }
}

/// TRK-64: what is no number is a name.
fn shown(trunk: &Trunk, address: &Address) -> Shown {
    let text = number_of(address);
    let plain = text.strip_prefix('+').unwrap_or(&text);
    if plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'#')) {
        let number = if plain.is_empty() { String::new() } else { rewritten(&trunk.caller, &text) };
        return Shown { number, name: address.display.trim().to_owned() };
    }
    Shown { number: String::new(), name: text }
}

/// TRK-63
fn is_withheld(request: &Message) -> bool {
    let wants = |word: &str| ["id", "user", "header"].iter().any(|one| word.trim().eq_ignore_ascii_case(one));
    if request.lines(Name::Privacy).any(|line| line.split([';', ',']).any(wants)) {
        return true;
    }
    let from = request.from();
    from.uri().is_ok_and(|uri| {
        uri.host.eq_ignore_ascii_case("anonymous.invalid") || uri.number().eq_ignore_ascii_case("anonymous")
    })
}

fn number_of(address: &Address) -> String {
    address.uri().map(|uri| separated(&uri)).unwrap_or_default()
}

/// Also a sip URI may hold a number with visual separators (RFC 3966 section 5.1.1).
fn separated(uri: &Uri) -> String {
    let number = uri.number();
    let is_phone = uri.params.value("user").is_some_and(|user| user.eq_ignore_ascii_case("phone"));
    if uri.scheme == Scheme::Tel || !is_phone { number.into_owned() } else { number.replace(['-', '.', '(', ')'], "") }
}

/// TRK-60, TRK-62
fn rewritten<S>(reading: &Reading<S>, number: &str) -> String {
    let rest = match number.strip_prefix(&*reading.remove_prefix) {
        Some(rest) => rest,
        // A prefix is written in digits; the number may begin with a `+` before them.
        None => {
            number.strip_prefix('+').and_then(|plain| plain.strip_prefix(&*reading.remove_prefix)).unwrap_or(number)
        }
    };
    format!("{}{rest}", reading.add_prefix)
}

#[cfg(test)]
mod tests;
