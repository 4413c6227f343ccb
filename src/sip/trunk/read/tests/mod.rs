use super::*;
use crate::sip::trunk::tests_trunk;

fn invite(uri: &str, headers: &str) -> Message {
    let text = format!(
        "INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\
         {headers}Content-Length: 0\r\n\r\n"
    );
    Message::parse(text.into_bytes().into()).unwrap()
}

fn dids(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|did| did.to_string()).collect()
}

/// TRK-58, TRK-59
#[test]
fn the_did_is_read_where_the_trunk_says() {
    let mut trunk = tests_trunk();
    trunk.username = "02188880000".into();
    let headers = "From: <sip:1@x>;tag=a\r\nTo: <sip:+862155501@carrier>\r\nP-Called-Party-ID: <tel:021-55502>\r\n\
                   Diversion: <sip:02155503@carrier>;reason=unconditional\r\nX-Did: \"02155504\";x=y\r\n";
    let message = invite("sip:02188880000@203.0.113.9", headers);
    let read = |trunk: &Trunk, known: &[&str]| called(trunk, &message, &dids(known)).number;
    for (source, number) in [
        (DidSource::RequestUri, "02188880000"),
        (DidSource::To, "+862155501"),
        (DidSource::PCalledPartyId, "02155502"),
        (DidSource::Header("X-Did".into()), "02155504"),
        (DidSource::Header("to".into()), "+862155501"),
        (DidSource::Header("X-None".into()), ""),
    ] {
        trunk.did.source = source.clone();
        assert_eq!(read(&trunk, &[]), number, "{source:?}");
    }
    trunk.did.source = DidSource::Auto;
    assert_eq!(read(&trunk, &["02188880000", "862155501"]), "02188880000");
    assert_eq!(read(&trunk, &["862155501", "02155502"]), "862155501");
    assert_eq!(read(&trunk, &["02155502", "02155503"]), "02155502");
    assert_eq!(read(&trunk, &["02155503"]), "02155503");
    assert_eq!(read(&trunk, &["1"]), "+862155501", "the Request-URI names the trunk's own user");
    trunk.username = "other".into();
    assert_eq!(read(&trunk, &["1"]), "02188880000");
}

/// TRK-60: what is compared is rewritten, what is recorded is not.
#[test]
fn prefixes_of_the_did_are_taken_away_and_put_in_front() {
    let mut trunk = tests_trunk();
    (trunk.did.remove_prefix, trunk.did.add_prefix) = ("86".into(), "0".into());
    let message = invite("sip:+862155501@x", "From: <sip:1@x>;tag=a\r\nTo: <sip:9@x>\r\n");
    let found = called(&trunk, &message, &dids(&["02155501"]));
    assert_eq!((found.asked.as_str(), found.number.as_str()), ("+862155501", "02155501"));
    let other = invite("sip:5501@x", "From: <sip:1@x>;tag=a\r\nTo: <sip:9@x>\r\n");
    assert_eq!(called(&trunk, &other, &dids(&[])).number, "05501");
}

/// TRK-61, TRK-62
#[test]
fn the_caller_is_read_where_the_trunk_says() {
    let mut trunk = tests_trunk();
    let headers = "From: \"F\" <sip:1001@x>;tag=a\r\nTo: <sip:9@x>\r\nP-Asserted-Identity: \"A\" <tel:+86-10-1002>, \
                   <sip:x@y>\r\nRemote-Party-ID: \"R\" <sip:1003@x>;party=calling\r\n";
    let message = invite("sip:9@x", headers);
    for (source, number, name) in [
        (CallerSource::From, "1001", "F"),
        (CallerSource::Pai, "+86101002", "A"),
        (CallerSource::Rpid, "1003", "R"),
        (CallerSource::Auto, "+86101002", "A"),
    ] {
        trunk.caller.source = source;
        let found = caller(&trunk, &message);
        assert_eq!((found.shown.number.as_str(), found.shown.name.as_str()), (number, name), "{source:?}");
    }
    (trunk.caller.remove_prefix, trunk.caller.add_prefix) = ("86".into(), "0".into());
    assert_eq!(caller(&trunk, &message).shown.number, "0101002");
    let plain = invite("sip:9@x", "From: <sip:1001@x>;tag=a\r\nTo: <sip:9@x>\r\n");
    assert_eq!(caller(&trunk, &plain).shown.number, "01001");
}

/// TRK-63
#[test]
fn who_withholds_the_number_is_not_shown_by_another_header() {
    let trunk = tests_trunk();
    let pai = "To: <sip:9@x>\r\nP-Asserted-Identity: \"A\" <sip:1002@x>\r\n";
    for hidden in [
        "From: \"F\" <sip:1001@x>;tag=a\r\nPrivacy: id\r\n",
        "From: \"F\" <sip:1001@x>;tag=a\r\nPrivacy: critical; User\r\n",
        "From: \"F\" <sip:1001@x>;tag=a\r\nPrivacy: header\r\n",
        "From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=a\r\n",
        "From: <sip:Anonymous@x>;tag=a\r\n",
    ] {
        let found = caller(&trunk, &invite("sip:9@x", &format!("{hidden}{pai}")));
        assert_eq!(found, Caller { shown: Shown::default(), withheld: true }, "{hidden}");
    }
    let open = caller(&trunk, &invite("sip:9@x", &format!("From: <sip:1@x>;tag=a\r\nPrivacy: none\r\n{pai}")));
    assert_eq!((open.withheld, open.shown.number.as_str()), (false, "1002"));
}

/// TRK-64
#[test]
fn what_is_no_number_is_a_name() {
    let trunk = tests_trunk();
    let read =
        |from: &str| caller(&trunk, &invite("sip:9@x", &format!("From: {from};tag=a\r\nTo: <sip:9@x>\r\n"))).shown;
    let shown = |number: &str, name: &str| Shown { number: number.into(), name: name.into() };
    assert_eq!(read("\"Li\" <sip:+862155501@x>"), shown("+862155501", "Li"));
    assert_eq!(read("<sip:*21%23@x>"), shown("*21#", ""));
    assert_eq!(read("<sip:021-5550;phone-context=x@x;user=phone>"), shown("0215550", ""));
    assert_eq!(read("\"Bob\" <sip:bob.smith@x>"), shown("", "bob.smith"));
    assert_eq!(read("<sip:12+34@x>"), shown("", "12+34"));
    assert_eq!(read("<sip:x.example>"), shown("", ""));
}
