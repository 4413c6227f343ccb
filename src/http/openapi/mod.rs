//! What programs are told of the API: an OpenAPI 3.1 document, made from the declarations, so that it cannot lag.

mod calls;
mod fields;
mod kinds;
mod nouns;
mod operation;
mod refusals;

use super::{idempotency, refused::Refused, site::Asker};
use crate::model::RESOURCES;
use axum::{
    Extension,
    http::header,
    response::{IntoResponse, Response},
};
use operation::{header, if_match, operation, page, paging, path, query};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const TEXT: &str = include_str!("text.md");
static TOLD: LazyLock<String> = LazyLock::new(|| document().to_string());

/// `GET /api/v1/openapi.json`
pub async fn for_programs() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TOLD.as_str()).into_response()
}

/// `GET /panel/openapi.json`: for whoever may look at API access.
pub async fn for_pages(Extension(asker): Extension<Asker>) -> Result<Response, Refused> {
    asker.access.must("api_access.view")?;
    Ok(for_programs().await)
}

/// The whole document.
pub fn document() -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    schemas.insert("error".into(), refusals::schema());
    let offered = RESOURCES.iter().filter(|resource| resource.programs && resource.listed());
    offered.for_each(|resource| nouns::told(resource, &mut paths, &mut schemas));
    calls::told(&mut paths, &mut schemas);
    let own = operation("openapi", "show", "Show this document", Vec::new(), refusals::READING.iter().copied())
        .reads()
        .answers(200, "An OpenAPI 3.1 document.", json!({ "type": "object" }));
    paths.insert("/openapi.json".into(), json!({ "get": own.told() }));
    let responses = refusals::shared(&mut paths);
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Callbox", "version": env!("CARGO_PKG_VERSION"), "description": TEXT },
        "servers": [{ "url": "/api/v1" }],
        "security": [{ "key": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "description": "The key of the page API access." } },
        },
    })
}

fn idempotency_key() -> Value {
    let text = "A word of the program's own, up to 255 characters: the same request with the same word within 24 hours is \
                answered as the first was, and done once.";
    let mut told = header(idempotency::HEADER, text);
    told["schema"] =
        json!({ "type": "string", "minLength": 1, "maxLength": idempotency::CHARACTERS_MAX, "pattern": "^[!-~]+$" });
    told
}
