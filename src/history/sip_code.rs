//! What the code of a call record says, in English (CDR-51).

/// The description of a SIP response code or of one of the box's own; empty for a code that is neither.
pub fn text(code: &str) -> &'static str {
    own(code).or_else(|| code.parse().ok().map(|code| response(code).unwrap_or_else(|| class(code)))).unwrap_or("")
}

/// The box's own codes (CDR-50, the closed list of call-records.md).
fn own(code: &str) -> Option<&'static str> {
    Some(match code {
        "L403" => "Refused by a rule of this office",
        "L408" => "Ended because no sound came",
        "L415" => "No outbound profile fits the number",
        "L429" => "Beyond the limit of calls",
        "L480" => "Left the queue without an answer",
        "L500" => "Cut by a fault or a loss of power",
        "L503" => "No line free, or the box is at its limit of calls",
        _ => return None,
    })
}

/// RFC 3261 section 21 and its extensions.
fn response(code: u16) -> Option<&'static str> {
    Some(match code {
        200 => "Ended normally",
        400 => "The other side did not understand the request",
        401 | 407 => "The password was not proven",
        402 => "Payment required",
        403 => "Forbidden by the other side",
        404 => "No such number",
        405 | 501 => "The other side does not do this",
        408 => "No answer from the other device",
        410 => "The number is gone",
        413 | 513 => "The message was too large",
        415 | 488 | 606 => "No codec or encryption in common",
        420 | 421 => "An extension is missing on one side",
        422 | 423 => "The interval was too short",
        480 => "Not reachable or not answered",
        481 => "The other side no longer knew the call",
        482 | 483 => "The call went in a circle",
        484 => "The number is not complete",
        485 => "The number is not clear",
        486 | 600 => "Busy",
        487 => "Cancelled before the answer",
        491 => "Both sides changed the call at once",
        493 => "The message could not be decrypted",
        500 => "Fault at the other side",
        502 => "Fault at a gateway",
        503 => "The other side is overloaded or out of service",
        504 => "A server behind the other side did not answer",
        505 => "The other side speaks another version of SIP",
        580 => "What the call needs could not be had",
        603 => "Declined",
        604 => "The number exists nowhere",
        607 => "Refused as unwanted",
        608 => "Rejected by a call filter",
        _ => return None,
    })
}

/// Of a code without a description of its own.
fn class(code: u16) -> &'static str {
    match code {
        300..=399 => "Sent elsewhere by the other side",
        400..=499 => "Refused by the other side",
        500..=599 => "Failed at the other side",
        600..=699 => "Refused everywhere",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    /// CDR-50, CDR-51
    #[test]
    fn every_code_of_the_closed_list_is_told() {
        for code in ["200", "L403", "L408", "L415", "L429", "L480", "L500", "L503", "486", "499", "699"] {
            assert_ne!(text(code), "", "{code}");
        }
        assert_eq!(text("486"), "Busy");
        for nothing in ["", "L999", "18", "99999", "abc"] {
            assert_eq!(text(nothing), "", "{nothing}");
        }
    }
}
