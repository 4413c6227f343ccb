//! Who may know whom, and the sentences that stay true, read from the source.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A room and what it may name of ours; `room::face` allows that face alone. Everyone may know the base rooms.
const ROOMS: &[(&str, &[&str])] = &[
    ("time", &[]),
    ("chance", &[]),
    ("origin", &[]),
    ("sdp", &[]),
    ("sip", &["sdp"]),
    ("audio", &["sdp"]),
    ("schema", &[]),
    ("model", &["schema"]),
    ("view", &["schema"]),
    ("history", &["schema", "model"]),
    ("floor", &["schema", "model", "view", "history::fact"]),
    (
        "call",
        &[
            "floor",
            "schema",
            "model",
            "view",
            "history::fact",
            "history::call_record",
            "history::recording",
            "history::step",
            "history::story",
            "sdp",
            "sip::order",
            "sip::wire",
            "audio::order",
        ],
    ),
    (
        "exchange",
        &[
            "call",
            "floor",
            "sip",
            "sdp",
            "audio::order",
            "schema",
            "model",
            "view",
            "history::fact",
            "history::call_record",
            "history::story",
            "history::trunk_turn",
        ],
    ),
    ("store", &["schema", "model", "history"]),
    ("phone", &["schema", "model"]),
    ("appliance", &[]),
    ("http", &["store", "schema", "model", "history", "phone", "appliance", "view", "call::command"]),
];
const BASE: &[&str] = &["time", "chance", "origin"];

/// Words that stand only in the rooms named beside them, with the reason.
const WORDS: &[(&str, &[&str], &str)] = &[
    ("Instant::now", &["run", "http"], "time is given"),
    ("SystemTime::now", &["run", "http", "appliance"], "time is given"),
    ("thread::spawn", &["run", "http", "appliance"], "threads live in the shell"),
    ("thread::Builder", &["run", "http", "appliance"], "threads live in the shell"),
    ("thread::sleep", &[], "wait for what you wait for"),
    ("UdpSocket", &["run", "http", "appliance"], "sockets live in the shell"),
    ("TcpListener", &["run", "http", "appliance"], "sockets live in the shell"),
    ("TcpStream", &["run", "http", "appliance"], "sockets live in the shell"),
    ("std::fs", &["run", "http", "appliance", "store"], "files live in the shell and the store"),
    ("File::open", &["run", "http", "appliance", "store"], "files live in the shell and the store"),
    (".await", &["run", "http"], "the machines never wait"),
    ("begin_write", &["store"], "configuration has one write door"),
    ("getrandom", &["run", "http", "appliance", "store"], "the core draws from its seed"),
];
/// Their order or their last digit differs between machines or runs.
const CORE_WORDS: &[&str] = &["HashMap", "HashSet", ".powf(", ".exp()", ".ln()", ".log10()", ".sin()", ".cos()"];
const CORE: &[&str] = &["exchange", "call", "floor", "sip", "sdp"];
const LINES_MAX: usize = 700;

struct Source {
    path: PathBuf,
    room: String,
    /// Without comments, strings and what stands below `#[cfg(test)]`.
    code: String,
    text: String,
}

#[test]
fn a_room_knows_only_whom_it_may() {
    let mut strangers = Vec::new();
    for source in sources() {
        let Some((_, may)) = ROOMS.iter().find(|(room, _)| *room == source.room) else { continue };
        for known in named_rooms(&source.code).iter().flat_map(|known| faces(known, &source.code)) {
            let room = known.split("::").next().expect("a path has a first word");
            let fine = room == source.room
                || BASE.contains(&room)
                || may.iter().any(|m| *m == room || known == *m || known.starts_with(&format!("{m}::")));
            if !fine {
                strangers.push(format!("{} names crate::{known}", source.path.display()));
            }
        }
    }
    assert!(strangers.is_empty(), "{}", strangers.join("\n"));
}

