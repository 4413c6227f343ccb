//! The panel's server over real sockets, on a real store: who gets in, what is refused, what is shown.

mod access;
mod alarms;
mod api;
mod attachments;
mod auditing;
mod bans;
mod click_to_call;
mod client;
mod customers;
mod fields;
mod files;
mod flights;
mod forms;
mod imports;
mod jobs;
mod lists;
mod locations;
mod nouns;
mod once;
mod recordings;
mod refusals;
mod rights;
mod settings;
mod sms;
mod trunks;
mod watching;

use callbox::{
    appliance::certificate::Certificates,
    audio::order::{self as sound, Slot},
    call::{
        Calls, Order, Orders,
        command::{Actor, Answer, Command, NotDone, ReplyId},
    },
    chance::Seed,
    http::{self, Door, Here, live::Live},
    model::Agent,
    schema::{self, Access, Tenant},
    sdp::SrtpKey,
    sip::{
        order::{Binding, BindingId, Report},
        wire::{Peer, Transport},
    },
    store::{OwnerForm, Store},
    time::{Now, Timestamp, Uptime},
    view::{AgentRow, AgentState, CallRow, CallState, Change},
};
use client::{Request, Response, over_tls};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    task::JoinHandle,
};

const START: Now = Now { up: Uptime(1_000_000), wall: Timestamp(1_795_000_000_000) };
const HOUR: u64 = 3600;
/// Of an agent. The exchange has no time for the first who wants to call it.
const BUSY_AT_FIRST: &str = "809";

/// A box with an owner and one agent, served on loopback.
struct Office {
    store: Arc<Store>,
    live: Arc<Live>,
    clock: Arc<Mutex<Now>>,
    asked: Arc<Mutex<Vec<(Actor, Command)>>>,
    key: String,
    authority: String,
    https: SocketAddr,
    http: SocketAddr,
    served: JoinHandle<()>,
    stop: watch::Sender<bool>,
    dir: TempDir,
}

impl Office {
    async fn new() -> Office {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let form = OwnerForm {
            username: "boss".into(),
            password: "correct horse".into(),
            first_name: "Ada".into(),
            last_name: "Boss".into(),
        };
        store.add_owner(START.wall, &form).unwrap();
        Office::on(dir, store, true, START).await
    }

    async fn empty() -> Office {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        Office::on(dir, store, true, START).await
    }

    async fn on(dir: TempDir, store: Store, panel_http: bool, now: Now) -> Office {
        let (store, live, asked) = (Arc::new(store), Arc::new(Live::default()), Arc::default());
        let clock = Arc::new(Mutex::new(now));
        let made = store.make(&Access::whole(schema::Actor::System), now.wall, "api_access", "api_key").unwrap();
        let key = made.generated["api_key"].as_str().unwrap().to_owned();
        let names = ["callbox.local", "localhost"].map(String::from).to_vec();
        let addresses = vec!["127.0.0.1".parse().unwrap()];
        let certificates = Certificates::open(&dir.path().join("certificates"), &names, &addresses, now.wall).unwrap();
        let authority = certificates.authority();
        let (secure, plain) = (listener().await, listener().await);
        let (https, http) = (secure.local_addr().unwrap(), plain.local_addr().unwrap());
        let (stop, stopping) = watch::channel(false);
        let door = Arc::new(Door {
            store: store.clone(),
            live: live.clone(),
            ask: exchange(&asked, &store),
            clock: Box::new({
                let clock = clock.clone();
                move || *clock.lock().unwrap()
            }),
            certificates: Arc::new(certificates),
            flights: flights::flights(dir.path()),
            convert: callbox::run::convert::converter(),
            started_at: now.up,
            panel_http,
            sip: 5060,
            sips: 5061,
            here: RwLock::new(Here { names, addresses }),
        });
        let served = tokio::spawn(async move {
            http::serve(door, vec![secure], vec![plain], stopping).await.unwrap();
        });
        Office { store, live, clock, asked, key, authority, https, http, served, stop, dir }
    }

    /// Stops, and starts again on the same directory after some time.
    async fn again(self, later: Duration) -> Office {
        let now = *self.clock.lock().unwrap();
        let dir = self.stopped().await;
        let store = Store::open(dir.path()).unwrap();
        Office::on(dir, store, true, Now { up: Uptime(5), wall: now.wall + later }).await
    }

    async fn stopped(self) -> TempDir {
        self.stop.send_replace(true);
        self.served.await.unwrap();
        self.dir
    }

