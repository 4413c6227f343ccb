//! Flight recordings as the page Box lists and hands them out.

use super::{Office, START, refused};
use callbox::{run::flight, time::Timestamp};
use serde_json::json;
use std::{fs, path::Path, sync::Arc};

/// What hands out the recordings of this data directory; `reseeded` hears of each.
pub fn flights(data: &Path) -> Arc<flight::Flights> {
    let folder = data.join("flight");
    let (flight, keeper, _) = flight::start(&folder).unwrap();
    // Nothing is told, so nothing is written.
    drop(flight);
    Arc::new(flight::Flights::new(&folder, keeper, || {}))
}

fn lay(office: &Office, began: Timestamp, bytes: &[u8]) -> String {
    let folder = office.dir.path().join("flight");
    fs::create_dir_all(&folder).unwrap();
    let name = format!("{:013}.flight.gz", began.0);
    fs::write(folder.join(&name), bytes).unwrap();
    name
}

/// BOX-125, AUD-1, AUD-6: listed with when and how large, the newest first, and downloaded as they lie there; a download is in
/// the audit log.
#[tokio::test(flavor = "multi_thread")]
async fn flight_recordings_are_listed_and_downloaded() {
    let office = Office::new().await;
    office.helper("hana", &["box.diagnose"]);
    let cookie = office.sign_in("hana", "long enough").await.cookie();
    let get = async |path: &str| office.send(office.page("GET", path).with("Cookie", &cookie)).await;
    let list = async || get("/panel/flight_recordings").await.json();
    assert_eq!(list().await, json!({ "total": 0, "items": [] }));
    let older = lay(&office, Timestamp(START.wall.0 - 3_600_000), b"older");
    let newer = lay(&office, START.wall, b"the newer one");
    fs::write(office.dir.path().join("flight/notes.txt"), "none of ours").unwrap();
    let listed = list().await;
    let shown = |n: usize| ["name", "began", "bytes"].map(|field| listed["items"][n][field].clone());
    assert_eq!(shown(0), [json!(newer), json!("2026-11-18T11:06:40.000Z"), json!(13)]);
    assert_eq!((shown(1), &listed["total"]), ([json!(older), json!("2026-11-18T10:06:40.000Z"), json!(5)], &json!(2)));

    let file = get(&format!("/panel/flight_recordings/{newer}/file")).await;
    assert_eq!((file.status, &*file.body), (200, &b"the newer one"[..]));
    let disposition = file.header("content-disposition").unwrap();
    assert!(disposition.starts_with(&format!("attachment; filename=\"{newer}\"")), "{disposition}");
    for none in ["notes.txt", "1795000000001.flight.gz", "..%2Fkey"] {
        let response = get(&format!("/panel/flight_recordings/{none}/file")).await;
        assert_eq!(response.refusal(), refused(404, "not_found"), "{none}");
    }
    let logged = office.entries(5).await;
    let told: Vec<_> =
        logged.iter().map(|entry| (entry["action"].as_str().unwrap(), entry["status"].as_u64())).collect();
    let download = "download flight_recording";
    let refused = [(download, Some(404)); 3];
    assert_eq!(told, [&refused[..], &[(download, Some(200)), ("sign_in", Some(200))]].concat());
}

/// BOX-10, BOX-125: they are beforehand the owner's alone; programs and strangers have none.
#[tokio::test(flavor = "multi_thread")]
async fn flight_recordings_are_for_who_may_look_for_faults() {
    let office = Office::new().await;
    let name = lay(&office, START.wall, b"recorded");
    for path in ["/panel/flight_recordings".to_owned(), format!("/panel/flight_recordings/{name}/file")] {
        assert_eq!(office.send(office.page("GET", &path)).await.status, 401, "{path}");
    }
    assert_eq!(office.send(office.program("GET", "/api/v1/flight_recordings")).await.status, 404);
    office.agent("801").await;
    let agent = office.sign_in("801", "long enough").await;
    let cookie = agent.cookie();
    for path in ["/panel/flight_recordings".to_owned(), format!("/panel/flight_recordings/{name}/file")] {
        let response = office.send(office.page("GET", &path).with("Cookie", &cookie)).await;
        assert_eq!(response.refusal(), refused(403, "forbidden"), "{path}");
    }
}
