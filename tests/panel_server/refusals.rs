//! Every route against everything that must not get in, and the headers that go with every answer.

use super::{Office, Request, START, over_tls, refused};
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt, io::AsyncWriteExt, net::TcpStream};

/// Method, path, and whether it takes a body. `{agent}` is an agent that is there.
const PAGES: &[(&str, &str, bool)] = &[
    ("GET", "/panel/session", false),
    ("POST", "/panel/session", true),
    ("DELETE", "/panel/session", false),
    ("GET", "/panel/setup", false),
    ("POST", "/panel/setup", false),
    ("GET", "/panel/schema", false),
    ("GET", "/panel/agents", false),
    ("POST", "/panel/agents", true),
    ("GET", "/panel/agents/{agent}", false),
    ("PATCH", "/panel/agents/{agent}", true),
    ("DELETE", "/panel/agents/{agent}", false),
    ("POST", "/panel/agents/delete", true),
    ("POST", "/panel/agents/{agent}/reveal", false),
    ("POST", "/panel/agents/{agent}/sign_in_as", false),
    ("POST", "/panel/session/back", false),
    ("POST", "/panel/me/password", true),
    ("GET", "/panel/accounts", false),
    ("GET", "/panel/roles", false),
    ("GET", "/panel/settings", false),
    ("GET", "/panel/call_records", false),
    ("GET", "/panel/call_records/abc", false),
    ("GET", "/panel/call_records/hours", false),
    ("GET", "/panel/calls", false),
    ("DELETE", "/panel/calls/known", false),
    ("GET", "/panel/live", false),
    ("GET", "/panel/elsewhere", false),
    ("GET", "/panel", false),
];
const PROGRAMS: &[(&str, &str, bool)] = &[
    ("GET", "/api/v1/agents", false),
    ("POST", "/api/v1/agents", true),
    ("GET", "/api/v1/agents/{agent}", false),
    ("PATCH", "/api/v1/agents/{agent}", true),
    ("DELETE", "/api/v1/agents/{agent}", false),
    ("GET", "/api/v1/call_records", false),
    ("GET", "/api/v1/call_records/abc", false),
    ("GET", "/api/v1/calls", false),
    ("GET", "/api/v1/elsewhere", false),
    ("GET", "/api/v1/accounts", false),
    ("GET", "/api/v1/roles", false),
];
/// Answered without a session.
const OPEN: &[&str] = &["/panel/session", "/panel/setup"];

async fn routed(office: &Office) -> (String, Vec<(&'static str, String, bool)>, Vec<(&'static str, String, bool)>) {
    let id = office.agent("801").await["id"].as_str().unwrap().to_string();
    let with_id = |routes: &[(&'static str, &str, bool)]| {
        routes.iter().map(|(method, path, body)| (*method, path.replace("{agent}", &id), *body)).collect()
    };
    (office.owner().await, with_id(PAGES), with_id(PROGRAMS))
}

/// DSK-11, LST-1: nothing is shown or done without a session.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_no_page_answers() {
    let office = Office::new().await;
    let (_, pages, _) = routed(&office).await;
    for (method, path, _) in pages.iter().filter(|(_, path, _)| !OPEN.contains(&path.as_str())) {
        for cookie in ["", "callbox=", "callbox=abc", &format!("callbox={}", "A".repeat(43))] {
            let response = office.send(office.page(method, path).with("Cookie", cookie)).await;
            assert_eq!(response.refusal(), refused(401, "unauthorized"), "{method} {path}");
        }
    }
    for method in ["GET", "DELETE"] {
        assert_eq!(office.send(office.page(method, "/panel/session")).await.status, 401);
    }
    assert!(office.send(office.program("GET", "/api/v1/agents")).await.json()["items"][0]["id"].is_string());
}

/// API-19, API-20: nor without the key; a session does not stand in for it.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_key_no_program_is_answered() {
    let office = Office::new().await;
    let (cookie, _, programs) = routed(&office).await;
    for (method, path, _) in &programs {
        for header in ["", "Bearer", "Bearer ", "Bearer wrong", "Basic Ym9zczpwYXNz", &office.key] {
            let request = office.program(method, path).with("Authorization", header).with("Cookie", &cookie);
            let response = office.send(request).await;
            assert_eq!(response.refusal(), refused(401, "unauthorized"), "{method} {path} {header}");
            assert_eq!(response.header("www-authenticate"), Some("Bearer"));
            // Fifteen quiet minutes, so that wrong keys bar nobody here (BOX-155).
            office.pass(15 * 60);
        }
    }
}

