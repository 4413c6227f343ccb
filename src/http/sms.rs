//! Text messages that programs want sent (API-44). What is asked is looked at first, so that whoever writes a program
//! hears what is wrong with it; a box without a gateway then says so.

use super::{body, refused::Refused};
use crate::schema::{Refusals, check, kind::line::Form, kind::phone::Telephone};
use axum::{body::Body, http::StatusCode};
use serde_json::{Value, json};

pub const CHARACTERS_MAX: u64 = 500;

/// `POST /api/v1/sms`
pub async fn send(body: Body) -> Result<StatusCode, Refused> {
    let given = body::object(body).await?;
    let mut refusals = Refusals::default();
    check::fields(&schema(), &given, true, &mut refusals);
    refusals.so_far()?;
    Err(Refused::new(501, "sms_not_configured", "No SMS gateway is configured in this box."))
}

fn schema() -> Value {
    json!({
        "properties": {
            "number": {
                "type": "string", "minLength": Telephone::MIN, "maxLength": Telephone::MAX, "x-kind": Telephone::KIND,
            },
            "content": { "type": "string", "minLength": 1, "maxLength": CHARACTERS_MAX, "x-kind": "lines" },
        },
        "required": ["number", "content"],
    })
}
