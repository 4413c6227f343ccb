//! The example office as a stranger first sees it: a readable box, or one line of JSON.

use super::options::Options;
use crate::store::{Example, ExampleAgent, ExampleOwner};
use serde::Serialize;
use std::net::IpAddr;

/// How to reach everything, printed once everything answers.
#[derive(Debug, Serialize)]
pub struct Welcome {
    pub panel: String,
    pub panel_http: Option<String>,
    pub owner: Option<ExampleOwner>,
    pub api_key: Option<String>,
    pub sip: SipAddress,
    pub rtp_ports: String,
    pub agents: Vec<ExampleAgent>,
}

#[derive(Debug, Serialize)]
pub struct SipAddress {
    pub host: IpAddr,
    pub udp: u16,
    pub tcp: u16,
    pub tls: u16,
}

impl Welcome {
    pub fn new(options: &Options, addresses: &[IpAddr]) -> Welcome {
        let host = options.shown_address(addresses);
        let has_loopback = options.bind.is_none_or(|bind| bind.is_unspecified() || bind.is_loopback());
        let loopback = options.bind.filter(|bind| bind.is_loopback()).unwrap_or(IpAddr::from([127, 0, 0, 1]));
        Welcome {
            panel: url("https", host, options.panel, 443),
            panel_http: has_loopback.then(|| url("http", loopback, options.panel_http, 80)),
            owner: None,
            api_key: None,
            sip: SipAddress { host, udp: options.sip, tcp: options.sip, tls: options.sips },
            rtp_ports: format!("{}-{}", options.rtp_ports.start(), options.rtp_ports.end()),
            agents: Vec::new(),
        }
    }

    pub fn show(&mut self, example: Example) {
        self.owner = Some(example.owner);
        self.api_key = Some(example.api_key);
        self.agents = example.agents;
    }

    /// The box for people.
    pub fn picture(&self) -> String {
        let mut lines = vec![format!("Panel      {}   {}", self.panel, self.panel_http.as_deref().unwrap_or(""))];
        match &self.owner {
            Some(owner) => lines.push(format!("Sign in    {}   {}", owner.username, owner.password)),
            None => lines.push("Sign in    with your own account; without one the panel asks to make it".into()),
        }
        let SipAddress { host, udp, tls, .. } = &self.sip;
        lines.push(String::new());
        lines.push(format!("In a softphone: server {host}, port {udp} (UDP, TCP) or {tls} (TLS)"));
        for agent in &self.agents {
            let pad = " ".repeat(18usize.saturating_sub(width(&agent.name)));
            lines.push(format!("{:<6} {}{pad} password {}", agent.agent_number, agent.name, agent.sip_password));
        }
        if !self.agents.is_empty() {
            lines.push(String::new());
            lines.push("Dial one number from another phone; *43 is the echo test. Ctrl-C stops.".into());
        }
        framed("Callbox", &lines)
    }
}

fn framed(title: &str, lines: &[String]) -> String {
    let inside = lines.iter().map(|line| width(line)).max().unwrap_or(0).max(60) + 2;
    let mut out = format!("┌ {title} {}┐\n", "─".repeat(inside - width(title) - 2));
    for line in lines {
        out += &format!("│ {line}{}│\n", " ".repeat(inside - 1 - width(line)));
    }
    out + &format!("└{}┘", "─".repeat(inside))
}

/// Columns on a terminal: Chinese and Japanese take two each.
fn width(text: &str) -> usize {
    text.chars().map(|c| if ('\u{1100}'..='\u{ffdc}').contains(&c) && !is_narrow(c) { 2 } else { 1 }).sum()
}

fn is_narrow(c: char) -> bool {
    // Box drawing and typographic marks stand in that span too.
    ('\u{2000}'..='\u{27bf}').contains(&c)
}

fn url(scheme: &str, host: IpAddr, port: u16, usual: u16) -> String {
    let host = match host {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    if port == usual { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_is_straight_with_chinese_names_too() {
        let options = Options::parse(["--bind".into(), "127.0.0.1".into()]).unwrap().unwrap();
        let mut welcome = Welcome::new(&options, &[]);
        welcome.agents = ["李娜", "Tom"]
            .map(|name| ExampleAgent {
                agent_number: "801".into(),
                name: name.into(),
                sip_password: "secretsecret".into(),
                web_password: String::new(),
                phone_password: String::new(),
            })
            .into();
        let picture = welcome.picture();
        let widths: Vec<usize> = picture.lines().map(width).collect();
        assert!(widths.iter().all(|w| *w == widths[0]), "{picture}");
        assert!(picture.contains("https://127.0.0.1 ") && picture.contains("http://127.0.0.1 "));
    }
}
