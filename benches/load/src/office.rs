//! Calls through Callbox: agents made through its API, phones that register, pairs that call each other.

use crate::{
    measure::{self, Beside, Outcome, Plan},
    phone::Phone,
};
use serde_json::{Value, json};
use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    thread,
    time::Duration,
};

/// The first agent that is made; each next is one more.
const FIRST: usize = 20_000;
const PASSWORD: &str = "Load-tool-7-agents";
const EXPIRES_S: u32 = 300;
/// Between one call and the next: how many begin in the same moment is another question.
const PACE: Duration = Duration::from_millis(5);

/// Sets up the calls, runs the sound, ends them. `line`: what Callbox says first with `--json`.
pub fn run(line: &str, calls: usize, plan: &Plan) -> io::Result<Outcome> {
    let (told, sip) = read(line)?;
    let mut phones = phones(&told, 2 * calls, sip)?;
    for phone in &mut phones {
        phone.register(EXPIRES_S)?;
    }
    eprintln!("{} phones are registered", phones.len());
    for pair in phones.chunks_exact_mut(2) {
        let (one, other) = pair.split_at_mut(1);
        one[0].invite(&mut other[0])?;
        thread::sleep(PACE);
    }
    eprintln!("{calls} calls are up");
    let flows = phones.iter_mut().map(|phone| phone.lend_flow()).collect::<io::Result<Vec<_>>>()?;
    let mut office = Office { phones, next: 0 };
    let outcome = measure::run(flows, plan, &mut office)?;
    for phone in office.phones.iter_mut().step_by(2) {
        phone.bye()?;
    }
    // The next run has other phones, and those of this one are not to be rung.
    for phone in &mut office.phones {
        phone.register(0)?;
    }
    Ok(outcome)
}

/// What a server says of itself, and where its SIP is.
pub fn read(line: &str) -> io::Result<(Value, SocketAddr)> {
    let told: Value = serde_json::from_str(line.lines().next().unwrap_or_default())?;
    let sip = format!("{}:{}", told["sip"]["host"].as_str().unwrap_or("127.0.0.1"), told["sip"]["udp"]);
    let sip = sip.to_socket_addrs()?.next().ok_or_else(|| io::Error::other("no SIP address"))?;
    Ok((told, sip))
}

struct Office {
    phones: Vec<Phone>,
    next: usize,
}

impl Beside for Office {
    /// A few phones look whether they were asked something.
    fn turn(&mut self) {
        for _ in 0..8.min(self.phones.len()) {
            self.phones[self.next].attend();
            self.next = (self.next + 1) % self.phones.len();
        }
    }
}

fn phones(told: &Value, count: usize, sip: SocketAddr) -> io::Result<Vec<Phone>> {
    let all = agents(told, count)?;
    let open =
        |(place, (number, password)): (usize, &(String, String))| Phone::new(number, password, sip, place as u32);
    all.iter().enumerate().map(open).collect()
}

/// Numbers and passwords: those that were told, and if they are too few, more that are made.
pub fn agents(told: &Value, count: usize) -> io::Result<Vec<(String, String)>> {
    let given: Vec<(String, String)> = told["agents"].as_array().into_iter().flatten().map(agent).collect();
    let more: Vec<String> = (0..count.saturating_sub(given.len())).map(|more| (FIRST + more).to_string()).collect();
    // Whoever has the last was made by an earlier run with all before, and each try costs a password's hash.
    if let Some(last) = more.last()
        && !exists(told, last)?
    {
        more.iter().try_for_each(|number| make(told, number))?;
    }
    let made = more.into_iter().map(|number| (number, PASSWORD.to_owned()));
    Ok(given.into_iter().chain(made).take(count).collect())
}

fn exists(told: &Value, number: &str) -> io::Result<bool> {
    let (_, answer) = ask(told, &format!("GET /api/v1/agents?search={number}"), "")?;
    Ok(answer.contains(&format!("\"agent_number\":\"{number}\"")))
}

fn agent(agent: &Value) -> (String, String) {
    let word = |name: &str| agent[name].as_str().unwrap_or_default().to_owned();
    (word("agent_number"), word("sip_password"))
}

/// An agent of that number, unless there is one already.
fn make(told: &Value, number: &str) -> io::Result<()> {
    let body = json!({
        "agent_number": number, "first_name": "Load", "last_name": number,
        "sip_password": PASSWORD, "web_password": PASSWORD, "phone_password": "739154",
    });
    let (status, _) = ask(told, "POST /api/v1/agents", &body.to_string())?;
    match status {
        200 | 201 | 409 | 422 => Ok(()),
        _ => Err(io::Error::other(format!("agent {number} is refused: {status}"))),
    }
}

/// Asks over plain HTTP, as loopback allows, and gives the status and the whole answer.
fn ask(told: &Value, what: &str, body: &str) -> io::Result<(u16, String)> {
    let base = told["panel_http"].as_str().unwrap_or_default();
    let host = base.trim_start_matches("http://").trim_end_matches('/');
    let key = told["api_key"].as_str().unwrap_or_default();
    let mut stream = TcpStream::connect(host)?;
    write!(
        stream,
        "{what} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.get(9..12).and_then(|status| status.parse().ok());
    Ok((status.ok_or_else(|| io::Error::other("no HTTP answer"))?, answer))
}