/// BOX-154: a change from another site, or without our own header, is not made; reading needs neither.
#[tokio::test(flavor = "multi_thread")]
async fn another_site_changes_nothing() {
    let office = Office::new().await;
    let (cookie, pages, _) = routed(&office).await;
    let foreign = ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1", "http://127.0.0.1:1"];
    for (method, path, _) in pages.iter().filter(|(method, _, _)| *method != "GET") {
        let own = office.page(method, path).with("Cookie", &cookie).json(&json!({}));
        let mut requests = vec![own.clone().without("X-Callbox"), own.clone().without("Origin")];
        requests.extend(foreign.map(|origin| own.clone().with("Origin", origin)));
        for request in requests {
            let response = office.send(request).await;
            assert_eq!(response.refusal(), refused(403, "cross_site"), "{method} {path}");
        }
    }
    let read = office.page("GET", "/panel/agents").with("Cookie", &cookie).with("Origin", "http://evil.example");
    assert_eq!(office.send(read).await.status, 200);
    assert!(office.asked.lock().unwrap().is_empty());
}

/// BOX-157: also for files and the authority's certificate.
#[tokio::test(flavor = "multi_thread")]
async fn another_host_is_not_answered() {
    let office = Office::new().await;
    let (cookie, pages, programs) = routed(&office).await;
    let files = ["/", "/index.html", "/ca.crt"].map(|path| ("GET", path.to_string(), false));
    for (method, path, _) in pages.iter().chain(&programs).chain(&files) {
        for host in ["evil.example", "127.0.0.1.evil.example", "10.9.8.7", "", "a@127.0.0.1"] {
            let request = office.page(method, path).with("Host", host).with("Cookie", &cookie);
            let bearer = format!("Bearer {}", office.key);
            let response = office.send(request.with("Authorization", &bearer)).await;
            assert_eq!(response.refusal(), refused(421, "wrong_host"), "{method} {path} {host}");
        }
    }
    for host in ["localhost", "callbox.local:8080", "CALLBOX.LOCAL", "127.0.0.1"] {
        let response = office.send(office.page("GET", "/ca.crt").with("Host", host)).await;
        assert_eq!(response.status, 200, "{host}");
    }
}

/// API-24, API-28, LST-21
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_none_is_refused() {
    let office = Office::new().await;
    let (cookie, pages, programs) = routed(&office).await;
    let bearer = format!("Bearer {}", office.key);
    for (method, path, _) in pages.iter().chain(&programs).filter(|(_, _, body)| *body) {
        let asked = office.page(method, path).with("Cookie", &cookie).with("Authorization", &bearer);
        for bad in ["", "{", "{\"a\":1}}", "a=b", "\u{1}", "[1,"] {
            let response = office.send(asked.clone().bytes(bad.into())).await;
            assert_eq!(response.refusal(), refused(400, "bad_json"), "{method} {path} {bad:?}");
        }
        let response = office.send(asked.clone().bytes(b"{\"a\": \"\xff\"}".to_vec())).await;
        assert_eq!(response.refusal(), refused(400, "bad_json"), "{method} {path}");
        for no_object in ["[]", "null", "\"text\"", "7"] {
            let response = office.send(asked.clone().bytes(no_object.into())).await;
            assert_eq!(response.refusal(), refused(422, "invalid"), "{method} {path} {no_object}");
        }
        let large = json!({ "a": "x".repeat(1024 * 1024) });
        let response = office.send(asked.clone().json(&large)).await;
        assert_eq!(response.refusal(), refused(413, "too_large"), "{method} {path}");
        let response = office.send(asked.json(&json!({ "surprise": 1 }))).await;
        assert_eq!(response.status, 422, "{method} {path}: {response:?}");
        assert_eq!(response.json()["error"], "invalid");
    }
}

/// BOX-158: who is not signed in sends no more than a form.
#[tokio::test(flavor = "multi_thread")]
async fn strangers_send_little() {
    let office = Office::empty().await;
    for path in OPEN {
        let request = office.page("POST", path).json(&json!({ "username": "x".repeat(20_000) }));
        assert_eq!(office.send(request).await.refusal(), refused(413, "too_large"), "{path}");
    }
}

