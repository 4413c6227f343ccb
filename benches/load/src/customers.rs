//! Very many customers: brought in from files as an office does it, then listed, searched and counted, and what people
//! wait for meanwhile.

use crate::{cpu, measure::now, panel::Page};
use serde_json::{Value, json};
use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

/// Rows of one file.
const AT_ONCE: usize = 100_000;
const FIRST_PHONE: u64 = 13_000_000_000;
const TAGS: usize = 20;
/// Requests of each kind whose times are told.
const ASKED: usize = 200;
/// Agents made in one request, and their numbers.
const AGENTS_AT_ONCE: usize = 500;
const FIRST_AGENT: usize = 30_000;
/// Rest between two questions of one person while an import runs.
const PACE: Duration = Duration::from_millis(20);
const NAMES: [&str; 8] = ["王芳", "李伟", "佐藤健", "鈴木美咲", "Emma Clarke", "David Okafor", "陈静", "高橋陽子"];
const STREETS: [&str; 6] = ["North Road", "South Road", "人民路", "中山路", "Station Street", "桜通り"];

/// `count` customers and `agents` agents in all; gives the figures.
pub fn run(line: &str, count: usize, agents: usize, pid: u32) -> io::Result<Value> {
    let mut page = Page::sign_in(line)?;
    make_agents(&mut page, agents)?;
    let tags = make_tags(&mut page)?;
    page.must("PATCH", "packages/1", &json!({ "unique_keys": ["name", "remark"] }))?;
    let idle = cpu::resident(pid)?;
    let (mut imports, mut most, mut reads, mut writes) = (Vec::new(), 0, Vec::new(), Vec::new());
    for first in (0..count).step_by(AT_ONCE) {
        let rows = AT_ONCE.min(count - first);
        // The first is timed alone, the last while people work.
        let busy = first + AT_ONCE >= count;
        let before = cpu::resident(pid)?;
        let import = import(&mut page, &file(first, rows), &tags[first / AT_ONCE % TAGS], busy, pid)?;
        if !busy {
            imports.push(import.seconds / rows as f64 * AT_ONCE as f64);
        }
        most = most.max(import.resident_kib.saturating_sub(before));
        (reads, writes) = (import.reads, import.writes);
    }
    let settled = cpu::resident(pid)?;
    Ok(json!({
        "import_100000_s": imports.iter().copied().fold(0.0, f64::max),
        "import_extra_kib": most,
        "read_p99_ms": high(&mut reads, 0.99), "read_max_ms": high(&mut reads, 1.0), "reads": reads.len(),
        "write_p99_ms": high(&mut writes, 0.99), "write_max_ms": high(&mut writes, 1.0), "writes": writes.len(),
        "idle_kib": idle, "resident_kib": settled,
    }))
}

/// Times of questions to a box that has the customers, one after the other.
pub fn lists(line: &str, count: usize) -> io::Result<Value> {
    let mut page = Page::sign_in(line)?;
    let last = FIRST_PHONE + count as u64 - 1;
    let newest = page.must("GET", "customers?limit=1", &Value::Null)?;
    let tag = newest["items"][0]["tags"][0].as_str().unwrap_or_default().to_owned();
    let mut figures = serde_json::Map::new();
    let mut timed = |name: &str, ask: &mut dyn FnMut(&mut Page, usize) -> io::Result<u64>| {
        // The first fills caches, as the first person of the day does.
        let mut times = (0..=ASKED).map(|n| ask(&mut page, n)).collect::<io::Result<Vec<_>>>()?;
        figures.insert(format!("{name}_first_ms"), json!(millis(times.remove(0))));
        figures.insert(format!("{name}_p50_ms"), json!(high(&mut times, 0.5)));
        figures.insert(format!("{name}_p99_ms"), json!(high(&mut times, 0.99)));
        io::Result::Ok(())
    };
    let list =
        |query: String| move |page: &mut Page, _| timed_ask(page, "GET", &format!("customers?{query}"), &Value::Null);
    timed("newest", &mut list(String::new()))?;
    timed("filter", &mut list(format!("tags={tag}")))?;
    timed("sorted", &mut list("sort=name".into()))?;
    timed("filter_sorted", &mut list(format!("tags={tag}&sort=-phone")))?;
    timed("number", &mut |page, n| {
        let phone = last - (n as u64 * 7_919) % count as u64;
        timed_ask(page, "GET", &format!("customers?search={phone}"), &Value::Null)
    })?;
    timed("text", &mut |page, n| {
        timed_ask(page, "GET", &format!("customers?search=remark%20{}", n * 37 % 1_000), &Value::Null)
    })?;
    timed("rare_text", &mut list("search=nobody%20has%20this".into()))?;
    timed("count", &mut |page, n| {
        let asked = json!({ "search": format!("road {}", n % 100), "filters": { "package": ["1"] } });
        timed_ask(page, "POST", "customers/count", &asked)
    })?;
    Ok(Value::Object(figures))
}

struct Import {
    seconds: f64,
    resident_kib: u64,
    reads: Vec<u64>,
    writes: Vec<u64>,
}

