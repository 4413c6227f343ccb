//! A baresip as a phone: its configuration, its control port, and what it hears.

use super::{
    Agent, Namespace,
    callbox::Sip,
    process::Process,
    tone::{self, Sound},
    wait,
};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    fmt::Write as _,
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

const CONTROL_PORT: u16 = 4444;
const MODULES: &str = "/usr/lib/baresip/modules";
pub const SOON: Duration = Duration::from_secs(10);
/// What a phone that calls is told first.
const CALL_GOES_ON: [&str; 4] = ["CALL_RINGING", "CALL_PROGRESS", "CALL_ESTABLISHED", "CALL_CLOSED"];

/// How a phone is set up.
#[derive(Clone, Copy)]
pub struct Phone {
    pub transport: &'static str,
    pub codec: &'static str,
    /// baresip's `mediaenc`.
    pub encryption: Option<&'static str>,
    /// Takes calls by itself.
    pub answers: bool,
    /// The tone it speaks.
    pub hertz: f64,
}

impl Phone {
    pub fn speaking(hertz: f64) -> Phone {
        Phone { transport: "udp", codec: "PCMU", encryption: None, answers: true, hertz }
    }
}

/// A running phone.
pub struct Baresip {
    pub number: String,
    process: Process,
    control: TcpStream,
    said: Arc<Mutex<Said>>,
    folder: tempfile::TempDir,
    host: String,
    _place: Namespace,
}

#[derive(Default)]
struct Said {
    events: VecDeque<Value>,
    answers: VecDeque<Value>,
    all: Vec<String>,
}

impl Baresip {
    /// Starts a phone of `agent` and waits until it is registered.
    pub fn start(place: Namespace, agent: &Agent, ports: &Sip, phone: Phone) -> Baresip {
        let port = if phone.transport == "tls" { ports.tls } else { ports.udp };
        let host = format!("{}:{port}", ports.host);
        let mut baresip = Baresip::run(place, &agent.agent_number, &account(agent, &host, phone), host, phone);
        let what = format!("{} is registered", baresip.number);
        wait(&what, SOON, || baresip.ask("reginfo", "").contains("OK ").then_some(()));
        baresip
    }

    /// Somebody outside: a phone that registers nowhere and is called at its own address.
    pub fn outside(place: Namespace, number: &str, ports: &Sip, phone: Phone) -> Baresip {
        Baresip::outside_certified(place, number, ports, phone, "")
    }

    /// The same with a key and a certificate (PEM), by which it is met over TLS.
    pub fn outside_certified(place: Namespace, number: &str, ports: &Sip, phone: Phone, certified: &str) -> Baresip {
        let Phone { transport, codec, encryption, answers, .. } = phone;
        let mode = if answers { "auto" } else { "manual" };
        let encryption = encryption.map(|name| format!(";mediaenc={name}")).unwrap_or_default();
        let account = format!(
            "<sip:{number}@{};transport={transport}>;regint=0{encryption};answermode={mode};audio_codecs={codec}\n",
            place.address
        );
        Baresip::run_certified(place, number, &account, format!("{}:{}", ports.host, ports.udp), phone, certified)
    }

    fn run(place: Namespace, number: &str, account: &str, host: String, phone: Phone) -> Baresip {
        Baresip::run_certified(place, number, account, host, phone, "")
    }

    fn run_certified(
        place: Namespace,
        number: &str,
        account: &str,
        host: String,
        phone: Phone,
        certified: &str,
    ) -> Baresip {
        let folder = tempfile::tempdir().unwrap();
        let rate = if phone.codec.starts_with("G722") { 16000 } else { 8000 };
        tone::write_tone(&folder.path().join("tone.wav"), phone.hertz, rate);
        let mut text = config(&folder.path().display().to_string(), &place.address);
        if !certified.is_empty() {
            let file = folder.path().join("certificate.pem");
            fs::write(&file, certified).unwrap();
            writeln!(text, "sip_certificate {}", file.display()).unwrap();
        }
        fs::write(folder.path().join("config"), text).unwrap();
        fs::write(folder.path().join("accounts"), account).unwrap();
        fs::write(folder.path().join("contacts"), "").unwrap();
        let path = folder.path().display().to_string();
        let mut process = Process::start(&place, folder.path(), "baresip", ["-f", &path], false);
        let address = format!("{}:{CONTROL_PORT}", place.address);
        let control = wait("baresip opens its control port", SOON, || {
            assert!(process.ended().is_none(), "baresip ended: {}", process.said());
            place.run(|| TcpStream::connect(&address).ok())
        });
        let said = Arc::new(Mutex::new(Said::default()));
        thread::spawn({
            let (control, said) = (control.try_clone().unwrap(), said.clone());
            move || listen(control, &said)
        });
        Baresip { number: number.to_owned(), process, control, said, folder, host, _place: place }
    }

