//! Requests to the program's web server, over HTTPS with whatever certificate it has made, or plain HTTP.

use super::Namespace;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};
use tokio_tungstenite::tungstenite::{self, client::IntoClientRequest};

const PATIENCE: Duration = Duration::from_secs(10);

pub struct Web<'a> {
    at: &'a Namespace,
    host: String,
    port: u16,
    secure: bool,
    key: Option<String>,
    cookie: Option<String>,
}

/// Status, header lines, body.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl<'a> Web<'a> {
    /// `base` is such as `https://10.77.0.2/` or `http://127.0.0.1:8080`.
    pub fn new(at: &'a Namespace, base: &str, key: Option<String>) -> Web<'a> {
        let (scheme, rest) = base.split_once("://").expect("a URL");
        let authority = rest.split('/').next().unwrap();
        let secure = scheme == "https";
        let (host, port) = authority.rsplit_once(':').map_or((authority, None), |(h, p)| (h, p.parse().ok()));
        let port = port.unwrap_or(if secure { 443 } else { 80 });
        Web { at, host: host.into(), port, secure, key, cookie: None }
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        self.send("GET", path, None)
    }

    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let answer = self.try_send(method, path, body).unwrap_or_else(|e| panic!("{method} {path}: {e}"));
        (answer.status, serde_json::from_str(&answer.body).unwrap_or(Value::String(answer.body)))
    }

    /// Keeps the cookie that an answer sets.
    pub fn sign_in(&mut self, path: &str, body: &Value) -> u16 {
        let answer = self.try_send("POST", path, Some(body)).unwrap();
        let cookie = answer.head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("set-cookie").then(|| value.split(';').next().unwrap().to_owned())
        });
        self.cookie = cookie.or(self.cookie.take());
        answer.status
    }

    /// As it goes with every request, name and value.
    pub fn cookie(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    /// All that a page which opens now is told first.
    pub fn live(&self) -> Value {
        let (host, origin) = (format!("{}:{}", self.host, self.port), format!("https://{}:{}", self.host, self.port));
        let mut request = format!("wss://{host}/panel/live").into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("Origin", origin.parse().unwrap());
        headers.insert("Cookie", self.cookie().expect("somebody signed in").parse().unwrap());
        let stream = self.at.run(|| self.secure_stream()).unwrap();
        let (mut socket, _) = tungstenite::client(request, stream).unwrap();
        serde_json::from_str(socket.read().unwrap().to_text().unwrap()).unwrap()
    }

    /// A file that is there, as it is.
    pub fn fetch(&self, path: &str) -> Vec<u8> {
        let answer = self.ask("GET", path, None).unwrap();
        let head = answer.windows(4).position(|end| end == b"\r\n\r\n").expect("a head");
        assert!(answer.starts_with(b"HTTP/1.0 200") || answer.starts_with(b"HTTP/1.1 200"), "{path}");
        answer[head + 4..].to_vec()
    }

    pub fn try_send(&self, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<Answer> {
        let answer = self.ask(method, path, body)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        Ok(Answer { status, head: head.into(), body: body.into() })
    }

    /// Gives a file as it is.
    pub fn upload(&self, path: &str, file: &[u8]) -> Value {
        let answer = self.request("POST", path, "application/octet-stream", file).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        serde_json::from_str(body).unwrap_or_else(|_| panic!("{path}: {answer}"))
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> std::io::Result<Vec<u8>> {
        let body = body.map(Value::to_string).unwrap_or_default();
        self.request(method, path, "application/json", body.as_bytes())
    }

    fn request(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> std::io::Result<Vec<u8>> {
        let scheme = if self.secure { "https" } else { "http" };
        let ordinary = self.port == if self.secure { 443 } else { 80 };
        let authority = if ordinary { self.host.clone() } else { format!("{}:{}", self.host, self.port) };
        let mut text = format!(
            "{method} {path} HTTP/1.0\r\nHost: {authority}\r\nOrigin: {scheme}://{authority}\r\nX-Callbox: 1\r\n\
             Content-Type: {kind}\r\nContent-Length: {}\r\n",
            body.len()
        );
        if let Some(key) = &self.key {
            text += &format!("Authorization: Bearer {key}\r\n");
        }
        if let Some(cookie) = &self.cookie {
            text += &format!("Cookie: {cookie}\r\n");
        }
        text += "\r\n";
        let request = [text.as_bytes(), body].concat();
        self.at.run(|| self.exchange(&request))
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        let socket = TcpStream::connect((self.host.as_str(), self.port))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(socket)
    }

    fn secure_stream(&self) -> std::io::Result<StreamOwned<ClientConnection, TcpStream>> {
        let name = ServerName::try_from(self.host.clone()).unwrap();
        let connection = ClientConnection::new(Arc::new(trusting()), name).unwrap();
        Ok(StreamOwned::new(connection, self.connect()?))
    }

    fn exchange(&self, request: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut answer = Vec::new();
        if !self.secure {
            let mut socket = self.connect()?;
            socket.write_all(request)?;
            socket.read_to_end(&mut answer)?;
            return Ok(answer);
        }
        let mut stream = self.secure_stream()?;
        stream.write_all(request)?;
        match stream.read_to_end(&mut answer) {
            // The server may close without saying so.
            Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => Err(error),
            _ => Ok(answer),
        }
    }
}

/// Whether who listens at `to` has a certificate for `name`, a name or address, from this authority (PEM).
pub fn is_certified(at: &Namespace, to: (&str, u16), name: &str, authority: &str) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut socket = at.run(|| TcpStream::connect(to)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    connection.complete_io(&mut socket).is_ok()
}

/// TLS that takes any certificate: these tests ask what the box answers, not who it is.
pub fn trusting() -> ClientConfig {
    let provider = Arc::new(ring::default_provider());
    ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusting(provider)))
        .with_no_client_auth()
}

#[derive(Debug)]
struct Trusting(Arc<CryptoProvider>);

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _: &CertificateDer,
        _: &[CertificateDer],
        _: &ServerName,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
