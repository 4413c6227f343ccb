//! The language of the stories.
//!
//! ```text
//! # A sentence that says what is shown.   ID-1 ID-2
//! given  801 802 over tls with srtp
//!
//! 0s   801 calls 802  | 802 rings, 801 hears ringing
//! 30s                 | 801 is refused 480, 802 stops
//! ```
//!
//! A line without an event lets time pass until then. Nothing may happen that no line says.

use std::{
    fmt::Write,
    panic::{AssertUnwindSafe, catch_unwind},
};

pub struct Story {
    pub name: String,
    pub given: Vec<String>,
    steps: Vec<Step>,
}

struct Step {
    line: usize,
    at_ms: u64,
    event: String,
    follows: Vec<String>,
}

/// Who plays a story.
pub trait Stage {
    /// Lets time pass to this many milliseconds after the beginning.
    fn pass(&mut self, until_ms: u64);
    fn act(&mut self, event: &str);
    /// What followed since this was last called.
    fn follows(&mut self) -> Vec<String>;
    /// What must be true after each line.
    fn check(&self);
    /// What must be true of all that was played.
    fn end(&mut self);
}

/// All stories of a file: each opens with a comment.
pub fn read(file: &str, text: &str) -> Vec<Story> {
    let mut stories: Vec<Story> = Vec::new();
    let mut headed = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(comment) = line.strip_prefix('#') {
            if !headed {
                let name = format!("{file}: {}", comment.trim());
                stories.push(Story { name, given: Vec::new(), steps: Vec::new() });
            }
            headed = true;
            continue;
        }
        if line.is_empty() {
            continue;
        }
        headed = false;
        let story = stories.last_mut().unwrap_or_else(|| panic!("{file}:{}: no sentence before", number + 1));
        match line.strip_prefix("given ") {
            Some(given) => story.given.push(given.trim().to_string()),
            None => story.steps.push(step(file, number + 1, line)),
        }
    }
    stories
}

fn step(file: &str, line: usize, text: &str) -> Step {
    let (left, right) = text.split_once('|').unwrap_or_else(|| panic!("{file}:{line}: no bar"));
    let (time, event) = left.trim().split_once(' ').unwrap_or((left.trim(), ""));
    let seconds: f64 =
        time.strip_suffix('s').and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("{file}:{line}: no time"));
    let follows = right.split(',').map(|word| word.trim().to_string()).filter(|word| !word.is_empty()).collect();
    Step { line, at_ms: (seconds * 1000.0).round() as u64, event: event.trim().to_string(), follows }
}

impl Story {
    /// What went otherwise than written.
    pub fn play(&self, stage: &mut dyn Stage) -> Option<String> {
        let mut wrong = String::new();
        for step in &self.steps {
            stage.pass(step.at_ms);
            if !step.event.is_empty() {
                let early = stage.follows();
                if !early.is_empty() {
                    let _ = writeln!(wrong, "  line {}: before it came {}", step.line, early.join(", "));
                }
                if let Err(panic) = catch_unwind(AssertUnwindSafe(|| stage.act(&step.event))) {
                    let why = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                    let came = stage.follows().join(", ");
                    let _ = writeln!(wrong, "  line {}: {}: {why} (came {came})", step.line, step.event);
                    break;
                }
            }
            stage.check();
            let mut came = stage.follows();
            let mut follows = step.follows.clone();
            came.sort();
            follows.sort();
            if came != follows {
                let _ = writeln!(wrong, "  line {}: {}", step.line, step.event);
                let _ = writeln!(wrong, "    written  {}", follows.join(", "));
                let _ = writeln!(wrong, "    came     {}", came.join(", "));
            }
        }
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| stage.end())) {
            let _ = writeln!(wrong, "  in the end: {}", panic.downcast_ref::<String>().cloned().unwrap_or_default());
        }
        (!wrong.is_empty()).then(|| format!("{}\n{wrong}", self.name))
    }
}
