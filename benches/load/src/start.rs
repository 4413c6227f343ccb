//! How long Callbox takes from its start to the first answered OPTIONS, on a data directory that exists.

use crate::{
    measure::now,
    signal::{Asked, Door},
};
use serde_json::{Value, json};
use std::{
    io,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

const PATIENCE_NS: u64 = 10_000_000_000;

pub fn run(callbox: &str, data: &str, offset: u16) -> io::Result<Value> {
    let door = Door::open(([127, 0, 0, 1], 5060 + offset).into(), 0)?;
    let mut command = Command::new(callbox);
    command.args(["run", "--data", data, "--bind", "127.0.0.1", "--port-offset", &offset.to_string()]);
    let began = now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut asked = 0;
    let answered = loop {
        asked += 1;
        let (uri, id) = (door.uri("801"), format!("o{asked}"));
        let to = format!("<{uri}>");
        door.ask("load", &Asked { method: "OPTIONS", target: &uri, id: &id, to: &to, cseq: 1, extra: "", body: "" });
        sleep(Duration::from_millis(1));
        if door.receive().is_some_and(|answer| answer.status() == Some(200)) {
            break Some(now() - began);
        }
        if now() > began + PATIENCE_NS {
            break None;
        }
    };
    // SAFETY: a signal to a child that was not waited for yet.
    unsafe { libc::kill(child.id() as i32, libc::SIGTERM) };
    child.wait()?;
    let ms = answered.ok_or_else(|| io::Error::other("no answer to OPTIONS"))? as f64 / 1e6;
    Ok(json!({ "first_options_ms": (ms * 10.0).round() / 10.0 }))
}
