//! What a document of the API lost since another one: programs of then must get along with the box of now.

use serde_json::{Map, Value};

/// Which way a value goes: programs send it, or the box does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Sent,
    Answered,
}

/// Every reason why a program that knows `before` could fail with `after`; none: it was only added to.
pub fn taken_away(before: &Value, after: &Value) -> Vec<String> {
    let mut lost = Vec::new();
    for (path, then) in fields(&before["paths"]) {
        let now = &after["paths"][path];
        for (method, operation) in fields(then).filter(|(method, _)| *method != "parameters") {
            let place = format!("{method} {path}");
            match now.get(method) {
                None => lost.push(format!("{place} is gone")),
                Some(now) => operations(&Both { before, after }, &place, operation, now, &mut lost),
            }
        }
    }
    lost
}

struct Both<'a> {
    before: &'a Value,
    after: &'a Value,
}

fn operations(both: &Both, place: &str, then: &Value, now: &Value, lost: &mut Vec<String>) {
    for parameter in entries(&then["parameters"]) {
        let same = |other: &&Value| other["name"] == parameter["name"] && other["in"] == parameter["in"];
        let name = format!("{place} {}", parameter["name"]);
        match entries(&now["parameters"]).find(same) {
            None => lost.push(format!("{name} is gone")),
            Some(now) => {
                if now["required"] == true && parameter["required"] != true {
                    lost.push(format!("{name} is required"));
                }
                schemas(both, Way::Sent, &name, &parameter["schema"], &now["schema"], lost);
            }
        }
    }
    for new in entries(&now["parameters"]).filter(|new| new["required"] == true) {
        if !entries(&then["parameters"]).any(|known| known["name"] == new["name"]) {
            lost.push(format!("{place} {} is required", new["name"]));
        }
    }
    let body = |operation: &Value| operation["requestBody"]["content"]["application/json"]["schema"].clone();
    match (body(then), body(now)) {
        (Value::Null, Value::Null) => {}
        (Value::Null, _) => lost.push(format!("{place} asks for a body")),
        (_, Value::Null) => lost.push(format!("{place} takes no body")),
        (then, now) => schemas(both, Way::Sent, place, &then, &now, lost),
    }
    for (status, response) in fields(&then["responses"]).filter(|(status, _)| status.starts_with(['2', '3'])) {
        let now = &now["responses"][status];
        if now.is_null() {
            lost.push(format!("{place} {status} is gone"));
        }
        for (header, _) in fields(&response["headers"]).filter(|(header, _)| now["headers"][header].is_null()) {
            lost.push(format!("{place} {status} {header} is gone"));
        }
        let schema = |response: &Value| response["content"]["application/json"]["schema"].clone();
        schemas(both, Way::Answered, &format!("{place} {status}"), &schema(response), &schema(now), lost);
    }
}

fn schemas(both: &Both, way: Way, place: &str, then: &Value, now: &Value, lost: &mut Vec<String>) {
    if then.is_null() {
        return;
    }
    let (then, now) = (opened(both.before, then), opened(both.after, now));
    types(way, place, then, now, lost);
    words(place, then, now, lost);
    if way == Way::Sent {
        for (word, narrower) in
            [("minimum", 1), ("minLength", 1), ("minItems", 1), ("maximum", -1), ("maxLength", -1), ("maxItems", -1)]
        {
            narrowed(place, word, narrower, then, now, lost);
        }
    }
    let required = |schema: &Value, name: &str| entries(&schema["required"]).any(|known| known == name);
    for (name, field) in fields(&then["properties"]) {
        let inside = format!("{place}.{name}");
        match now["properties"].get(name) {
            None => lost.push(format!("{inside} is gone")),
            Some(now_field) => schemas(both, way, &inside, field, now_field, lost),
        }
        if way == Way::Answered && required(then, name) && !required(now, name) {
            lost.push(format!("{inside} may be left out"));
        }
    }
    for name in entries(&now["required"]).filter_map(Value::as_str) {
        if way == Way::Sent && !required(then, name) {
            lost.push(format!("{place}.{name} is required"));
        }
    }
    if then["items"].is_object() {
        schemas(both, way, &format!("{place}[]"), &then["items"], &now["items"], lost);
    }
}

/// What is sent may be of more types than before, what is answered of no other.
fn types(way: Way, place: &str, then: &Value, now: &Value, lost: &mut Vec<String>) {
    let (then, now) = (several(&then["type"]), several(&now["type"]));
    let (smaller, larger, what) = match way {
        Way::Sent => (&then, &now, "no longer takes"),
        Way::Answered => (&now, &then, "can be"),
    };
    if !larger.is_empty() {
        smaller.iter().filter(|one| !larger.contains(one)).for_each(|one| lost.push(format!("{place} {what} {one}")));
    }
}

fn words(place: &str, then: &Value, now: &Value, lost: &mut Vec<String>) {
    let known: Vec<_> = entries(&now["enum"]).collect();
    if known.is_empty() && then["enum"].is_array() && now["enum"].is_null() {
        return;
    }
    let gone = entries(&then["enum"]).filter(|word| !known.contains(word));
    gone.for_each(|word| lost.push(format!("{place} no longer knows {word}")));
    if then["enum"].is_null() && !known.is_empty() {
        lost.push(format!("{place} knows only some words"));
    }
}

