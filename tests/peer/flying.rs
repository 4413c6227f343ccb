//! The flight recorder of a running box: downloaded from the panel and played again.

use crate::{
    harness::{Callbox, Lan, callbox::Owner},
    hostile_many::Talk,
};
use callbox::{
    exchange::{Action, flight},
    history::fact::Fact,
};
use flate2::read::GzDecoder;
use serde_json::json;
use std::io::Read;

/// BOX-122, BOX-125, PHN-82: a call that is over stands in the download, and is made anew by whoever plays it, with the
/// same record; neither a password nor a proof is there.
#[test]
fn a_call_is_played_again_from_a_download() {
    let lan = Lan::new();
    let office = Callbox::start(&lan.office);
    let place = lan.place();
    let talk = Talk::begin(&place, &office, "801", "802");
    talk.is_heard();
    let record = talk.end(&office);

    let mut web = office.web();
    let Owner { username, password } = office.said.owner.clone().expect("an owner");
    assert_eq!(web.sign_in("/panel/session", &json!({ "username": username, "password": password })), 200);
    let (status, listed) = web.get("/panel/flight_recordings");
    assert_eq!((status, &listed["total"]), (200, &1.into()), "{listed}");
    let name = listed["items"][0]["name"].as_str().unwrap();
    let answer = web.fetch(&format!("/panel/flight_recordings/{name}/file"));
    let mut recording = Vec::new();
    // It goes on behind what was given out.
    let _ = GzDecoder::new(&answer[..]).read_to_end(&mut recording);

    let agents = office.said.agents.iter().map(|agent| agent.sip_password.as_str());
    for secret in agents.chain([&*password, office.said.api_key.as_deref().unwrap(), "response=", "cnonce="]) {
        assert!(memchr::memmem::find(&recording, secret.as_bytes()).is_none(), "{secret} is in the recording");
    }
    assert!(memchr::memmem::find(&recording, b"Authorization: Recorded proven 801").is_some());
    let pieces = flight::pieces(&recording, env!("CARGO_PKG_VERSION")).unwrap_or_else(|why| panic!("{why}"));
    let mut ended = Vec::new();
    for piece in pieces {
        piece.play(|_, _, actions| {
            ended.extend(actions.iter().filter_map(|action| match action {
                Action::Remember(_, Fact::CallEnded(record)) => Some(record.clone()),
                _ => None,
            }));
        });
    }
    let ended: Vec<_> = ended.iter().map(|ended| (&*ended.call_id, &*ended.original_caller_number)).collect();
    assert_eq!(ended, [(record["call_id"].as_str().unwrap(), "801")]);
}