/// COM-19: nothing that becomes of a call asks who the office is.
#[test]
fn no_call_reads_the_company() {
    let rooms = ["call", "floor", "exchange", "sip", "audio"];
    let knows = |source: &&Source| rooms.contains(&source.room.as_str()) && source.code.contains("Company");
    let found: Vec<_> = sources().iter().filter(knows).map(|source| source.path.display().to_string()).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn the_core_has_no_clock_socket_file_thread_or_wait() {
    let mut found = Vec::new();
    for source in sources() {
        for (word, rooms, why) in WORDS {
            if source.code.contains(word) && !rooms.contains(&source.room.as_str()) && source.room != "main" {
                found.push(format!("{}: `{word}` ({why})", source.path.display()));
            }
        }
        for word in CORE_WORDS {
            if source.code.contains(word) && CORE.contains(&source.room.as_str()) {
                found.push(format!("{}: `{word}` (not the same on every machine)", source.path.display()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_file_says_what_it_is_and_ends_in_time() {
    let mut found = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//! ") {
            found.push(format!("{} does not open with a sentence", source.path.display()));
        }
        let lines = source.text.split("#[cfg(test)]").next().unwrap_or("").lines().count();
        if lines > LINES_MAX {
            found.push(format!("{} has {lines} lines: split it by meaning", source.path.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The reader itself must be able to fail.
#[test]
fn the_reader_sees_what_is_named() {
    let code = "use crate::{sdp::LegId, sip::{order::{Report}, wire}}; fn f() { crate::store::open() }";
    let named: Vec<String> = named_rooms(code).into_iter().collect();
    assert_eq!(named, ["sdp::LegId", "sip::order", "sip::wire", "store::open"]);
    assert_eq!(bare("a /* std::fs */ b // std::fs\n\"std::fs\" 'x' c"), "a  b \n\"\" 'x' c");
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    gather(&root, &root, &mut found);
    assert!(found.len() > 20, "the house has rooms");
    found
}

fn gather(root: &Path, folder: &Path, found: &mut Vec<Source>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            gather(root, &path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let inside = path.strip_prefix(root).unwrap();
            let room = inside.components().next().unwrap().as_os_str().to_string_lossy();
            let room = room.trim_end_matches(".rs").to_owned();
            let is_test = inside.components().any(|c| c.as_os_str() == "tests" || c.as_os_str() == "tests.rs");
            if is_test || room == "lib" {
                continue;
            }
            let code = bare(text.split("#[cfg(test)]").next().unwrap_or(""));
            found.push(Source { path: inside.to_owned(), room, code, text });
        }
    }
}

/// The code without comments and the insides of strings.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('/', Some('/')) => {
                chars.by_ref().find(|&c| c == '\n');
                out.push('\n');
            }
            ('/', Some('*')) => {
                let mut last = ' ';
                for c in chars.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            ('"', _) => {
                out.push_str("\"\"");
                while let Some(c) = chars.next() {
                    match c {
                        '\\' => drop(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            ('\'', Some('"')) => {
                chars.next();
                out.push_str("' ");
            }
            _ => out.push(c),
        }
    }
    out
}

/// The first two words of every path that begins with `crate::`, use-trees opened.
fn named_rooms(code: &str) -> BTreeSet<String> {
    let code: String = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let mut leaves = Vec::new();
        open_tree(&code[at + "crate::".len()..], String::new(), &mut leaves);
        for leaf in leaves {
            let words: Vec<&str> = leaf.split("::").take(2).collect();
            found.insert(words.join("::"));
        }
    }
    found
}

/// A room named alone stands for each of its faces that the code then uses.
fn faces(known: &str, code: &str) -> Vec<String> {
    if known.contains("::") {
        return vec![known.to_owned()];
    }
    let uses: Vec<String> = code
        .match_indices(&format!("{known}::"))
        .filter(|(at, _)| !code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
        .map(|(at, m)| {
            let rest = &code[at + m.len()..];
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            format!("{known}::{}", &rest[..end])
        })
        .collect();
    if uses.is_empty() { vec![known.to_owned()] } else { uses }
}

fn open_tree(text: &str, before: String, leaves: &mut Vec<String>) {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let head = text[..end].trim_end_matches(':').to_owned();
    let path = if before.is_empty() {
        head
    } else if head.is_empty() {
        before
    } else {
        format!("{before}::{head}")
    };
    if !text[end..].starts_with('{') {
        leaves.push(path);
        return;
    }
    let (mut depth, mut from) = (0, end + 1);
    for (i, c) in text[end..].char_indices() {
        let i = end + i;
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if (c == ',' && depth == 1) || depth == 0 {
            let part = text[from..i].trim();
            if !part.is_empty() {
                open_tree(part, path.clone(), leaves);
            }
            from = i + 1;
        }
        if depth == 0 {
            return;
        }
    }
}
