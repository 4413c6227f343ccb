//! What a REGISTER with digest costs in the exchange, from its bytes to its answer, in instructions.

use callbox::{
    exchange::{Action, Actions, Event, Exchange, wire},
    history::fact::Outlived,
    model::agent::Agent,
    schema::tenant::Tenant,
    sip::{External, RemotePhones, Settings, digest::Offer, message::Message},
    time::{Now, Timestamp, Uptime},
};
use count::{PASSWORD, Phone, REALM};
use gungraun::{library_benchmark, library_benchmark_group, main};
use serde_json::json;
use std::{hint::black_box, sync::Arc, time::Duration};

/// Agents of the office; each has a password that is hashed ahead.
const AGENTS: u32 = 200;
const REFRESH: Duration = Duration::from_secs(120);

struct World {
    exchange: Exchange,
    now: Now,
    phone: Phone,
    next: wire::Report,
}

fn tenant() -> Tenant {
    let mut tenant = Tenant::default();
    for number in 801..801 + AGENTS {
        let agent = json!({ "agent_number": number.to_string(), "first_name": "Ann", "status": "enabled",
            "sip_password": PASSWORD, "web_password": "web-Password-1" });
        tenant.add::<Agent>(serde_json::from_value(agent).expect("an agent"));
    }
    tenant
}

impl World {
    /// An exchange that has begun; the next message is a REGISTER without proof.
    fn new() -> World {
        let settings = Settings {
            realm: REALM.into(),
            digest: Offer::Both,
            nonce_secret: [7; 32],
            local_networks: vec!["192.0.2.0/24".parse().expect("a network")],
            own_networks: false,
            external: External::Own,
            never_ban: Vec::new(),
            remote_phones: RemotePhones::Any,
        };
        let exchange = Exchange::new(Arc::new(tenant()), Outlived::default(), 1.into(), settings);
        let now = Now { up: Uptime(1_000_000_000), wall: Timestamp(1_795_000_000_000) };
        let mut phone = Phone::default();
        let next = phone.register();
        let mut world = World { exchange, now, phone, next };
        let _ = world.handle(wire::Report::Addresses(vec!["192.0.2.1".parse().expect("an address")]));
        world
    }

    fn handle(&mut self, report: wire::Report) -> Actions {
        let mut actions = Actions::default();
        self.exchange.handle(self.now, Event::Wire { came: self.now.up, report }, &mut actions);
        actions
    }

    /// The message is taken and answered with this code; the next one waits.
    fn answered(mut self, code: u16) -> World {
        let answer = answer(&self.handle(self.next.clone()));
        assert_eq!(answer.code(), Some(code), "{answer:?}");
        if code == 401 {
            self.phone.challenged(&answer);
        }
        self.now = Now { up: self.now.up + REFRESH, wall: self.now.wall + REFRESH };
        // What is due meanwhile is none of the next message's work.
        self.exchange.handle(self.now, Event::Tick, &mut Actions::default());
        self.next = self.phone.register();
        self
    }
}

fn answer(actions: &Actions) -> Message {
    let sent = actions.iter().find_map(|action| match action {
        Action::Wire(wire::Order::Send { bytes, .. }) => Some(bytes.clone()),
        _ => None,
    });
    Message::parse(sent.expect("an answer")).expect("what the box writes")
}

#[library_benchmark]
#[bench::without_proof(World::new())]
#[bench::proven(World::new().answered(401))]
#[bench::refreshed(World::new().answered(401).answered(200))]
fn register(mut world: World) -> (World, Actions) {
    let next = world.next.clone();
    let actions = black_box(&mut world).handle(next);
    (world, actions)
}

library_benchmark_group!(name = exchange, benchmarks = register);
main!(library_benchmark_groups = exchange);