fn narrowed(place: &str, word: &str, sign: i64, then: &Value, now: &Value, lost: &mut Vec<String>) {
    let usual = if sign > 0 { i64::MIN } else { i64::MAX };
    let limit = |schema: &Value| schema[word].as_i64().unwrap_or(usual);
    let narrower = if sign > 0 { limit(now) > limit(then) } else { limit(now) < limit(then) };
    if narrower {
        lost.push(format!("{place} has a narrower {word}"));
    }
}

fn opened<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).unwrap_or(&Value::Null),
        None => schema,
    }
}

fn several(types: &Value) -> Vec<String> {
    match types {
        Value::String(one) => vec![one.clone()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let fields: Option<&Map<String, Value>> = value.as_object();
    fields.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({
            "paths": { "/tags": {
                "get": {
                    "parameters": [{ "name": "limit", "in": "query", "schema": { "type": "integer", "maximum": 500 } }],
                    "responses": { "200": { "content": { "application/json": { "schema": {
                        "type": "object", "required": ["name"],
                        "properties": { "name": { "type": "string" }, "kind": { "type": "string", "enum": ["a", "b"] } },
                    } } } } },
                },
                "post": {
                    "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/new" } } } },
                    "responses": { "201": { "headers": { "ETag": {} } } },
                },
            } },
            "components": { "schemas": { "new": {
                "type": "object", "required": ["name"],
                "properties": { "name": { "type": ["string", "null"], "minLength": 1, "maxLength": 40 }, "list": {
                    "type": "array", "items": { "type": "integer", "minimum": 1 }, "maxItems": 9,
                } },
            } } },
        })
    }

    fn changed(place: &str, value: Value) -> Value {
        let mut document = document();
        *document.pointer_mut(place).unwrap_or_else(|| panic!("{place}")) = value;
        document
    }

    fn without(place: &str, name: &str) -> Value {
        let mut document = document();
        document.pointer_mut(place).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        document
    }

    const NEW: &str = "/components/schemas/new";
    const ROW: &str = "/paths/~1tags/get/responses/200/content/application~1json/schema";

    #[test]
    fn what_is_added_takes_nothing_away() {
        assert!(taken_away(&document(), &document()).is_empty());
        let mut more = document();
        more["paths"]["/roles"] = json!({ "get": {} });
        more["paths"]["/tags"]["delete"] = json!({});
        more["paths"]["/tags"]["get"]["parameters"]
            .as_array_mut()
            .unwrap()
            .push(json!({ "name": "sort", "in": "query" }));
        *more.pointer_mut(&format!("{NEW}/properties/name/maxLength")).unwrap() = json!(80);
        *more.pointer_mut(&format!("{NEW}/properties/list/items/minimum")).unwrap() = json!(0);
        *more.pointer_mut(&format!("{NEW}/required")).unwrap() = json!([]);
        more.pointer_mut(&format!("{NEW}/properties")).unwrap()["color"] = json!({ "type": "string" });
        more.pointer_mut(&format!("{ROW}/properties")).unwrap()["color"] = json!({ "type": "string" });
        *more.pointer_mut(&format!("{ROW}/properties/kind/enum")).unwrap() = json!(["a", "b", "c"]);
        *more.pointer_mut(&format!("{ROW}/required")).unwrap() = json!(["name", "kind"]);
        assert_eq!(taken_away(&document(), &more), [""; 0]);
    }

    #[test]
    fn whatever_is_taken_away_is_told() {
        let post = "/paths/~1tags/post";
        for (after, told) in [
            (without("/paths", "/tags"), "get /tags is gone"),
            (without("/paths/~1tags", "post"), "post /tags is gone"),
            (changed("/paths/~1tags/get/parameters", json!([])), "get /tags \"limit\" is gone"),
            (changed("/paths/~1tags/get/parameters/0/schema/maximum", json!(100)), "narrower maximum"),
            (without(post, "requestBody"), "post /tags takes no body"),
            (without(&format!("{post}/responses"), "201"), "post /tags 201 is gone"),
            (without(&format!("{post}/responses/201/headers"), "ETag"), "201 ETag is gone"),
            (without(&format!("{NEW}/properties"), "list"), "post /tags.list is gone"),
            (changed(&format!("{NEW}/required"), json!(["name", "list"])), "post /tags.list is required"),
            (changed(&format!("{NEW}/properties/name/type"), json!("string")), "no longer takes null"),
            (changed(&format!("{NEW}/properties/name/minLength"), json!(2)), "narrower minLength"),
            (changed(&format!("{NEW}/properties/list/items/type"), json!("string")), "list[] no longer takes integer"),
            (without(&format!("{ROW}/properties"), "name"), "200.name is gone"),
            (changed(&format!("{ROW}/required"), json!([])), "200.name may be left out"),
            (changed(&format!("{ROW}/properties/name/type"), json!(["string", "null"])), "200.name can be null"),
            (changed(&format!("{ROW}/properties/kind/enum"), json!(["a"])), "no longer knows \"b\""),
        ] {
            let lost = taken_away(&document(), &after);
            assert!(lost.iter().any(|one| one.contains(told)), "{told}: {lost:?}");
        }
        let asked =
            changed("/paths/~1tags/get/parameters/0", json!({ "name": "limit", "in": "query", "required": true }));
        assert!(taken_away(&document(), &asked)[0].ends_with("is required"));
    }
}
