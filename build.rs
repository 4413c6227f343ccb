//! Embeds the built panel, each file of `web/dist` with the `.br` and `.gz` that the web build laid beside it, and
//! the phrases and music of `sounds`, and the panel's words, for files that the box writes.

use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::Hasher,
    io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    panel()?;
    words()?;
    sounds()
}

fn panel() -> io::Result<()> {
    let web = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo names it")).join("web");
    let dist = web.join("dist");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        println!("cargo::rerun-if-changed=web/dist");
        collect(&dist, &mut files)?;
    } else {
        // Not `web/dist`: cargo would run this anew at every build while it is not there.
        println!("cargo::rerun-if-changed=web");
        tell_of_missing_panel();
    }
    files.sort();
    let entries: String = files.iter().map(|file| entry(&dist, file)).collect::<io::Result<_>>()?;
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo names it")).join("panel.rs");
    fs::write(out, format!("&[\n{entries}]\n"))
}

/// Each file of `web/locale` by its path without the ending: `zh`, `noun/agent`.
fn words() -> io::Result<()> {
    let locale = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo names it")).join("web/locale");
    println!("cargo::rerun-if-changed=web/locale");
    let mut files = Vec::new();
    collect(&locale, &mut files)?;
    files.sort();
    let told = files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "json"));
    let entries: String = told
        .map(|file| {
            let name = file.strip_prefix(&locale).expect("it lies there").with_extension("");
            format!("({:?}, include_str!({:?})),\n", name.to_string_lossy(), file.to_string_lossy())
        })
        .collect();
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo names it")).join("words.rs");
    fs::write(out, format!("&[\n{entries}]\n"))
}

/// What is given away has its panel; who works on another part may do without.
fn tell_of_missing_panel() {
    let level = if env::var("PROFILE").is_ok_and(|profile| profile == "release") { "error" } else { "warning" };
    println!("cargo::{level}=the panel is not built into this program: run `make web` first (it needs node and npm)");
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if !packed(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn packed(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "br" || end == "gz")
}

fn entry(dist: &Path, file: &Path) -> io::Result<String> {
    let path = file.strip_prefix(dist).expect("found below it").to_str().expect("a plain name");
    let mut hash = DefaultHasher::new();
    hash.write(&fs::read(file)?);
    let bytes = |path: &Path| format!("include_bytes!({:?})", path.display().to_string());
    let packed = |end: &str| {
        let path = PathBuf::from(format!("{}.{end}", file.display()));
        if path.is_file() { format!("Some({})", bytes(&path)) } else { "None".into() }
    };
    Ok(format!(
        "    Asset {{ path: {path:?}, mark: \"{:016x}\", plain: {}, br: {}, gzip: {} }},\n",
        hash.finish(),
        bytes(file),
        packed("br"),
        packed("gz"),
    ))
}

/// `("en/echo_test", bytes)` for each WAV file.
fn sounds() -> io::Result<()> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo names it")).join("sounds");
    println!("cargo::rerun-if-changed=sounds");
    let mut files = Vec::new();
    collect(&folder, &mut files)?;
    files.retain(|file| file.extension().is_some_and(|end| end == "wav"));
    files.sort();
    let entries: String = files
        .iter()
        .map(|file| {
            let name = file.strip_prefix(&folder).expect("found below it").with_extension("");
            format!("    ({:?}, include_bytes!({:?})),\n", name.display().to_string(), file.display().to_string())
        })
        .collect();
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo names it")).join("sounds.rs");
    fs::write(out, format!("&[\n{entries}]\n"))
}
