//! Sounds that people bring along: taken in whole, heard, downloaded, freed (numbers-and-media.md, "Media files").

use super::{
    HOUR, Office,
    nouns::{Panel, id, refusal},
    refused,
};
use callbox::audio::wav::{self, Form};
use serde_json::{Value, json};
use std::{fs, io::Write, path::PathBuf, time::Duration};

const STEREO: &[u8] = include_bytes!("../sounds/tone-44100-stereo.mp3");
const ALL: &[&str] = &["download", "add", "edit", "delete"];

impl Office {
    /// A media file; gives its id.
    pub fn sound(&self, name: &str, of: &str) -> String {
        self.put("media", json!({ "name": name, "type": of, "file": self.file(name) }))
    }

    /// A file that is kept until the next hour; gives its hash.
    pub fn file(&self, what: &str) -> String {
        let mut new = self.store.new_file(what).unwrap();
        new.write_all(what.as_bytes()).unwrap();
        let told = json!({ "extension": "wav", "duration": 1, "size": what.len() });
        let at = self.clock.lock().unwrap().wall;
        self.store.keep_file(new, told.as_object().unwrap().clone(), at).unwrap()
    }

    /// What lies in the directory of media files.
    pub fn on_disk(&self) -> Vec<PathBuf> {
        let mut paths: Vec<_> =
            fs::read_dir(self.dir.path().join("media")).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }
}

impl Panel {
    async fn upload(&self, bytes: &[u8]) -> super::Response {
        let request = self.office.page("POST", "/panel/uploads/media/file").with("Cookie", &self.cookie);
        self.office.send(request.bytes(bytes.to_vec())).await
    }

    async fn uploaded(&self, bytes: &[u8]) -> String {
        let response = self.upload(bytes).await;
        assert_eq!(response.status, 201, "{response:?}");
        response.json()["file"].as_str().unwrap().into()
    }

    async fn part(&self, path: &str, range: &str) -> super::Response {
        let request = self.office.page("GET", &format!("/panel/{path}")).with("Cookie", &self.cookie);
        self.office.send(request.with("Range", range)).await
    }
}

/// A second of a WAV of 8 kHz, loud as `sample` says.
fn wav_of(sample: i16) -> Vec<u8> {
    let mut file = wav::head(Form::Prompt, 8_000).to_vec();
    (0..8_000).for_each(|_| file.extend(sample.to_le_bytes()));
    file
}

/// MED-1..5, MED-8..11, MED-14, MED-15, MED-18, MED-19
#[tokio::test(flavor = "multi_thread")]
async fn media() {
    let panel = Panel::new().await;
    let file = panel.office.file("held");
    panel.office.put("media", json!({ "name": "Held", "type": "voice", "file": file }));
    let media = panel.noun("media", json!({ "name": "Sound #", "type": "voice", "file": file }));
    media
        .is(&[
            ("MED-1", "may", "add edit delete download"),
            ("MED-2", "search", "name description"),
            (
                "MED-9, MED-10, MED-11, MED-14, MED-16, MED-18, MED-19",
                "general",
                "number name type file category description extension duration size",
            ),
        ])
        .await;
    media.hides_columns("MED-3", "name number type extension duration category size description").await;
    media.is_granted_one_by_one("MED-1", ALL).await;
    media.goes_by_condition("MED-4").await;
    panel.office.put("media", json!({ "name": "Held", "type": "voice", "file": panel.office.file("held") }));
    let typed = json!({ "name": "Welcome", "description": "in the morning", "type": "hold_music", "category": "Jazz" });
    media.is_found_by("MED-2", typed, &["name", "description"]).await;
    media
        .refuses(&[
            ("MED-10", json!({ "name": " " }), "name required"),
            ("MED-10", json!({ "name": "x".repeat(65) }), "name too_long 64"),
            ("MED-10", json!({ "name": "HELD" }), "name_taken name"),
            ("MED-11", json!({ "type": null }), "type required"),
            ("MED-11", json!({ "type": "ringtone" }), "type choice"),
            ("MED-15", json!({ "type": "hold_music", "category": "Jazz1" }), "category pattern"),
            ("MED-15", json!({ "type": "hold_music", "category": "爵士" }), "category pattern"),
            ("MED-15", json!({ "type": "hold_music", "category": "x".repeat(33) }), "category too_long 32"),
            ("MED-16", json!({ "file": null }), "file required"),
            ("MED-16", json!({ "file": "" }), "file required"),
            ("MED-16", json!({ "file": "../../key" }), "file too_short 64"),
            ("MED-16", json!({ "file": "0a".repeat(32) }), "file not_there"),
            ("MED-9", json!({ "number": 7 }), "number read_only"),
            ("MED-19", json!({ "duration": 7 }), "duration read_only"),
            ("MED-19", json!({ "size": 7 }), "size read_only"),
            ("MED-19", json!({ "extension": "exe" }), "extension read_only"),
        ])
        .await;
    let row = media.add(json!({ "type": "hold_music", "category": "Jazz" })).await;
    assert_eq!(row["number"].to_string(), id(&row), "MED-9: the system gives it");
    assert_eq!((&row["extension"], &row["duration"], &row["size"]), (&json!("wav"), &json!(1), &json!(4)), "MED-19");
    media.keeps(&id(&row), &[("MED-9", json!({ "number": 70 }), "number read_only")]).await;
    let changed = json!({ "name": "New", "description": "x", "category": "Pop" });
    media.becomes(&id(&row), &[("MED-5, MED-14, MED-18", changed.clone(), changed)]).await;
}

