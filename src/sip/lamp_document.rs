//! What a lamp is told: the whole state of one number as XML (RFC 4235).

use super::order::{Lamp, Shown};

pub(super) const CONTENT_TYPE: &str = "application/dialog-info+xml";

/// `version` is one more with each document of a subscription (RFC 4235 section 4.3).
pub(super) fn document(watched: &str, host: &str, version: u32, lamp: &Lamp) -> String {
    let entity = identity(watched, host);
    let dialog = match lamp {
        Lamp::Idle => String::new(),
        Lamp::Early { other } => {
            dialog(watched, "early", r#" direction="recipient""#, &side("local", &entity, ""), other, host)
        }
        Lamp::Confirmed { other } => dialog(watched, "confirmed", "", &side("local", &entity, ""), other, host),
        Lamp::Away { why } => dialog(watched, "confirmed", "", &side("local", &entity, why), &None, host),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
         <dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\"{version}\" state=\"full\" \
         entity=\"{entity}\">\r\n{dialog}</dialog-info>\r\n"
    )
}

fn dialog(watched: &str, state: &str, direction: &str, local: &str, other: &Option<Shown>, host: &str) -> String {
    let remote =
        other.as_ref().map_or(String::new(), |shown| side("remote", &identity(&shown.number, host), &shown.name));
    format!("<dialog id=\"{}\"{direction}>\r\n<state>{state}</state>\r\n{local}{remote}</dialog>\r\n", escape(watched))
}

fn side(which: &str, identity: &str, name: &str) -> String {
    let display = if name.is_empty() { String::new() } else { format!(" display=\"{}\"", escape(name)) };
    format!("<{which}><identity{display}>{identity}</identity><target uri=\"{identity}\"/></{which}>\r\n")
}

fn identity(number: &str, host: &str) -> String {
    escape(&format!("sip:{number}@{host}"))
}

/// Characters that XML 1.0 does not know are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter < ' ' => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PHN-119, PHN-121, RFC 4235
    #[test]
    fn a_ringing_number_names_the_caller() {
        let other = Some(Shown { number: "801".into(), name: "A \"<b>\" & c\u{1}".into() });
        let text = document("802", "box", 3, &Lamp::Early { other });
        assert!(text.contains(r#"version="3" state="full" entity="sip:802@box""#), "{text}");
        assert!(text.contains("<dialog id=\"802\" direction=\"recipient\">\r\n<state>early</state>"), "{text}");
        let remote = r#"<remote><identity display="A &quot;&lt;b&gt;&quot; &amp; c">sip:801@box</identity>"#;
        assert!(text.contains(remote), "{text}");
    }

    /// PHN-119, PHN-120
    #[test]
    fn an_idle_number_has_no_dialog_and_one_that_is_away_says_why() {
        assert!(!document("802", "box", 0, &Lamp::Idle).contains("<dialog "));
        let text = document("802", "box", 0, &Lamp::Away { why: "会议".into() });
        assert!(text.contains("<state>confirmed</state>") && !text.contains("<remote>"), "{text}");
        assert!(text.contains(r#"<local><identity display="会议">"#), "{text}");
    }
}