    /// Dials, and dials again while the box refuses for load (BOX-132), as it may on a machine busy with other tests.
    /// Comes back when it rings or is over; where nothing will ring yet, `tell` it to dial.
    #[track_caller]
    pub fn dial(&mut self, number: &str) {
        let to = format!("sip:{number}@{}", self.host);
        let mut seen = self.said.lock().unwrap().events.len();
        self.tell("dial", &to);
        wait("the box takes the call", 2 * SOON, || {
            let said = self.said.lock().unwrap();
            let mut new = said.events.iter().skip(seen);
            let told = new.find(|event| CALL_GOES_ON.iter().any(|kind| event["type"] == *kind))?;
            if !told["param"].as_str().unwrap_or_default().starts_with("503") {
                return Some(());
            }
            seen = said.events.len();
            drop(said);
            self.tell("dial", &to);
            None
        });
    }

    /// Gives a command without looking at its answer.
    pub fn tell(&self, command: &str, parameter: &str) {
        let text = json!({"command": command, "params": parameter}).to_string();
        write!(&self.control, "{}:{text},", text.len()).unwrap();
    }

    /// Gives a command and waits for its answer.
    #[track_caller]
    pub fn ask(&mut self, command: &str, parameter: &str) -> String {
        self.said.lock().unwrap().answers.clear();
        self.tell(command, parameter);
        let answer = wait(command, SOON, || self.said.lock().unwrap().answers.pop_front());
        answer["data"].as_str().unwrap_or_default().to_owned()
    }

    /// Waits for an event such as `CALL_ESTABLISHED`; those before it are dropped.
    #[track_caller]
    pub fn expect(&mut self, kind: &str) -> Value {
        self.expect_within(kind, SOON)
    }

    #[track_caller]
    pub fn expect_within(&mut self, kind: &str, within: Duration) -> Value {
        let what = format!("{} says {kind}", self.number);
        wait(&what, within, || {
            let mut said = self.said.lock().unwrap();
            while let Some(event) = said.events.pop_front() {
                if event["type"] == kind {
                    return Some(event);
                }
            }
            None
        })
    }

    /// Waits until this phone hears the tone, and none of the others, in sound that comes from now on.
    #[track_caller]
    pub fn hears(&self, hertz: f64) {
        tone::hears(&self.number, hertz, || self.heard());
    }

    /// Waits until this phone hears something that is none of the phones' tones.
    #[track_caller]
    pub fn hears_music(&self) {
        tone::hears_music(&self.number, || self.heard());
    }

    /// The file of what is heard in the newest call, with what is in it by now. This baresip stops to write it
    /// once it has itself held the call.
    fn heard(&self) -> Option<(PathBuf, Sound)> {
        let files = fs::read_dir(self.folder.path()).unwrap().flatten().map(|entry| entry.path());
        let newest = files
            .filter(|path| path.to_string_lossy().ends_with("-dec.wav"))
            .max_by_key(|path| (path.metadata().and_then(|facts| facts.modified()).ok(), path.clone()))?;
        Some((newest.clone(), Sound::read(&newest)?))
    }
}

impl Drop for Baresip {
    fn drop(&mut self) {
        if thread::panicking()
            && let Ok(said) = self.said.lock()
        {
            eprintln!("--- {} told: {}", self.number, said.all.join("\n    "));
        }
        self.process.kill();
    }
}

fn config(folder: &str, address: &str) -> String {
    let mut text = format!(
        "sip_listen {address}:5060\naudio_source aufile,{folder}/tone.wav\naudio_player aubridge,nil\n\
         snd_path {folder}\nrtp_ports 20000-20098\nctrl_tcp_listen {address}:{CONTROL_PORT}\nmodule_path {MODULES}\n"
    );
    for module in ["g711", "g722", "aufile", "aubridge", "sndfile", "srtp", "uuid"] {
        writeln!(text, "module {module}.so").unwrap();
    }
    text + "module_tmp account.so\nmodule_app menu.so\nmodule_app ctrl_tcp.so\n"
}

fn account(agent: &Agent, host: &str, phone: Phone) -> String {
    let Phone { transport, codec, encryption, answers, .. } = phone;
    let number = &agent.agent_number;
    let encryption = encryption.map(|name| format!(";mediaenc={name}")).unwrap_or_default();
    let mode = if answers { "auto" } else { "manual" };
    format!(
        "<sip:{number}@{host};transport={transport}>;auth_user={number};auth_pass={};regint=60{encryption};\
         answermode={mode};audio_codecs={codec}\n",
        agent.sip_password
    )
}

/// Reads netstrings of JSON until the phone is gone.
fn listen(mut control: TcpStream, said: &Mutex<Said>) {
    let (mut waiting, mut piece) = (Vec::new(), [0; 8192]);
    while let Ok(count @ 1..) = control.read(&mut piece) {
        waiting.extend(&piece[..count]);
        while let Some((message, rest)) = netstring(&waiting) {
            waiting = rest;
            let mut said = said.lock().unwrap();
            said.all.push(message.to_string());
            if message["event"] == true { said.events.push_back(message) } else { said.answers.push_back(message) }
        }
    }
}

fn netstring(bytes: &[u8]) -> Option<(Value, Vec<u8>)> {
    let colon = bytes.iter().position(|&byte| byte == b':')?;
    let length: usize = std::str::from_utf8(&bytes[..colon]).ok()?.parse().ok()?;
    let text = bytes.get(colon + 1..colon + 1 + length)?;
    let rest = bytes.get(colon + length + 2..)?.to_vec();
    Some((serde_json::from_slice(text).unwrap_or(Value::Null), rest))
}
