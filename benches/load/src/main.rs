//! Phones by the hundred: sets up calls, sends sound through them and measures what it cost.

mod bare;
mod cpu;
mod customers;
mod flow;
mod group;
mod keys;
mod measure;
mod office;
mod panel;
mod phone;
mod registers;
mod rtpengine;
mod setups;
mod signal;
mod sound;
mod stamp;
mod start;
mod yardstick;

use std::{env, fs, io, process::ExitCode, time::Duration};

const HELP: &str = "\
load yardstick                         CPU seconds of SHA-256 over 300 MiB
load bare CALLS                        be the bare loop: forward between pairs of ports, tell them, run until killed
load relay|record CALLS FOLDER         be the sound threads alone with these calls: tell their ports, run until killed
load rooms LEGS EACH FOLDER            the same with rooms of so many legs
load prompts LEGS FOLDER SECONDS       play a file of the folder to so many: what it cost and how even it was
load map FILE CALLS SECONDS [PID]      send sound to the port pairs of FILE (a line `A B` a call)
load callbox FILE CALLS SECONDS [PID]  set the calls up at the Callbox whose first line of JSON is FILE
load rtpengine ADDRESS CALLS SECONDS [PID]  set the calls up at the rtpengine whose ng port is ADDRESS
load registers FILE USERS RATE COUNT [PID]  REGISTER with digest, at the server that FILE tells
load setups FILE USERS RATE COUNT HOLD_MS [PID]  calls through the Callbox of FILE: INVITE with digest to BYE
load group FILE PHONES CALLS           one more calls a ring group of so many, again and again
load keys FILE COUNT                   from a key in a menu to the prompt it leads to
load customers FILE CUSTOMERS AGENTS PID  bring them into the example office whose first line is FILE
load lists FILE CUSTOMERS              questions to the lists of an office that has them
load start CALLBOX DATA OFFSET         milliseconds from the start of Callbox to its first answered OPTIONS

PID: whose CPU is measured. The last line is one JSON object.";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("{HELP}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

/// False if the words are not understood.
fn run(words: &[&str]) -> io::Result<bool> {
    match *words {
        ["yardstick"] => println!("{}", serde_json::json!({ "sha256_300_mib_s": yardstick::sha256() })),
        ["bare", calls] => bare::forward(number(calls)?)?,
        [how @ ("relay" | "record"), calls, folder] => {
            sound::host(sound::Kind::Relay { recorded: how == "record" }, 2 * number(calls)?, folder)?;
        }
        ["rooms", legs, each, folder] => {
            sound::host(sound::Kind::Rooms { legs: number(each)? }, number(legs)?, folder)?;
        }
        ["prompts", legs, folder, seconds] => {
            println!("{}", sound::prompts(number(legs)?, folder, number(seconds)? as u64)?);
        }
        [how @ ("map" | "callbox" | "rtpengine"), at, calls, seconds, ref rest @ ..] => {
            let calls = number(calls)?;
            let plan = measure::Plan {
                seconds: Duration::from_secs(number(seconds)? as u64),
                pid: rest.first().map(|pid| number(pid)).transpose()?.map(|pid| pid as u32),
            };
            let outcome = match how {
                "map" => measure::run(flow::from_map(&fs::read_to_string(at)?, calls)?, &plan, &mut measure::Alone)?,
                "callbox" => office::run(&fs::read_to_string(at)?, calls, &plan)?,
                _ => rtpengine::run(at, calls, &plan)?,
            };
            println!("{}", outcome.json(calls));
        }
        ["registers", file, users, rate, count, ref pid @ ..] => {
            let plan = signal::Plan::read(file, users, rate, count, pid)?;
            println!("{}", registers::run(&plan)?);
        }
        ["setups", file, users, rate, count, hold, ref pid @ ..] => {
            let plan = signal::Plan::read(file, users, rate, count, pid)?;
            println!("{}", setups::run(&plan, Duration::from_millis(number(hold)? as u64))?);
        }
        ["group", file, phones, calls] => {
            let users = (number(phones)? + 1).to_string();
            let plan = signal::Plan::read(file, &users, "1", calls, &[])?;
            println!("{}", group::run(&plan, &fs::read_to_string(file)?)?);
        }
        ["keys", file, count] => println!("{}", keys::run(file, number(count)?)?),
        ["customers", file, count, agents, pid] => {
            let line = fs::read_to_string(file)?;
            println!("{}", customers::run(&line, number(count)?, number(agents)?, number(pid)? as u32)?);
        }
        ["lists", file, count] => println!("{}", customers::lists(&fs::read_to_string(file)?, number(count)?)?),
        ["start", callbox, data, offset] => println!("{}", start::run(callbox, data, number(offset)? as u16)?),
        _ => return Ok(false),
    }
    Ok(true)
}

pub fn number(word: &str) -> io::Result<usize> {
    word.parse().map_err(|_| io::Error::other(format!("`{word}` is no number")))
}