/// API-28: one that is announced without a length is counted as it comes.
#[tokio::test(flavor = "multi_thread")]
async fn an_endless_body_is_cut() {
    let office = Office::new().await;
    let mut stream = TcpStream::connect(office.http).await.unwrap();
    let head = format!(
        "POST /api/v1/agents HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nTransfer-Encoding: chunked\r\n\r\n",
        office.http, office.key
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = [b"10000\r\n".as_slice(), &[b' '; 65536], b"\r\n"].concat();
    let mut sent = 0;
    // More than the server throws away: it answers and closes, and does not take it all.
    while sent < 1000 && stream.write_all(&chunk).await.is_ok() {
        sent += 1;
    }
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    assert!((16..1000).contains(&sent), "{sent}");
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 413"), "{text}");
}

/// API-25, API-27
#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_methods_are_told_apart() {
    let office = Office::new().await;
    let id = office.agent("801").await["id"].as_str().unwrap().to_string();
    let cookie = office.owner().await;
    let (one, reveal) = (format!("/panel/agents/{id}"), format!("/panel/agents/{id}/reveal"));
    for (method, path, expected) in [
        ("GET", "/panel/elsewhere", refused(404, "not_found")),
        ("GET", "/panel/agents/999", refused(404, "not_found")),
        ("GET", "/panel/agents/01", refused(404, "not_found")),
        ("GET", "/panel/agents/1/2/3", refused(404, "not_found")),
        // Kept by pages of their own.
        ("GET", "/panel/settings/1", refused(404, "not_found")),
        ("GET", "/panel/agent", refused(404, "not_found")),
        ("PUT", "/panel/agents", refused(405, "method_not_allowed")),
        ("PUT", &one, refused(405, "method_not_allowed")),
        ("GET", &reveal, refused(405, "method_not_allowed")),
        ("POST", "/panel/calls", refused(405, "method_not_allowed")),
        ("GET", "/panel/live", refused(403, "cross_site")),
        ("POST", "/", refused(405, "method_not_allowed")),
        ("GET", "/api", refused(404, "not_found")),
        ("GET", "/nothing.js", refused(404, "not_found")),
    ] {
        let response = office.send(office.page(method, path).with("Cookie", &cookie)).await;
        assert_eq!(response.refusal(), expected, "{method} {path}");
        assert!(response.json()["message"].as_str().unwrap().ends_with('.'));
    }
    // A person who typed it is told by the panel, in their language.
    let typed = office.page("GET", "/nowhere").with("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
    let lost = office.send(typed.with("If-None-Match", "*")).await;
    assert_eq!((lost.status, lost.header("content-type")), (404, Some("text/html; charset=utf-8")));
    assert_eq!(lost.body, office.send(office.page("GET", "/")).await.body);
    for (method, path, expected) in [
        ("GET", "/api/v1/elsewhere", refused(404, "not_found")),
        ("GET", "/api/v1/accounts", refused(404, "not_found")),
        ("GET", "/api/v1/session", refused(404, "not_found")),
        ("GET", "/api/v1/agents/999", refused(404, "not_found")),
        ("GET", "/api/v1/call_records/none", refused(404, "not_found")),
        ("DELETE", "/api/v1/agents", refused(405, "method_not_allowed")),
        ("POST", "/api/v1/calls", refused(405, "method_not_allowed")),
        ("POST", "/api/v1/call_records", refused(405, "method_not_allowed")),
    ] {
        assert_eq!(office.send(office.program(method, path)).await.refusal(), expected, "{method} {path}");
    }
}

/// BOX-156, BOX-40: on pages, refusals and redirects alike.
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_safe_headers() {
    let office = Office::new().await;
    for request in [
        office.page("GET", "/"),
        office.page("GET", "/ca.crt"),
        office.page("GET", "/panel/agents"),
        office.page("GET", "/").with("Host", "evil.example"),
        office.program("GET", "/api/v1/agents"),
    ] {
        let response = office.send(request.clone()).await;
        let policy = response.header("content-security-policy").unwrap_or_default();
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "connect-src 'self'"] {
            assert!(policy.contains(part), "{} {policy}", request.path);
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"), "{policy}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(response.header("x-frame-options"), Some("DENY"));
        assert_eq!(response.header("strict-transport-security"), None);
    }
    let secret = office.send(office.program("GET", "/api/v1/agents")).await;
    assert_eq!(secret.header("cache-control"), Some("no-store"));
}

/// BOX-158
#[tokio::test(flavor = "multi_thread")]
async fn an_address_has_a_hundred_connections() {
    let office = Office::new().await;
    let mut held = Vec::new();
    for _ in 0..100 {
        let mut stream = TcpStream::connect(office.http).await.unwrap();
        // Half a request: taken, and not over.
        stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        held.push(stream);
    }
    let mut one_more = TcpStream::connect(office.http).await.unwrap();
    assert_eq!(one_more.read(&mut [0; 1]).await.unwrap_or(0), 0, "closed unanswered");
    drop(held);
    // Those that are gone make room, as soon as the server has seen it.
    let mut response = None;
    while response.is_none() {
        let mut stream = TcpStream::connect(office.http).await.unwrap();
        let ask = format!("GET /ca.crt HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", office.http);
        let _ = stream.write_all(ask.as_bytes()).await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        response = bytes.starts_with(b"HTTP/1.1 200").then_some(bytes);
    }
}

/// BOX-29, BOX-33: plain HTTP leads to TLS, by the name that was asked for, unless loopback may use it.
#[tokio::test(flavor = "multi_thread")]
async fn plain_http_leads_to_tls() {
    let office = Office::new().await;
    let dir = office.stopped().await;
    let store = callbox::store::Store::open(dir.path()).unwrap();
    let office = Office::on(dir, store, false, START).await;
    for (host, method, path) in [("callbox.local:80", "GET", "/agents?a=b"), ("127.0.0.1", "POST", "/panel/session")] {
        let response = office.send(Request::new(method, path).with("Host", host)).await;
        assert_eq!(response.status, 308);
        let name = host.split(':').next().unwrap();
        assert_eq!(response.header("location"), Some(&*format!("https://{name}:{}{path}", office.https.port())));
    }
    let evil = office.send(Request::new("GET", "/").with("Host", "evil.example")).await;
    assert_eq!(evil.refusal(), refused(421, "wrong_host"));
    let request = Request::new("GET", "/ca.crt").with("Host", &office.https.to_string());
    let response = request.over(over_tls(office.https, "127.0.0.1", &office.authority, &[b"http/1.1"]).await).await;
    assert_eq!(response.header("content-type"), Some("application/x-x509-ca-cert"));
    assert_eq!(String::from_utf8(response.body).unwrap(), office.authority);
}

/// API-18: TLS 1.2 is spoken, plain bytes are not, and HTTP/2 is offered.
#[tokio::test(flavor = "multi_thread")]
async fn the_secure_port_speaks_tls_only() {
    let office = Office::new().await;
    let stream = over_tls(office.https, "localhost", &office.authority, &[b"h2", b"http/1.1"]).await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let mut plain = TcpStream::connect(office.https).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut bytes = Vec::new();
    let _ = plain.read_to_end(&mut bytes).await;
    assert!(!bytes.starts_with(b"HTTP"), "{bytes:?}");
}

/// DSK-158: a stale revision changes and deletes nothing, by page and by program.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_revision_changes_nothing() {
    let office = Office::new().await;
    let id = office.agent("801").await["id"].as_str().unwrap().to_string();
    let cookie = office.owner().await;
    let bearer = format!("Bearer {}", office.key);
    for path in [format!("/panel/agents/{id}"), format!("/api/v1/agents/{id}")] {
        let asked = |method: &str| office.page(method, &path).with("Cookie", &cookie).with("Authorization", &bearer);
        let tag = office.send(asked("GET")).await.header("etag").unwrap().to_string();
        let changed = office.send(asked("PATCH").with("If-Match", &tag).json(&json!({ "last_name": path }))).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_ne!(changed.header("etag"), Some(&*tag));
        for stale in [&*tag, "\"0\"", "rubbish", "\"99\"", "W/\"1\""] {
            for method in ["PATCH", "DELETE"] {
                let request = asked(method).with("If-Match", stale).json(&json!({ "last_name": "Late" }));
                let response = office.send(request).await;
                assert_eq!(response.refusal(), refused(409, "changed_meanwhile"), "{method} {stale}");
            }
        }
        let row: Value = office.send(asked("GET")).await.json();
        assert_eq!(row["last_name"], path);
    }
    let any = office.page("PATCH", &format!("/panel/agents/{id}")).with("Cookie", &cookie).with("If-Match", "*");
    assert_eq!(office.send(any.json(&json!({ "last_name": "Any" }))).await.status, 200);
}
