//! How an import begins: the file is looked at, its columns are matched, the choices are held against the office, and a
//! job takes it (CUS-49 to CUS-66).

use super::{
    super::{
        super::{Panel, body, on_disk, query::Query, refused::Refused, rest, site::Asker, words},
        begin::begun,
        disposition,
        encode::{self, Encode},
        files, new,
        upload::Upload,
    },
    fields,
    plan::Plan,
};
use crate::{
    history::job::JobType,
    model::{self, Preferences},
    schema::{
        Action, Actor, Id, Import, Refusals, Resource, Tenant, Why, csv,
        csv::read::{Mark, Reader, Record, separator_of},
        import::{Columns, Made},
        resource::CUSTOM,
        rule,
    },
    store::{NotWritten, Store, Write},
    time::Timestamp,
};
use axum::{
    Extension, Json,
    body::Body,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::{
    fs::File,
    io::{BufReader, Cursor, Read},
    sync::Arc,
};

/// Of the file that is looked at before it is imported.
const HEAD_BYTES: u64 = 512 * 1024;
const SAMPLES: usize = 5;
/// Further names that are tried for a row that is made in a second in which another was made.
const NAMES_MAX: u32 = 1_000;

/// `GET /panel/{path}/import?upload=…&encoding=…`: what the columns are, and which fields they seem to be (CUS-50). What
/// is chosen for all rows may be said as well: fields of the office differ from part to part.
pub async fn look(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    let (resource, import) = importing(&asker, &path)?;
    let of = model::resource(import.noun).ok_or_else(Refused::not_found)?;
    let known: Vec<&str> = ["upload", "encoding"].into_iter().chain(of.within).collect();
    asked.only(&known)?;
    let upload = found(&panel, &asker, asked.text("upload"))?;
    let tenant = panel.door.store.tenant();
    let chosen = part(&tenant, of, &asked);
    let encoding = asked.text("encoding").map_or(upload.encodings.first().copied(), |named| {
        upload.encodings.iter().copied().find(|known| *known == named)
    });
    let fields = fields::of(&tenant, &asker.access, &import, &chosen);
    let mut told = json!({
        "upload": upload.token, "name": upload.name, "bytes": upload.bytes, "encodings": upload.encodings,
        "encoding": encoding, "columns": [], "page": page_of(&asker, resource),
        "fields": fields.iter().map(fields::Field::told).collect::<Vec<_>>(),
    });
    let Some(encoding) = encoding else { return Ok(Json(told)) };
    let head = on_disk(move || head(&panel, &upload, encoding)).await?;
    told["separator"] = head.separator.to_string().into();
    told["columns"] = head.columns(&fields);
    Ok(Json(told))
}

/// `POST /panel/{path}/import`
pub async fn start(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Refused> {
    let (resource, import) = importing(&asker, &path)?;
    let page = page_of(&asker, resource);
    let options = body::object(body).await?;
    let token = options.get("upload").and_then(Value::as_str).map(str::to_string);
    let number = on_disk(move || {
        panel.door.store.room_for_a_job()?;
        // Of two who begin with one file, the second finds it gone.
        let upload = token.as_deref().and_then(|token| panel.jobs.uploads.take(token, &asker.actor()));
        let upload = upload.ok_or_else(missing)?;
        let begun = begin(&panel, &asker, page, import, &upload, options);
        // What was refused can be put right, with the same file.
        begun.inspect_err(|_| panel.jobs.uploads.hold(upload))
    })
    .await?;
    Ok(begun(number))
}

/// `GET /panel/{path}/import_template`: a file whose headings are the fields (CMP-12).
pub async fn template(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    asked: Query,
) -> Result<Response, Refused> {
    let (resource, import) = importing(&asker, &path)?;
    let of = model::resource(import.noun).ok_or_else(Refused::not_found)?;
    let known: Vec<&str> = ["language"].into_iter().chain(of.within).collect();
    asked.only(&known)?;
    let tenant = panel.door.store.tenant();
    let chosen = part(&tenant, of, &asked);
    let preferences = Preferences::of(&tenant);
    let words = words::of(asked.text("language").unwrap_or(preferences.language.word()));
    let fields = fields::of(&tenant, &asker.access, &import, &chosen);
    let encode = Encode::of(preferences.export_encoding);
    let line = csv::line(fields.iter().map(|field| field.label(words, import.noun)));
    let kind = [
        (header::CONTENT_TYPE, encode.charset_kind()),
        (header::CONTENT_DISPOSITION, disposition(&format!("{}_template.csv", resource.path))),
    ];
    Ok((kind, [encode.begin(), &encode.bytes(line)].concat()).into_response())
}

/// The part of which the rows shall be: it is said, or there is no other.
fn part(tenant: &Tenant, of: &Resource, asked: &Query) -> Map<String, Value> {
    let begins = || rule::beginnings(of, tenant).into_iter().find(|(field, _)| of.within == Some(field));
    let said = of.within.and_then(|field| Some((field, asked.text(field)?.into())));
    said.or_else(begins).map(|(field, part)| (field.to_owned(), part)).into_iter().collect()
}

fn importing(asker: &Asker, path: &str) -> Result<(&'static Resource, Import), Refused> {
    let resource = rest::resource(asker, path)?;
    let import = resource.import.ok_or_else(Refused::not_found)?;
    rest::must(asker, resource, Action::Import)?;
    Ok((resource, import))
}

/// The list that it is started on: that of who acts as the upstream has another name.
fn page_of(asker: &Asker, resource: &Resource) -> String {
    let given = if asker.access.acting { rest::GIVEN } else { "" };
    format!("{given}{}", resource.path)
}

fn found(panel: &Panel, asker: &Asker, token: Option<&str>) -> Result<Upload, Refused> {
    panel.jobs.uploads.find(token.ok_or_else(missing)?, &asker.actor()).ok_or_else(missing)
}

fn missing() -> Refused {
    Refusals::one("upload", Why::NotThere).into()
}

fn begin(
    panel: &Panel,
    asker: &Asker,
    page: String,
    import: Import,
    upload: &Upload,
    mut options: Map<String, Value>,
) -> Result<u64, Refused> {
    let (store, at) = (&panel.door.store, (panel.door.clock)().wall);
    let named = options.get("encoding").and_then(Value::as_str).unwrap_or("utf-8");
    // CUS-49: nothing is stored garbled.
    let fitting = upload.encodings.iter().copied().find(|known| *known == named);
    let encoding = fitting.ok_or_else(|| Refused::from(Refusals::one("encoding", Why::Pattern)))?;
    let head = head(panel, upload, encoding)?;
    let headings = head.headings()?;
    options.insert("encoding".into(), encoding.into());
    options.insert("separator".into(), head.separator.to_string().into());
    // First without what is to be made, so that nothing is made for options that are refused.
    let labels = without_new_fields(&mut options)?;
    let plan = Plan::read(&store.tenant(), &asker.access, import, &options, &headings)?;
    add_fields(store, asker, &import, &plan, labels, at, &mut options)?;
    add_chosen(store, asker, &import, &plan, at, &mut options)?;
    say_key(store, &import, &plan, at)?;
    Plan::read(&store.tenant(), &asker.access, import, &options, &headings)?;
    options.shift_remove("upload");
    let job = new(JobType::Import, &page, asker.actor(), at, upload.name.clone(), Value::Object(options));
    let from = panel.jobs.uploads.path(&upload.token);
    Ok(panel.jobs.begin(job, |files, number| std::fs::rename(&from, files.input(number)))?)
}

/// Columns that shall become fields, by their numbers and labels; the others stay.
fn without_new_fields(options: &mut Map<String, Value>) -> Result<Vec<(Value, String)>, Refused> {
    let mut labels = Vec::new();
    let Some(columns) = options.get_mut("columns").and_then(Value::as_array_mut) else { return Ok(labels) };
    for column in columns.iter().filter(|column| !column["new_field"].is_null()) {
        let label = column["new_field"].as_str().map(str::trim).filter(|label| !label.is_empty());
        let label = label.ok_or_else(|| Refused::from(Refusals::one("columns", Why::Type)))?;
        labels.push((column["column"].clone(), label.to_string()));
    }
    columns.retain(|column| column["new_field"].is_null());
    Ok(labels)
}

/// CUS-51
fn add_fields(
    store: &Store,
    asker: &Asker,
    import: &Import,
    plan: &Plan,
    labels: Vec<(Value, String)>,
    at: Timestamp,
    options: &mut Map<String, Value>,
) -> Result<(), Refused> {
    if labels.is_empty() {
        return Ok(());
    }
    let made = import.new_field.ok_or_else(|| Refused::from(Refusals::one("columns", Why::Unknown)))?;
    let noun = model::resource(made.noun).ok_or_else(Refused::not_found)?;
    rest::must(asker, noun, Action::Add)?;
    let within = plan.belongs_to().map(|(_, id)| id).unwrap_or_default();
    for (column, label) in labels {
        let value = (made.value)(&store.tenant(), within, &label);
        let name = value["name"].as_str().unwrap_or_default().to_string();
        store.write_as(&asker.access, at, made.noun, Write::Add { value })?;
        let columns = options.entry("columns").or_insert_with(|| json!([]));
        if let Some(columns) = columns.as_array_mut() {
            columns.push(json!({ "column": column, "field": format!("{CUSTOM}.{name}") }));
        }
    }
    Ok(())
}

/// CUS-53, SRC-2: a row is made for a field for which none was chosen, called by the time.
fn add_chosen(
    store: &Store,
    asker: &Asker,
    import: &Import,
    plan: &Plan,
    at: Timestamp,
    options: &mut Map<String, Value>,
) -> Result<(), Refused> {
    let Some(made) = import.made.filter(|made| !plan.chosen.contains_key(made.field)) else { return Ok(()) };
    let id = add_named(store, asker.actor(), made, &written_out(&store.tenant(), at), at)?;
    let chosen = options.entry("chosen").or_insert_with(|| json!({}));
    chosen[made.field] = json!(id);
    Ok(())
}

/// A second one of the same second has "-2" behind its name, and so on (SRC-8 reading).
fn add_named(store: &Store, by: Actor, made: Made, name: &str, at: Timestamp) -> Result<Id, Refused> {
    for number in 1..=NAMES_MAX {
        let name = if number == 1 { name.to_string() } else { format!("{name}-{number}") };
        let value = (made.value)(&store.tenant(), Id::default(), &name);
        match store.write(&by, at, made.noun, Write::Add { value }) {
            Err(NotWritten::Refused(refusals)) if refusals.word().0 == "name_taken" => {}
            written => return Ok(written?.id),
        }
    }
    Err(Refusals::whole(Why::NameTaken).into())
}

fn written_out(tenant: &Tenant, at: Timestamp) -> String {
    let zone = TimeZone::get(&Preferences::of(tenant).time_zone).unwrap_or(TimeZone::UTC);
    let moment = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(zone);
    moment.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// DIC-10: the first file says which column is the key.
fn say_key(store: &Store, import: &Import, plan: &Plan, at: Timestamp) -> Result<(), Refused> {
    let Columns::Headings { said_in, .. } = import.columns else { return Ok(()) };
    let (Some((noun, id)), Some(heading)) = (plan.belongs_to(), plan.key_heading()) else { return Ok(()) };
    let value = Map::from_iter([(said_in.to_string(), heading.into())]);
    store.write(&Actor::System, at, noun, Write::Change { id, rev: None, value })?;
    Ok(())
}

/// The first records of a file.
struct Head {
    separator: char,
    records: Vec<Record>,
}

impl Head {
    fn headings(&self) -> Result<Vec<String>, Refused> {
        let first = self.records.first().map(|record| record.cells.clone());
        first.ok_or_else(|| Refusals::one("upload", Why::Pattern).into())
    }

    /// Each column with the field that its heading means; of several that mean one, the first.
    fn columns(&self, fields: &[fields::Field]) -> Value {
        let Some((first, rest)) = self.records.split_first() else { return json!([]) };
        let mut taken: Vec<&str> = Vec::new();
        let columns = first.cells.iter().enumerate().map(|(number, heading)| {
            let field = fields::meant(fields, heading).filter(|field| !taken.contains(&&*field.path));
            taken.extend(field.map(|field| &*field.path));
            let samples: Vec<_> = rest.iter().filter_map(|record| record.cells.get(number)).take(SAMPLES).collect();
            json!({ "column": number, "heading": heading, "field": field.map(|field| &field.path), "samples": samples })
        });
        columns.collect()
    }
}

fn head(panel: &Panel, upload: &Upload, encoding: &str) -> Result<Head, Refused> {
    let path = panel.jobs.uploads.path(&upload.token);
    let mut bytes = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut bytes));
    read.map_err(|error| files::fault(&path, error))?;
    let text = encode::decoded(encoding, &bytes);
    let separator = separator_of(text.lines().next().unwrap_or_default());
    let first = Mark::first(text.as_bytes());
    let reader = Reader::new(BufReader::new(Cursor::new(text.as_bytes())), separator, first);
    let mut reader = reader.map_err(|error| files::fault(&path, error))?;
    let mut records = Vec::new();
    while records.len() <= SAMPLES {
        match reader.record().map_err(|error| files::fault(&path, error))? {
            None => break,
            Some(Ok(record)) => records.push(record),
            // A heading that is broken says nothing about the columns.
            Some(Err(_)) if records.is_empty() => break,
            Some(Err(_)) => {}
        }
    }
    Ok(Head { separator, records })
}