/// MED-6, MED-7, MED-16, MED-17, MED-19 and its readings: what is uploaded becomes what calls play, is heard from any
/// place, and downloaded as WAV under its name.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_becomes_what_calls_play() {
    let panel = Panel::new().await;
    let response = panel.upload(STEREO).await;
    assert_eq!(response.status, 201, "{response:?}");
    let told = json!({ "extension": "mp3", "duration": 1, "size": STEREO.len() });
    assert_eq!(response.json()["told"], told, "MED-19");
    let hash = response.json()["file"].as_str().unwrap().to_owned();
    let unsaved = panel.ask("GET", &format!("media/files/{hash}"), Value::Null).await;
    assert_eq!((unsaved.status, unsaved.header("content-type")), (200, Some("audio/wav")), "MED-17");
    let samples = (unsaved.body.len() - Form::Prompt.head()) / 2;
    assert!((8_000..9_600).contains(&samples), "a second at 8 kHz: {samples}");
    assert_eq!(unsaved.body[..Form::Prompt.head()], wav::head(Form::Prompt, samples as u32)[..]);

    let row = panel.noun("media", json!({ "type": "voice" })).add(json!({ "name": "问候", "file": hash })).await;
    assert_eq!(
        (&row["extension"], &row["duration"], &row["size"]),
        (&told["extension"], &told["duration"], &told["size"])
    );
    let kept = panel.ask("GET", &format!("media/{}/file", id(&row)), Value::Null).await;
    let named = "attachment; filename=\"__.wav\"; filename*=UTF-8''%E9%97%AE%E5%80%99.wav";
    assert_eq!(kept.header("content-disposition"), Some(named), "MED-7");
    assert_eq!(kept.body, unsaved.body);

    let whole = &unsaved.body;
    let path = format!("media/files/{hash}");
    for (range, status, from, to) in [
        ("bytes=0-", 206, 0, whole.len()),
        ("bytes=100-199", 206, 100, 200),
        ("bytes=-10", 206, whole.len() - 10, whole.len()),
    ] {
        let part = panel.part(&path, range).await;
        assert_eq!((part.status, &part.body[..]), (status, &whole[from..to]), "MED-6: {range}");
        let told = format!("bytes {from}-{}/{}", to - 1, whole.len());
        assert_eq!(part.header("content-range"), Some(&*told));
    }
    let beyond = panel.part(&path, "bytes=99999999-").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some(&*format!("bytes */{}", whole.len()))));
    let tag = unsaved.header("etag").unwrap().to_owned();
    let again = panel.office.page("GET", &format!("/panel/{path}")).with("Cookie", &panel.cookie);
    assert_eq!(panel.office.send(again.with("If-None-Match", &tag)).await.status, 304);

    // Another sound in its place frees the first, and counts from then on.
    let second = panel.uploaded(&wav_of(100)).await;
    panel
        .noun("media", json!({}))
        .becomes(
            &id(&row),
            &[("MED-5", json!({ "file": second }), json!({ "extension": "wav", "duration": 1, "size": 16_044 }))],
        )
        .await;
    assert_eq!(panel.ask("GET", &path, Value::Null).await.status, 404);
    assert_eq!(panel.office.on_disk().len(), 1);
    // What was changed is on the disk when it is answered, with all before it.
    let audited = panel.get("audit").await;
    assert_eq!(audited["items"][1]["action"], "download media", "{audited}");
}