fn import(page: &mut Page, file: &[u8], tag: &str, busy: bool, pid: u32) -> io::Result<Import> {
    let upload = page.upload("customers.csv", file)?;
    let columns: Vec<Value> = ["name", "phone", "age", "address", "area", "remark"]
        .iter()
        .enumerate()
        .map(|(number, field)| json!({ "column": number, "field": field }))
        .collect();
    let asked = json!({
        "upload": upload["upload"], "encoding": "utf-8", "language": "en", "columns": columns,
        "chosen": { "package": "1", "tags": [tag] },
    });
    let began = now();
    let job = page.must("POST", "customers/import", &asked)?["job_number"].as_str().unwrap_or_default().to_owned();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (reader, writer) = if busy { (Some(page.another()?), Some(page.another()?)) } else { (None, None) };
        let reads = scope.spawn(|| reader.map_or(Ok(Vec::new()), |page| read_until(page, &over)));
        let writes = scope.spawn(|| writer.map_or(Ok(Vec::new()), |page| write_until(page, &over)));
        let mut resident_kib = 0;
        let ended = loop {
            resident_kib = resident_kib.max(cpu::resident(pid)?);
            let told = page.must("GET", &format!("jobs/{job}"), &Value::Null)?;
            if !told["ended_at"].is_null() {
                break told;
            }
            thread::sleep(Duration::from_millis(100));
        };
        over.store(true, Ordering::Release);
        if ended["status"] != "done" || ended["failed"] != 0 {
            return Err(io::Error::other(format!("the import ended so: {ended}")));
        }
        let seconds = (now() - began) as f64 / 1e9;
        let joined = |times: thread::ScopedJoinHandle<io::Result<Vec<u64>>>| times.join().expect("it asks only");
        Ok(Import { seconds, resident_kib, reads: joined(reads)?, writes: joined(writes)? })
    })
}

/// What a person looks at: a page of the list, one customer.
fn read_until(mut page: Page, over: &AtomicBool) -> io::Result<Vec<u64>> {
    let mut times = Vec::new();
    while !over.load(Ordering::Acquire) {
        times.push(timed_ask(&mut page, "GET", "customers", &Value::Null)?);
        times.push(timed_ask(&mut page, "GET", "customers/1", &Value::Null)?);
        thread::sleep(PACE);
    }
    Ok(times)
}

/// What a person saves: a customer, and something of the office.
fn write_until(mut page: Page, over: &AtomicBool) -> io::Result<Vec<u64>> {
    let mut times = Vec::new();
    while !over.load(Ordering::Acquire) {
        let age = times.len() % 100;
        times.push(timed_ask(&mut page, "PATCH", "customers/1", &json!({ "age": age }))?);
        thread::sleep(PACE);
        times.push(timed_ask(&mut page, "PATCH", "tags/1", &json!({ "remark": age.to_string() }))?);
        thread::sleep(PACE);
    }
    Ok(times)
}

fn timed_ask(page: &mut Page, method: &str, path: &str, body: &Value) -> io::Result<u64> {
    let began = now();
    page.must(method, path, body)?;
    Ok(now() - began)
}

/// Milliseconds below which this share of the times lies.
fn high(times: &mut [u64], share: f64) -> f64 {
    times.sort_unstable();
    let at = ((times.len() as f64 * share).ceil() as usize).saturating_sub(1);
    millis(times.get(at).copied().unwrap_or(0))
}

fn millis(nanoseconds: u64) -> f64 {
    (nanoseconds as f64 / 1e4).round() / 100.0
}

/// As an office has them: names and streets again and again, remarks of their own.
fn file(first: usize, rows: usize) -> Vec<u8> {
    let mut text = String::from("name,phone,age,address,area,remark\n");
    for n in first..first + rows {
        let (name, street) = (NAMES[n % NAMES.len()], STREETS[n * 7 % STREETS.len()]);
        let phone = FIRST_PHONE + n as u64;
        text += &format!(
            "{name} {n},{phone},{},\"{street} {}, {}\",Area {},remark {n}\n",
            n % 90,
            n % 997,
            n % 31,
            n % 400
        );
    }
    text.into_bytes()
}

fn make_tags(page: &mut Page) -> io::Result<Vec<String>> {
    let mut tags = Vec::new();
    for n in 0..TAGS {
        let (status, _) = page.ask("POST", "tags", &json!({ "name": format!("Load {n}") }))?;
        if status != 201 && status != 409 {
            return Err(io::Error::other(format!("a tag is refused: {status}")));
        }
    }
    let all = page.must("GET", "tags?limit=50&sort=name", &Value::Null)?;
    tags.extend(all["items"].as_array().into_iter().flatten().filter_map(|tag| tag["id"].as_str().map(str::to_owned)));
    Ok(tags)
}

fn make_agents(page: &mut Page, count: usize) -> io::Result<()> {
    let there = page.must("GET", "agents?limit=1", &Value::Null)?["total"].as_u64().unwrap_or(0) as usize;
    for first in (there..count).step_by(AGENTS_AT_ONCE) {
        let some = json!({
            "start_agent_number": (FIRST_AGENT + first).to_string(), "count": AGENTS_AT_ONCE.min(count - first),
            "sip_password": "Load-tool-7-agents", "web_password": "Load-tool-7-agents", "phone_password": "739154",
        });
        page.must("POST", "agents/batch", &some)?;
    }
    Ok(())
}