    fn pass(&self, seconds: u64) {
        let mut now = self.clock.lock().unwrap();
        let length = Duration::from_secs(seconds);
        *now = Now { up: now.up + length, wall: now.wall + length };
    }

    fn origin(&self) -> String {
        format!("http://{}", self.http)
    }

    /// As a page of the panel asks, from nobody.
    fn page(&self, method: &str, path: &str) -> Request {
        let request = Request::new(method, path).with("Host", &self.http.to_string());
        if method == "GET" { request } else { request.with("Origin", &self.origin()).with("X-Callbox", "1") }
    }

    fn program(&self, method: &str, path: &str) -> Request {
        let bearer = format!("Bearer {}", self.key);
        Request::new(method, path).with("Host", &self.http.to_string()).with("Authorization", &bearer)
    }

    async fn send(&self, request: Request) -> Response {
        request.send(self.http).await
    }

    async fn sign_in(&self, username: &str, password: &str) -> Response {
        let body = json!({ "username": username, "password": password });
        self.send(self.page("POST", "/panel/session").json(&body)).await
    }

    /// The cookie of the owner.
    async fn owner(&self) -> String {
        let response = self.sign_in("boss", "correct horse").await;
        assert_eq!(response.status, 200, "{response:?}");
        response.cookie()
    }

