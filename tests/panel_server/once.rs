//! Requests that are done once, however often they are sent.

use super::{BUSY_AT_FIRST, Office, Request, refused};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::{io::AsyncWriteExt, net::TcpStream};

fn add(office: &Office, word: &str, name: &str) -> Request {
    office.program("POST", "/api/v1/tags").with("Idempotency-Key", word).json(&json!({ "name": name }))
}

async fn tags(office: &Office) -> usize {
    office.send(office.program("GET", "/api/v1/tags")).await.json()["items"].as_array().unwrap().len()
}

/// The first answer again, made secrets and all, also after a restart; another request under the same word is refused,
/// and after a day the word is free.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_word_gets_the_same_answer() {
    let office = Office::new().await;
    let agent = office.program("POST", "/api/v1/agents").with("Idempotency-Key", "a-1").json(&super::agent("801"));
    let first = office.send(agent.clone()).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (201, None), "{first:?}");
    assert!(first.json()["generated"]["sip_password"].is_string());
    let again = office.send(agent.clone()).await;
    assert_eq!((again.status, again.json()), (201, first.json()));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    for header in ["etag", "location", "content-type"] {
        assert!(again.header(header).is_some() && again.header(header) == first.header(header), "{header}");
    }
    let other = agent.clone().json(&super::agent("802"));
    let reused = office.send(other.clone()).await;
    assert_eq!(reused.refusal(), refused(422, "invalid"));
    assert_eq!(reused.json()["fields"], json!({ "Idempotency-Key": { "why": "taken" } }));
    let elsewhere = Request { path: "/api/v1/departments".into(), ..agent.clone() };
    assert_eq!(office.send(elsewhere).await.refusal(), refused(422, "invalid"));

    let office = office.again(Duration::from_secs(3600)).await;
    let bearer = format!("Bearer {}", office.key);
    let here = |request: Request| request.with("Host", &office.http.to_string()).with("Authorization", &bearer);
    assert_eq!(office.send(here(agent.clone())).await.json(), first.json());
    office.pass(23 * 3600);
    assert_eq!(office.send(here(other)).await.status, 201);
}

/// A refusal is an answer too, and stands in the audit log as one; what is no word is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_given_again() {
    let office = Office::new().await;
    let wrong = add(&office, "b-1", "");
    let first = office.send(wrong.clone()).await;
    assert_eq!(first.refusal(), refused(422, "invalid"));
    let again = office.send(wrong).await;
    assert_eq!((again.json(), again.header("idempotency-replayed")), (first.json(), Some("true")));
    let cookie = office.owner().await;
    let audit = office.send(office.page("GET", "/panel/audit?limit=5").with("Cookie", &cookie)).await.json();
    let entries = audit["items"].as_array().unwrap().iter().filter(|entry| entry["action"] == "add tag");
    assert_eq!(entries.map(|entry| entry["error"].clone()).collect::<Vec<_>>(), [json!("invalid"), json!("invalid")]);
    for word in ["", "two words", "密", &"x".repeat(256)] {
        let response = office.send(add(&office, word, "Vip")).await;
        assert_eq!(response.json()["fields"]["Idempotency-Key"], json!({ "why": "pattern" }), "{word}");
    }
    assert_eq!(tags(&office).await, 0);
    // Only adding is done once: whatever else carries a word is not looked at.
    let read = office.program("GET", "/api/v1/tags").with("Idempotency-Key", "b-1");
    assert_eq!(office.send(read).await.status, 200);
}

/// Who is told to come again has nothing done yet: under the same word it is done then.
#[tokio::test(flavor = "multi_thread")]
async fn what_there_was_no_time_for_is_done_when_it_is_asked_again() {
    let office = Office::new().await;
    office.agent("801").await;
    office.agent(BUSY_AT_FIRST).await;
    let call = office.program("POST", "/api/v1/click_to_call").with("Idempotency-Key", "e-1");
    let call = call.json(&json!({ "agent_number": "801", "number": BUSY_AT_FIRST }));
    let first = office.send(call.clone()).await;
    assert_eq!((first.refusal(), first.header("retry-after")), (refused(429, "rate_limited"), Some("5")));
    let again = office.send(call.clone()).await;
    // This office calls nobody outside, which is an answer to keep.
    assert_eq!((again.refusal(), again.header("idempotency-replayed")), (refused(422, "invalid"), None), "{again:?}");
    let third = office.send(call).await;
    assert_eq!((third.json(), third.header("idempotency-replayed")), (again.json(), Some("true")));
}

/// Many at once are one.
#[tokio::test(flavor = "multi_thread")]
async fn many_that_come_together_are_done_once() {
    let office = Arc::new(Office::new().await);
    let asked: Vec<_> = (0..12)
        .map(|_| {
            let office = office.clone();
            tokio::spawn(async move { office.send(add(&office, "c-1", "Vip")).await })
        })
        .collect();
    let mut answers = Vec::new();
    for one in asked {
        answers.push(one.await.unwrap());
    }
    let first: Value = answers[0].json();
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.json() == first), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotency-replayed").is_none()).count(), 1);
    assert_eq!(tags(&office).await, 1);
}

/// AUD-3, API-52: whoever goes before the answer has asked all the same: it is done, remembered, and not done again.
#[tokio::test(flavor = "multi_thread")]
async fn who_goes_before_the_answer_has_asked() {
    let office = Office::new().await;
    for n in 0..20 {
        let request = add(&office, &format!("d-{n}"), &format!("Tag {n}"));
        let mut stream = TcpStream::connect(office.http).await.unwrap();
        stream.write_all(&request.written()).await.unwrap();
        drop(stream);
        let again = office.send(request).await;
        assert_eq!(again.status, 201, "{n}: {again:?}");
    }
    assert_eq!(tags(&office).await, 20);
}
