//! Stories of an office: left what happens, right everything that follows. One file of `tests/scenario/` is a
//! handful of stories about one thing; each is played by phones that speak to `call` directly and by phones that
//! speak SIP.

mod act;
pub mod carrier;
mod direct;
pub mod ears;
pub mod office;
pub mod phone;
pub mod rows;
mod story;
pub mod wired;
pub mod work;

use std::{fs, path::Path};
use story::{Stage, Story};

/// FEA, AGT, DSK, CDR and PRF rows as each story names them.
#[test]
fn every_story_goes_as_written() {
    play_all("at the calls", |story| Box::new(direct::Direct::new(story)));
}

/// The same stories, told in SIP messages.
#[test]
fn every_story_goes_as_written_in_sip() {
    play_all("in SIP", |story| Box::new(wired::Wired::new(story)));
}

fn play_all(how: &str, stage: impl Fn(&Story) -> Box<dyn Stage>) {
    let stories = stories();
    let only = std::env::var("STORY").unwrap_or_default();
    let mut wrong = Vec::new();
    let elsewhere = if how == "in SIP" { "at the calls" } else { "in SIP" };
    let here = |story: &&Story| !story.given.iter().any(|line| line == elsewhere);
    for story in stories.iter().filter(here).filter(|story| story.name.contains(&only)) {
        let mut stage = stage(story);
        wrong.extend(story.play(&mut *stage));
    }
    assert!(wrong.is_empty(), "{how}:\n{}", wrong.join("\n"));
    assert!(stories.len() >= 40, "only {} stories", stories.len());
}

fn stories() -> Vec<Story> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "txt"));
    files.sort();
    files
        .iter()
        .flat_map(|path| {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            story::read(&file, &fs::read_to_string(path).unwrap())
        })
        .collect()
}
