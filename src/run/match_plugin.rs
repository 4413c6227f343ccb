//! Asks the outside service of a menu what a caller's keys mean, over HTTP or HTTPS (IVR-32).
//!
//! The service must be another machine: this one's addresses are not asked, so that nobody reaches through a menu what
//! answers only here. A certificate must be good for the host. Redirects are not followed.

use super::{addresses, certified, way_in::WayIn};
use crate::{
    call::match_plugin::{Answer, PATIENCE, Question},
    exchange::{Event, wire::Certified},
};
use axum::body::{Body, to_bytes};
use hyper::{
    Request, StatusCode, Uri,
    client::conn::http1,
    header::{ACCEPT, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT},
};
use hyper_util::rt::TokioIo;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    runtime::Handle,
    sync::Semaphore,
    time::timeout,
};
use tokio_rustls::TlsConnector;
use tracing::warn;

/// Questions under way; who asks more has no answer.
const ASKED_MAX: usize = 64;
const ANSWER_BYTES_MAX: usize = 16 * 1_024;
/// Of the lines before it.
const HEAD_BYTES_MAX: usize = 16 * 1_024;

pub struct Plugins {
    tokio: Handle,
    way_in: WayIn,
    room: Arc<Semaphore>,
}

impl Plugins {
    pub fn new(tokio: Handle, way_in: WayIn) -> Plugins {
        Plugins { tokio, way_in, room: Arc::new(Semaphore::new(ASKED_MAX)) }
    }

    /// The exchange is told, whatever came of it.
    pub fn ask(&self, question: Question) {
        let (way_in, room) = (self.way_in.clone(), self.room.clone());
        self.tokio.spawn(async move {
            let answered = match room.try_acquire() {
                Ok(_room) => timeout(PATIENCE, post(&question, is_elsewhere)).await,
                Err(_) => Ok(Err(io::Error::other("too many are asked at once"))),
            };
            let answer = answered.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            if let Err(error) = &answer {
                warn!(call_id = question.asked.call_id, %error, "the service of a menu gave no answer");
            }
            way_in.tell(Event::PluginAnswered { question: question.id, answer: answer.ok() });
        });
    }
}