    /// Adds an agent and gives its row.
    async fn agent(&self, number: &str) -> Value {
        let response = self.send(self.program("POST", "/api/v1/agents").json(&agent(number))).await;
        assert_eq!(response.status, 201, "{response:?}");
        response.json()
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

fn agent(number: &str) -> Value {
    json!({ "agent_number": number, "first_name": "Anna", "web_password": "long enough" })
}

/// Knows one call, `known`, and explains what the store holds.
fn exchange(asked: &Arc<Mutex<Vec<(Actor, Command)>>>, store: &Arc<Store>) -> http::Ask {
    let (asked, store) = (asked.clone(), store.clone());
    Box::new(move |actor, command| {
        let (answer, wait) = oneshot::channel();
        let answered = match &command {
            Command::HangUp { call_id } | Command::Record { call_id, .. } if call_id == "known" => Ok(Answer::Done),
            Command::Bans => Ok(Answer::Bans(bans::rows())),
            Command::LiftBan { address } if bans::rows().iter().any(|ban| ban.address == *address) => Ok(Answer::Done),
            Command::LiftBan { .. } => Err(NotDone::NoBan),
            Command::Explain(question) => {
                let calls = Calls::new(store.tenant(), &[], Seed::from(1));
                calls.explain(START.wall, question).ok_or(NotDone::NoSuchRow)
            }
            Command::Confirm { .. } | Command::Release { .. } | Command::Page { .. } => Ok(Answer::Done),
            Command::Supervise { .. } => Ok(Answer::Called { call_id: "known".into() }),
            Command::ClickToCall(call) if call.number == BUSY_AT_FIRST && asked.lock().unwrap().is_empty() => {
                Err(NotDone::Busy)
            }
            Command::ClickToCall(_) => calling(store.tenant(), actor.clone(), command.clone()),
            Command::TryTrunk { trunk } | Command::AcceptRealm { trunk } if trunks::is_tried(*trunk) => {
                Ok(Answer::Done)
            }
            Command::TestTrunk(_) => Ok(Answer::Tested(Box::new(trunks::tested()))),
            Command::TestCall { trunk, .. } if trunks::is_tried(*trunk) => {
                Ok(Answer::Called { call_id: "known".into() })
            }
            Command::TryTrunk { .. } | Command::AcceptRealm { .. } | Command::TestCall { .. } => {
                Err(NotDone::NoSuchRow)
            }
            Command::HangUp { .. } | Command::Record { .. } | Command::Drain | Command::Stop => Err(NotDone::NoCall),
        };
        asked.lock().unwrap().push((actor, command));
        answer.send(answered).unwrap();
        wait
    })
}

/// What calls answer in an office where every agent has a phone.
fn calling(tenant: Arc<Tenant>, by: Actor, command: Command) -> Result<Answer, NotDone> {
    let mut calls = Calls::new(tenant.clone(), &[], Seed::from(1));
    let mut orders = Orders::new();
    for (id, row) in (1..).zip(tenant.table::<Agent>().rows()) {
        let binding = binding(id, &row.value.agent_number);
        calls.told(START, Report::Registered { binding, fresh: true }, &mut orders);
    }
    let slot = |port| Slot { port, deck: 0, key: SrtpKey([0; 30]) };
    calls.heard(START, sound::Report::Stock((0..10).map(|n| slot(30_000 + 2 * n)).collect()), &mut orders);
    calls.ask(START, by, command, ReplyId(1), &mut orders);
    let answer = orders.into_iter().find_map(|order| match order {
        Order::Reply(_, answer) => Some(answer),
        _ => None,
    });
    answer.expect("whoever asks is answered")
}

fn binding(id: u64, agent: &str) -> Binding {
    let at = |port| SocketAddr::from(([192, 0, 2, 1], port));
    Binding {
        id: BindingId(id),
        user: agent.into(),
        contact: format!("sip:{agent}@192.0.2.1:5062"),
        instance: None,
        path: vec![],
        peer: Peer { transport: Transport::Udp, local: at(5060), remote: at(5062), connection: None },
        user_agent: "test".into(),
        call_id: agent.into(),
        cseq: 1,
        registered_at: START.wall,
        expires_at: Timestamp(START.wall.0 + 300_000),
        reachable: true,
    }
}

fn call_row(call_id: &str) -> CallRow {
    CallRow {
        call_id: call_id.into(),
        caller_number: "801".into(),
        caller_name: "Anna".into(),
        called_number: "802".into(),
        called_name: String::new(),
        state: CallState::Talking,
        started_at: START.wall,
        answered_at: Some(START.wall),
        since: START.wall,
        encrypted: false,
        recording: None,
        sides: vec![],
        from_outside: false,
    }
}

fn call(call_id: &str) -> Change {
    Change::Call { call_id: call_id.into(), row: Some(Arc::new(call_row(call_id))) }
}

fn state_of(number: &str, state: AgentState) -> Change {
    let row = AgentRow {
        agent_number: number.into(),
        state,
        since: START.wall,
        dnd: false,
        pause: None,
        groups: vec![],
        devices: vec![],
        alerts: vec![],
    };
    Change::Agent { agent_number: number.into(), row: Some(Box::new(row)) }
}

fn refused(status: u16, word: &str) -> (u16, String) {
    (status, word.to_string())
}

/// BOX-153, DSK-11, API-25: in, recognised, out, and no longer recognised.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_signs_in_and_out() {
    let office = Office::new().await;
    let nobody = office.send(office.page("GET", "/panel/session")).await;
    assert_eq!(nobody.refusal(), refused(401, "unauthorized"));
    let response = office.sign_in(" Boss ", "correct horse").await;
    assert_eq!(response.status, 200);
    let body = response.json();
    assert_eq!(body["account"]["username"], "boss");
    assert_eq!(body["account"]["role"], "owner");
    assert_eq!(body["box"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(body["box"]["sip"], json!({ "host": "127.0.0.1", "udp": 5060, "tcp": 5060, "tls": 5061 }));
    let cookie = response.cookie();
    let same = office.send(office.page("GET", "/panel/session").with("Cookie", &cookie)).await;
    assert_eq!((same.status, same.json()), (200, body));
    let out = office.send(office.page("DELETE", "/panel/session").with("Cookie", &cookie)).await;
    assert_eq!(out.status, 204);
    let after = office.send(office.page("GET", "/panel/agents").with("Cookie", &cookie)).await;
    assert_eq!(after.refusal(), refused(401, "unauthorized"));
}

/// BOX-153; plain HTTP on loopback goes without `Secure` and `__Host-`.
#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_holds_256_bits_that_the_box_does_not_keep() {
    let office = Office::new().await;
    let plain = office.sign_in("boss", "correct horse").await;
    let (value, flags) = plain.header("set-cookie").unwrap().split_once(';').unwrap();
    let token = value.strip_prefix("callbox=").unwrap();
    assert_eq!(token.len(), 43);
    assert_eq!(flags, " Path=/; HttpOnly; SameSite=Strict");
    let origin = format!("https://localhost:{}", office.https.port());
    let request = office
        .page("POST", "/panel/session")
        .with("Host", origin.strip_prefix("https://").unwrap())
        .with("Origin", &origin)
        .json(&json!({ "username": "boss", "password": "correct horse" }));
    let secure = request.over(over_tls(office.https, "localhost", &office.authority, &[]).await).await;
    let (value, flags) = secure.header("set-cookie").unwrap().split_once(';').unwrap();
    assert!(value.starts_with("__Host-callbox="), "{value}");
    assert_eq!(flags, " Path=/; Secure; HttpOnly; SameSite=Strict");
    // A cookie of the plain way does not open the secure one, nor the other way round.
    let swapped = value.replace("__Host-callbox", "callbox");
    let request = office.page("GET", "/panel/session").with("Host", &office.https.to_string()).with("Cookie", &swapped);
    let response = request.over(over_tls(office.https, "127.0.0.1", &office.authority, &[]).await).await;
    assert_eq!(response.status, 401);
    let token = token.to_string();
    let dir = office.stopped().await;
    for file in std::fs::read_dir(dir.path()).unwrap().map(|file| file.unwrap().path()).filter(|path| path.is_file()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(43).any(|piece| piece == token.as_bytes()), "{}", file.display());
    }
}

/// ACC-13, DSK-2: one answer for an unknown name, a wrong password and a disabled account.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_known_hears_nothing_else() {
    let office = Office::new().await;
    let wrong = office.sign_in("boss", "wrong horse").await;
    let unknown = office.sign_in("nobody", "correct horse").await;
    assert_eq!(wrong.refusal(), refused(401, "sign_in_failed"));
    assert_eq!(wrong.json(), unknown.json());
    assert_eq!(wrong.json()["message"], "The account does not exist or the password is incorrect.");
}