/// MED-16 reading: refused on the field, by content and not by name, and nothing of it stays.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_sound_is_refused_with_the_reason() {
    let panel = Panel::new().await;
    let good = wav_of(1);
    for (bytes, why) in [
        (&b""[..], "file not_sound"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "file not_sound"),
        (b"PK\x03\x04", "file not_sound"),
        (&good[..good.len() - 2], "file cut_off"),
        (&STEREO[..STEREO.len() - 50], "file cut_off"),
    ] {
        assert_eq!(refusal(&panel.upload(bytes).await), why, "MED-16");
    }
    let mut hours = wav_of(1);
    hours[24..28].copy_from_slice(&4_000_u32.to_le_bytes());
    hours[28..32].copy_from_slice(&4_000_u32.to_le_bytes());
    hours[32..36].copy_from_slice(&[1, 0, 8, 0]);
    let samples = 4_000 * 3_600 + 1;
    hours[40..44].copy_from_slice(&(samples as u32).to_le_bytes());
    hours.truncate(44);
    hours.resize(44 + samples, 128);
    assert_eq!(refusal(&panel.upload(&hours).await), "file lasts_too_long 60", "MED-16 reading");
    let large = panel.upload(&vec![0; 20 * 1024 * 1024 + 1]).await;
    assert_eq!(large.refusal(), refused(413, "too_large"), "MED-16 reading");
    assert_eq!(panel.office.on_disk(), [] as [PathBuf; 0]);
    let jobs = panel.office.dir.path().join("jobs");
    assert_eq!(fs::read_dir(jobs).unwrap().count(), 0, "nothing waits");
    assert_eq!(panel.ask("POST", "uploads/media/name", Value::Null).await.status, 404);
    assert_eq!(panel.ask("POST", "uploads/agents/file", Value::Null).await.status, 404);
}

/// MED-1: without the right to add or edit nobody brings a sound, without that to download nobody takes one away.
#[tokio::test(flavor = "multi_thread")]
async fn sounds_are_for_whose_role_grants_them() {
    let panel = Panel::new().await;
    let office = &panel.office;
    let media = office.sound("Hello", "voice");
    let hash = office.file("Hello");
    let (role, _) = office.helper("hana", &[]);
    let cookie = office.cookie("hana").await;
    let ask = async |method: &str, path: &str| {
        let request = office.page(method, &format!("/panel/{path}")).with("Cookie", &cookie);
        let request = if method == "POST" { request.bytes(wav_of(5)) } else { request };
        office.send(request).await.status
    };
    let (heard, taken) = (format!("media/files/{hash}"), format!("media/{media}/file"));
    for (rights, [hears, takes, brings]) in [
        (json!([]), [403, 403, 403]),
        (json!(["media.view"]), [200, 403, 403]),
        (json!(["media.view", "media.download"]), [200, 200, 403]),
        (json!(["media.view", "media.add"]), [200, 403, 201]),
        (json!(["media.view", "media.edit"]), [200, 403, 201]),
    ] {
        office.set("role", &role, json!({ "permissions": rights }));
        let found = [ask("GET", &heard).await, ask("GET", &taken).await, ask("POST", "uploads/media/file").await];
        assert_eq!(found, [hears, takes, brings], "MED-1: {rights}");
    }
    let nobody = office.send(office.page("GET", &format!("/panel/{heard}"))).await;
    assert_eq!(nobody.refusal(), refused(401, "unauthorized"));
}

/// MED-8, MED-4 and their readings: a file goes with the last row that names it; one that is used stays, and it is told
/// where.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_sound_is_gone_from_the_disk() {
    let panel = Panel::new().await;
    let media = panel.noun("media", json!({ "name": "Sound #", "type": "voice" }));
    let (one, two) = (panel.uploaded(&wav_of(1)).await, panel.uploaded(&wav_of(2)).await);
    let first = id(&media.add(json!({ "file": one })).await);
    let same = id(&media.add(json!({ "file": one })).await);
    let second = id(&media.add(json!({ "file": two })).await);
    panel.add("playlists", json!({ "name": "Greetings", "media": [second] })).await;
    let used = panel.ask("DELETE", &format!("media/{second}"), Value::Null).await;
    assert_eq!((used.status, refusal(&used)), (409, "in_use".into()), "MED-8 reading");
    assert_eq!(used.json()["users"][0]["name"], "Greetings");
    assert_eq!(panel.ask("DELETE", &format!("media/{first}"), Value::Null).await.status, 204);
    assert_eq!(panel.office.on_disk().len(), 2, "another row names the same");
    let answer = panel.ask("POST", "media/delete", json!({ "search": "" })).await.json();
    assert_eq!((&answer["deleted"], &answer["refused"][0]["id"]), (&json!(1), &json!(second)), "MED-4 reading");
    assert_eq!(panel.ask("GET", &format!("media/{same}"), Value::Null).await.status, 404);
    assert_eq!(panel.office.on_disk(), [panel.office.dir.path().join("media").join(&two)]);
    let undone = panel.get(&format!("media/{first}/history")).await["items"][0]["revision"].clone();
    let response = panel.ask("POST", &format!("media/{first}/undo"), json!({ "revision": undone })).await;
    assert_eq!(refusal(&response), "file not_there", "its sound is gone");
}