/// No address of this machine, nor one that is only of its own link: there are services there that believe whoever
/// reaches them.
fn is_elsewhere(address: IpAddr) -> bool {
    let near = match address {
        IpAddr::V4(v4) => v4.is_link_local() || v4.is_broadcast(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    !near
        && !address.is_loopback()
        && !address.is_unspecified()
        && !address.is_multicast()
        && !addresses::of_machine(None).iter().any(|own| own.address == address)
}

async fn post(question: &Question, may_ask: fn(IpAddr) -> bool) -> io::Result<Answer> {
    let uri: Uri = question.to.parse().map_err(io::Error::other)?;
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let is_secure = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    // What is connected to is what was looked at: a name may mean something else the next time.
    let to = lookup_host((&*host, port)).await?.find(|to| may_ask(to.ip().to_canonical()));
    let to: SocketAddr = to.ok_or_else(|| io::Error::other("its address is this machine's, or none"))?;
    let stream = TcpStream::connect(to).await?;
    if !is_secure {
        return ask(stream, &uri, question).await;
    }
    let wish = Certified { names: vec![host], verify: true, authorities: String::new() };
    let (config, name) = certified::client(&wish).map_err(io::Error::other)?;
    ask(TlsConnector::from(config).connect(name, stream).await?, &uri, question).await
}

async fn ask<S>(stream: S, uri: &Uri, question: &Question) -> io::Result<Answer>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(HEAD_BYTES_MAX)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let body = serde_json::to_vec(&question.asked)?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let request = Request::post(path)
        .header(HOST, authority)
        .header(CONTENT_TYPE, "application/json")
        .header(CONTENT_LENGTH, body.len())
        .header(ACCEPT, "application/json")
        .header(USER_AGENT, concat!("Callbox/", env!("CARGO_PKG_VERSION")))
        .header(CONNECTION, "close")
        .body(Body::from(body))
        .map_err(io::Error::other)?;
    let asking = async {
        let response = sender.send_request(request).await.map_err(io::Error::other)?;
        if response.status() != StatusCode::OK {
            return Err(io::Error::other(format!("it says {}", response.status())));
        }
        let body = to_bytes(Body::new(response.into_body()), ANSWER_BYTES_MAX).await.map_err(io::Error::other)?;
        Ok(serde_json::from_slice(&body)?)
    };
    tokio::pin!(connection);
    tokio::pin!(asking);
    // The connection ends with whoever waits for it.
    let mut is_open = true;
    loop {
        tokio::select! {
            answer = &mut asking => return answer,
            _ = &mut connection, if is_open => is_open = false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        call::match_plugin::{Asked, QuestionId},
        schema::{Id, kind::destination::To},
    };
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    fn question(to: String) -> Question {
        let asked = Asked {
            call_id: "c1".into(),
            caller_number: "13800000001".into(),
            did: "95001".into(),
            input: "4711".into(),
        };
        Question { id: QuestionId(1), to, asked }
    }

    /// What was asked, and what became of it, of a service that says this.
    async fn asked(path: &str, says: Vec<u8>) -> (String, io::Result<Answer>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let service = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            while !heard.ends_with(b"}") {
                let mut bytes = [0; 1_024];
                let length = stream.read(&mut bytes).await.unwrap();
                assert!(length > 0, "it hung up");
                heard.extend_from_slice(&bytes[..length]);
            }
            // Whoever has had enough hangs up before all is said.
            let _ = stream.write_all(&says).await;
            String::from_utf8(heard).unwrap()
        });
        let answer = post(&question(format!("http://{at}{path}")), |_| true).await;
        (service.await.unwrap(), answer)
    }

    fn http(status: &str, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            .into_bytes()
    }

    /// IVR-32: caller number, DID, input and call id go as JSON by POST; a destination comes back, and a file before it.
    #[tokio::test]
    async fn a_service_says_where_the_call_goes() {
        let body = r#"{"media":"5","destination":{"type":"agent","target":"7"}}"#;
        let (heard, answer) = asked("/keys?of=menu", http("200 OK", body)).await;
        let (head, body) = heard.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /keys?of=menu HTTP/1.1\r\n"), "{head}");
        assert!(head.to_ascii_lowercase().contains("content-type: application/json"), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        let expected = r#"{"call_id":"c1","caller_number":"13800000001","did":"95001","input":"4711"}"#;
        assert_eq!(body, serde_json::from_str::<serde_json::Value>(expected).unwrap());
        let answer = answer.unwrap();
        assert_eq!((answer.media, answer.destination.to()), (Some(Id(5)), &To::Agent(Id(7))));
    }

    /// IVR-32: what is no answer is none.
    #[tokio::test]
    async fn what_cannot_be_followed_is_no_answer() {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let endless = [
            chunked.as_bytes(),
            &b"400\r\n".iter().copied().chain([b' '; 1_024]).chain(*b"\r\n").collect::<Vec<u8>>().repeat(40),
        ]
        .concat();
        for says in [
            http("500 Internal Server Error", r#"{"destination":{"type":"hang_up"}}"#),
            http("302 Found", ""),
            http("200 OK", "yes"),
            http("200 OK", r#"{"destination":{"type":"moon"}}"#),
            http("200 OK", r#"{"media":"5"}"#),
            http("200 OK", &format!("{{{}}}", " ".repeat(ANSWER_BYTES_MAX))),
            endless,
            format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(2 * HEAD_BYTES_MAX)).into_bytes(),
            b"SIP/2.0 200 OK\r\n\r\n".to_vec(),
            Vec::new(),
        ] {
            let said = String::from_utf8_lossy(&says).chars().take(80).collect::<String>();
            let (_, answer) = asked("/", says).await;
            assert!(answer.is_err(), "{said}");
        }
    }

    /// IVR-32: nothing on this machine is asked, whatever its address is called.
    #[tokio::test]
    async fn a_menu_asks_no_service_of_the_box_itself() {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut names = vec!["127.0.0.1".to_owned(), "localhost".into(), "[::1]".into(), "0.0.0.0".into()];
        names.extend(["[::ffff:127.0.0.1]".to_owned(), "169.254.169.254".into()]);
        names.extend(
            addresses::plain(&addresses::of_machine(None)).iter().filter(|ip| ip.is_ipv4()).map(IpAddr::to_string),
        );
        for name in names {
            let answer = post(&question(format!("http://{name}:{port}/")), is_elsewhere).await;
            assert!(answer.is_err_and(|error| error.to_string().contains("this machine")), "{name}");
        }
        assert!(is_elsewhere("192.0.2.7".parse().unwrap()) && is_elsewhere("2001:db8::7".parse().unwrap()));
    }

    /// IVR-32: a certificate that no public authority has given is not believed.
    #[tokio::test]
    async fn a_service_without_a_good_certificate_is_not_asked() {
        let folder = tempfile::tempdir().unwrap();
        let now = crate::run::clock::now().wall;
        let certificates =
            crate::appliance::certificate::Certificates::open(folder.path(), &["localhost".into()], &[], now).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let accept = tokio_rustls::TlsAcceptor::from(certificates.server_config(&[]));
        let service = tokio::spawn(async move { accept.accept(listener.accept().await.unwrap().0).await.is_err() });
        let answer = post(&question(format!("https://localhost:{port}/")), |_| true).await;
        assert!(answer.is_err() && service.await.unwrap(), "{answer:?}");
    }
}