/// DSK-4
#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_passwords_bar_the_name_for_a_quarter_of_an_hour() {
    let office = Office::new().await;
    for _ in 0..5 {
        assert_eq!(office.sign_in("boss", "wrong horse").await.status, 401);
    }
    let barred = office.sign_in("boss", "correct horse").await;
    assert_eq!(barred.refusal(), refused(429, "too_many_attempts"));
    assert_eq!(barred.header("retry-after"), Some("900"));
    office.pass(15 * 60);
    assert_eq!(office.sign_in("boss", "correct horse").await.status, 200);
}

/// DSK-4: all that are sent before the first is answered count.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_sent_together_are_counted_one_by_one() {
    let office = Arc::new(Office::new().await);
    let guesses: Vec<_> = (0..12)
        .map(|_| {
            let office = office.clone();
            tokio::spawn(async move { office.sign_in("boss", "wrong horse").await.status })
        })
        .collect();
    let mut statuses = Vec::new();
    for guess in guesses {
        statuses.push(guess.await.unwrap());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [[401; 5].as_slice(), &[429; 7]].concat());
}

/// BOX-155, API-20, API-21, API-22
#[tokio::test(flavor = "multi_thread")]
async fn thirty_wrong_keys_bar_the_right_one() {
    let office = Office::new().await;
    let in_query = format!("/api/v1/agents?key={}", office.key);
    assert_eq!(office.send(office.program("GET", &in_query).without("Authorization")).await.status, 401);
    for _ in 0..30 {
        assert_eq!(office.send(office.program("GET", "/api/v1/agents")).await.status, 200);
        let wrong = office.send(office.program("GET", "/api/v1/agents").with("Authorization", "Bearer wrong")).await;
        assert_eq!(wrong.refusal(), refused(401, "unauthorized"));
        assert_eq!(wrong.header("www-authenticate"), Some("Bearer"));
    }
    assert_eq!(office.send(office.program("GET", "/api/v1/agents")).await.status, 401);
    office.pass(15 * 60);
    assert_eq!(office.send(office.program("GET", "/api/v1/agents")).await.status, 200);
}

/// DSK-17: twelve hours after its last use, also over a restart.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_twelve_hours_after_its_last_use() {
    let office = Office::new().await;
    let cookie = office.owner().await;
    let status =
        async |office: &Office| office.send(office.page("GET", "/panel/session").with("Cookie", &cookie)).await.status;
    for _ in 0..3 {
        office.pass(12 * HOUR - 1);
        assert_eq!(status(&office).await, 200);
    }
    office.pass(12 * HOUR);
    assert_eq!(status(&office).await, 401);

    let cookie = office.owner().await;
    let status =
        async |office: &Office| office.send(office.page("GET", "/panel/session").with("Cookie", &cookie)).await.status;
    let office = office.again(Duration::from_secs(11 * HOUR)).await;
    assert_eq!(status(&office).await, 200);
    let office = office.again(Duration::from_secs(24 * HOUR)).await;
    assert_eq!(status(&office).await, 401);
}
