//! How the fields of a noun stand in its form where the office orders them itself: what a form is drawn from beside its
//! declaration.

use super::{Panel, query::Query, refused::Refused, rest, site::Asker};
use crate::{
    model,
    schema::{Action, resource::CUSTOM},
};
use axum::{
    Extension, Json,
    extract::{Path, State},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /panel/{path}/fields?{part}=…`: the fields of rows of a part in their order, without those that the asker is not
/// shown. With `whole=true` all of them, for who orders them.
pub async fn fields(
    State(panel): State<Arc<Panel>>,
    Extension(asker): Extension<Asker>,
    Path(path): Path<String>,
    asked: Query,
) -> Result<Json<Value>, Refused> {
    let resource = rest::resource(&asker, &path)?;
    let (within, form) = resource.within.zip(resource.form).ok_or_else(Refused::not_found)?;
    asked.only(&[within, "whole"])?;
    let whole = asked.text("whole") == Some("true");
    if whole {
        let form = model::resource(form).ok_or_else(Refused::not_found)?;
        rest::must(&asker, form, Action::Edit)?;
    } else {
        asker.must(resource, "view")?;
    }
    let tenant = panel.door.store.tenant();
    let part = asked.text(within).map(rest::number).transpose()?.or_else(|| resource.part(&tenant));
    let of = json!({ within: part });
    let custom = resource.custom(&tenant, &of).unwrap_or_default();
    let kept = if whole { Default::default() } else { resource.kept_from(&tenant, &asker.access, &of) };
    let placed = resource.layout(&tenant, &of).unwrap_or_default().into_iter();
    let seen = |field: &str| match field.strip_prefix(CUSTOM) {
        Some(_) => !kept.unseen.contains(field) && (whole || asker.access.sees(resource, CUSTOM)),
        None => whole || asker.access.sees(resource, field),
    };
    let told = placed.filter(|placed| seen(&placed.field)).map(|placed| {
        let mut told = json!(placed);
        told["edit"] = kept.edits(&placed.field).into();
        let own = placed.field.strip_prefix(CUSTOM).and_then(|name| name.strip_prefix('.'));
        told["schema"] = own.map_or(Value::Null, |name| custom["properties"][name].clone());
        told
    });
    Ok(Json(json!({ "items": told.collect::<Vec<_>>() })))
}
