//! A desk phone's configuration: the text of its template with the values of one agent and of the box (TPL rows).

use crate::{
    model::{Agent, PhoneTemplate, Preferences},
    schema::{Tenant, kind::template::each_mark},
};

/// What stands for a secret where it is not shown.
pub const MASK: &str = "***";

/// Where a phone reaches the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    pub host: String,
    /// Over UDP and TCP.
    pub sip_port: u16,
    pub ca_certificate_url: String,
}

/// As the phone gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The file for which it asks.
    pub path: String,
    pub content: String,
}

impl Configuration {
    /// Of the template that is chosen for an agent; none: none is. `secret` stands for the agent's own.
    pub fn of(tenant: &Tenant, agent: &Agent, reach: &Reach, secret: &str) -> Option<Configuration> {
        let template: &PhoneTemplate = &agent.phone_template?.row(tenant)?.value;
        let filled = |text: &str| filled(text, |mark| value(tenant, agent, reach, secret, mark));
        Some(Configuration { path: filled(&template.path), content: filled(&template.content) })
    }
}

fn value(tenant: &Tenant, agent: &Agent, reach: &Reach, secret: &str, mark: &str) -> Option<String> {
    let preferences = Preferences::of(tenant);
    Some(match mark {
        "agent_number" => agent.agent_number.to_string(),
        "agent_name" => agent.name(),
        "sip_password" => secret.into(),
        "sip_server" => reach.host.clone(),
        "sip_port" => reach.sip_port.to_string(),
        "mac" => agent.phone_mac.as_ref().map(|mac| mac.to_string()).unwrap_or_default(),
        "time_zone" => preferences.time_zone.to_string(),
        "language" => preferences.language.word().into(),
        "ca_certificate_url" => reach.ca_certificate_url.clone(),
        _ => return None,
    })
}

/// Each mark gives way to its value; what is none stays. A value is never read for marks again.
fn filled(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let (mut out, mut from) = (String::with_capacity(text.len()), 0);
    for (place, mark) in each_mark(text) {
        if let Some(value) = value(mark) {
            out.push_str(&text[from..place.start]);
            out.push_str(&value);
            from = place.end;
        }
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::agent::tests::of_number,
        schema::{
            Id,
            kind::{Mac, Ref, Template, template::Marks},
        },
    };

    fn reach() -> Reach {
        Reach { host: "192.168.1.2".into(), sip_port: 5060, ca_certificate_url: "http://192.168.1.2/ca.crt".into() }
    }

    fn office(content: &str) -> Tenant {
        let mut tenant = Tenant::default();
        let template = serde_json::json!({ "name": "T", "content": content });
        tenant.add::<PhoneTemplate>(serde_json::from_value(template).unwrap());
        tenant
    }

    /// TPL-12, AGT-40: every mark that a template may have has a value, and nothing else is replaced.
    #[test]
    fn every_mark_gives_way_to_its_value() {
        use crate::schema::kind::template::Phone;
        let all: String = Phone::KNOWN.iter().map(|mark| format!("{mark}=##{mark}##\n")).collect();
        let tenant = office(&format!("{all}#1 ## 100%"));
        let agent = Agent {
            phone_template: Some(Ref::to(Id(1))),
            phone_mac: Some(Mac::literal("001565abcdef")),
            ..of_number("801")
        };
        let made = Configuration::of(&tenant, &agent, &reach(), MASK).unwrap();
        let expected = "agent_number=801\nagent_name=Li\nsip_password=***\nsip_server=192.168.1.2\nsip_port=5060\n\
                        mac=001565abcdef\ntime_zone=Asia/Shanghai\nlanguage=zh\n\
                        ca_certificate_url=http://192.168.1.2/ca.crt\n#1 ## 100%";
        assert_eq!((made.path.as_str(), made.content.as_str()), ("001565abcdef.cfg", expected));
        assert_eq!(Configuration::of(&tenant, &of_number("801"), &reach(), MASK), None, "no template is chosen");
        assert!(Template::<Phone, 1, 65_536>::new(&all).is_ok());
    }

    /// TPL-14: one template serves any number of phones, and what a value says is never read for marks.
    #[test]
    fn one_template_serves_every_phone() {
        let tenant = office("user=##agent_number##;pass=##sip_password##");
        let of = |number: &'static str, secret: &str| {
            let agent = Agent { phone_template: Some(Ref::to(Id(1))), ..of_number(number) };
            Configuration::of(&tenant, &agent, &reach(), secret).unwrap().content
        };
        assert_eq!(of("801", "a"), "user=801;pass=a");
        assert_eq!(of("802", "##agent_number##"), "user=802;pass=##agent_number##");
    }
}