/// MED-12, MED-13: what a prompt is for stays while anything plays it, and who does is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_sound_that_is_used_stays_what_it_is_for() {
    let panel = Panel::new().await;
    let sound = panel.office.sound("Hello", "voice");
    let music = json!({ "type": "hold_music" });
    let path = format!("media/{sound}");
    let playlist = panel.add("playlists", json!({ "name": "Greetings", "media": [sound] })).await;
    let used = panel.ask("PATCH", &path, music.clone()).await;
    assert_eq!((used.status, used.json()["error"].as_str()), (409, Some("in_use")), "{used:?}");
    let user = json!({ "noun": "playlist", "id": playlist, "name": "Greetings", "field": "media" });
    assert_eq!(used.json()["fields"]["type"], json!({ "why": "in_use", "users": [user] }));
    let kept = panel.ask("PATCH", &path, json!({ "type": "voice", "description": "still" })).await;
    assert_eq!(kept.status, 200, "{kept:?}");
    assert_eq!(panel.ask("DELETE", &format!("playlists/{playlist}"), Value::Null).await.status, 204);
    let free = panel.ask("PATCH", &path, music).await;
    assert_eq!((free.status, &free.json()["type"]), (200, &json!("hold_music")));
}

/// API-45, MED-16: programs bring sounds by the same door, and sent twice a sound is kept once.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_brings_a_sound() {
    let office = Office::new().await;
    let send = async |method: &str, path: &str, bytes: &[u8]| {
        let request = office.program(method, &format!("/api/v1/{path}")).bytes(bytes.to_vec());
        office.send(request.with("Content-Type", "audio/wav").with("Idempotency-Key", "again")).await
    };
    let (first, again) =
        (send("POST", "uploads/media/file", STEREO).await, send("POST", "uploads/media/file", STEREO).await);
    assert_eq!((first.status, again.status), (201, 201), "{first:?} {again:?}");
    assert_eq!(first.json(), again.json());
    let row = json!({ "name": "Brought", "type": "voice", "file": first.json()["file"] });
    let added = office.send(office.program("POST", "/api/v1/media").json(&row)).await;
    assert_eq!((added.status, &added.json()["duration"], &added.json()["extension"]), (201, &json!(1), &json!("mp3")));
    assert_eq!(office.on_disk().len(), 1);
    assert_eq!(refusal(&send("POST", "uploads/media/file", b"<svg/>").await), "file not_sound");
    assert_eq!(send("POST", "uploads/media/file?name=x", STEREO).await.json()["fields"]["name"]["why"], "unknown");
    for path in ["uploads/media/name", "uploads/agents/file", "uploads/accounts/file"] {
        assert_eq!(send("POST", path, STEREO).await.refusal(), refused(404, "not_found"), "{path}");
    }
    assert_eq!(send("PUT", "uploads/media/file", STEREO).await.refusal(), refused(405, "method_not_allowed"));
    let keyless = office.program("POST", "/api/v1/uploads/media/file").without("Authorization").bytes(wav_of(1));
    assert_eq!(office.send(keyless).await.refusal(), refused(401, "unauthorized"));
}

/// MED-16: what nobody saves goes after an hour; a power cut leaves no half file, and nothing that no row can name.
#[tokio::test(flavor = "multi_thread")]
async fn no_file_outlives_what_names_it() {
    let panel = Panel::new().await;
    let (saved, unsaved) = (panel.uploaded(&wav_of(1)).await, panel.uploaded(&wav_of(2)).await);
    panel.noun("media", json!({ "name": "Kept", "type": "voice" })).add(json!({ "file": saved })).await;
    let directory = panel.office.dir.path().join("media");
    fs::write(directory.join("token.new"), b"RIFF").unwrap();
    fs::write(directory.join("0b".repeat(32)), b"RIFF").unwrap();
    let office = panel.office.again(Duration::from_secs(1)).await;
    let mut kept = [directory.join(&saved), directory.join(&unsaved)];
    kept.sort();
    assert_eq!(office.on_disk(), kept, "what was answered is there");
    office.pass(HOUR + 1);
    let now = office.clock.lock().unwrap().wall;
    office.store.sweep_files(now).unwrap();
    assert_eq!(office.on_disk(), [directory.join(&saved)]);
    let row = office.store.row("media", callbox::schema::Id(1)).unwrap();
    assert_eq!(row["file"], json!(saved));
}

/// However many are uploaded and never saved, so many wait at most.
#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_nobody_saves_are_few() {
    let office = Office::new().await;
    let first = office.file("0");
    for n in 1..40 {
        office.pass(1);
        office.file(&n.to_string());
    }
    assert_eq!(office.on_disk().len(), 32);
    assert!(office.store.open_file(&office.file("39")).is_some() && office.store.open_file(&first).is_none());
}
