//! A page of the panel: signed in as the owner of the example office, over plain HTTP, as loopback allows.

use serde_json::{Value, json};
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
};

/// A connection that stays open, as a browser's does.
pub struct Page {
    host: String,
    cookie: String,
    stream: BufReader<TcpStream>,
}

/// Status and body.
pub type Said = (u16, String);

impl Page {
    /// `line`: what Callbox says first with `--json`.
    pub fn sign_in(line: &str) -> io::Result<Page> {
        let told: Value = serde_json::from_str(line.lines().next().unwrap_or_default())?;
        let host = told["panel_http"].as_str().unwrap_or_default().trim_start_matches("http://");
        let mut page = Page::open(host.trim_end_matches('/'), String::new())?;
        let form = json!({ "username": told["owner"]["username"], "password": told["owner"]["password"] });
        let (status, head, _) = page.send("POST", "session", form.to_string().as_bytes())?;
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: "));
        let cookie = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
        if status != 200 {
            return Err(io::Error::other(format!("the owner cannot sign in: {status}")));
        }
        page.cookie = cookie.into();
        Ok(page)
    }

    /// The same person on a connection of its own.
    pub fn another(&self) -> io::Result<Page> {
        Page::open(&self.host, self.cookie.clone())
    }

    fn open(host: &str, cookie: String) -> io::Result<Page> {
        let stream = TcpStream::connect(host)?;
        stream.set_nodelay(true)?;
        Ok(Page { host: host.into(), cookie, stream: BufReader::new(stream) })
    }

    /// `path` stands behind `/panel/`.
    pub fn ask(&mut self, method: &str, path: &str, body: &Value) -> io::Result<Said> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let (status, _, said) = self.send(method, path, body.as_bytes())?;
        Ok((status, said))
    }

    /// The same of what must be done: anything else than a 2xx is an error.
    pub fn must(&mut self, method: &str, path: &str, body: &Value) -> io::Result<Value> {
        let (status, said) = self.ask(method, path, body)?;
        if !(200..300).contains(&status) {
            return Err(io::Error::other(format!("{method} {path}: {status} {said}")));
        }
        Ok(serde_json::from_str(&said).unwrap_or_default())
    }

    pub fn upload(&mut self, name: &str, file: &[u8]) -> io::Result<Value> {
        self.upload_to(&format!("uploads?name={name}"), file)
    }

    pub fn upload_to(&mut self, path: &str, file: &[u8]) -> io::Result<Value> {
        let (status, _, said) = self.send("POST", path, file)?;
        if status != 201 {
            return Err(io::Error::other(format!("the upload is refused: {status} {said}")));
        }
        Ok(serde_json::from_str(&said)?)
    }

    fn send(&mut self, method: &str, path: &str, body: &[u8]) -> io::Result<(u16, String, String)> {
        let (host, cookie) = (&self.host, &self.cookie);
        let head = format!(
            "{method} /panel/{path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nX-Callbox: 1\r\nCookie: {cookie}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<(u16, String, String)> {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::Error::other("the connection is closed"));
            }
            if line == "\r\n" {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(text) = lower.strip_prefix("content-length:") {
                length = text.trim().parse().map_err(io::Error::other)?;
            }
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            head += &format!("{}: {}\n", name.to_ascii_lowercase(), value.trim());
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        Ok((status, head, String::from_utf8_lossy(&body).into_owned()))
    }
}
