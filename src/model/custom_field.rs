//! An extra column on the customers of one package (FLD rows).

use super::{Customer, CustomerForm, Package, customer_form::Place};
use crate::schema::{
    Action, Id, Menu, Model, Refusals, Rule, Tab, Tenant, Why,
    kind::{Levels, List, Name, Ref, StorageName, Switch, attachment, levels, line::Form},
    model::{appears, fixed, needs, no_repeats, tab, unique_within},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Characters of one line, and of several.
const LINE_MAX: u32 = 500;
const LINES_MAX: u32 = 5_000;
/// With a running number, the storage name of a field that an import adds.
const RUNNING: &str = "f_";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    pub package: Ref<Package>,
    pub name: StorageName,
    pub label: Name<80>,
    #[serde(rename = "type")]
    pub form: FieldType,
    /// How a link opens (FLD-18 reading).
    #[serde(default)]
    pub open_mode: OpenMode,
    /// Of type `custom` (FLD-21).
    #[serde(default)]
    pub choice_mode: ChoiceMode,
    #[serde(default)]
    pub choices: List<Name<80>, 0, 500>,
    #[serde(default)]
    pub levels: Levels,
    #[serde(default)]
    pub global_search: Switch,
    #[serde(default)]
    pub required_on_success: Switch,
    #[serde(default)]
    pub required: Switch,
    #[serde(default)]
    pub unique: Switch,
}

// A choice is an enum of plain variants without docs on them, so that its schema is one `enum`.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum FieldType {
    Input,
    Phone,
    Textarea,
    Email,
    Date,
    Link,
    Attachment,
    Address,
    Custom,
    Linked,
    Number,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum OpenMode {
    #[default]
    NewWindow,
    SameWindow,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum ChoiceMode {
    #[default]
    Single,
    Multiple,
    Free,
}

impl Model for CustomField {
    const NAME: &'static str = "custom_field";
    const PATH: &'static str = "custom_fields";
    const MENU: Menu = Menu::Customers;
    const SEARCH: &'static [&'static str] = &["name", "label"];
    const WITHIN: Option<&'static str> = Some("package");
    const FILTERS: &'static [&'static str] = &["package"];
    const LIST: &'static [&'static str] =
        &["name", "label", "type", "package", "global_search", "required_on_success", "required", "unique"];
    const NAMED: &'static [&'static str] = &["label"];
    const TABS: &'static [Tab] = &[tab(
        "general",
        &[
            "package",
            "name",
            "label",
            "type",
            "open_mode",
            "choice_mode",
            "choices",
            "levels",
            "global_search",
            "required_on_success",
            "required",
            "unique",
        ],
    )];
    const RULES: &'static [Rule] = &[
        fixed("package"),
        fixed("name"),
        fixed("type"),
        unique_within("name", "package"),
        appears("open_mode", "type", &["link"]),
        appears("choice_mode", "type", &["custom"]),
        appears("choices", "type", &["address", "custom"]),
        appears("levels", "type", &["linked"]),
        needs("choices", "type", &["address"]),
        needs("levels", "type", &["linked"]),
        no_repeats("choices"),
    ];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit, Action::Delete, Action::Tools];

    /// The list begins with the usual package (FLD-2).
    fn part(tenant: &Tenant) -> Option<Id> {
        Some(Package::usual(tenant)?.id())
    }

    fn check(&self, tenant: &Tenant, refusals: &mut Refusals) {
        if Customer::FIELDS.contains(&&*self.name) {
            refusals.add("name", Why::NameTaken);
        }
        let chosen = self.form == FieldType::Custom && self.choice_mode != ChoiceMode::Free;
        if chosen && self.choices.is_empty() {
            refusals.add("choices", Why::Required);
        }
        let comparable = !matches!(self.form, FieldType::Attachment | FieldType::Linked) && !self.is_list();
        if self.unique.0 && !comparable {
            refusals.add("unique", Why::Choice);
        }
        let package = self.package.row(tenant).map(|row| &row.value);
        if package.is_some_and(|package| !package.enabled()) && !CustomField::is_known(tenant, self) {
            refusals.add("package", Why::NotThis);
        }
    }
}

impl CustomField {
    /// Those of a package, in the order in which they were added.
    pub fn of(tenant: &Tenant, package: Id) -> impl Iterator<Item = &CustomField> {
        let all = tenant.table::<CustomField>().rows().map(|row| &row.value);
        all.filter(move |field| field.package.id == package)
    }

    pub fn named<'t>(tenant: &'t Tenant, package: Id, name: &str) -> Option<&'t CustomField> {
        CustomField::of(tenant, package).find(|field| *field.name == *name)
    }

    fn is_known(tenant: &Tenant, field: &CustomField) -> bool {
        CustomField::named(tenant, field.package.id, &field.name).is_some()
    }

    /// A line of text for a column that fits no field (CUS-51).
    pub fn of_import(tenant: &Tenant, package: Id, label: &str) -> Map<String, Value> {
        let number = |field: &CustomField| field.name.strip_prefix(RUNNING)?.parse::<u64>().ok();
        let last = CustomField::of(tenant, package).filter_map(number).max().unwrap_or(0);
        let value = json!({
            "package": package, "name": format!("{RUNNING}{}", last.saturating_add(1)), "label": label, "type": "input",
        });
        value.as_object().cloned().unwrap_or_default()
    }

    /// Its place in a customer: `custom.name`.
    pub fn path(&self) -> String {
        format!("custom.{}", &*self.name)
    }

    fn is_list(&self) -> bool {
        self.form == FieldType::Custom && self.choice_mode == ChoiceMode::Multiple
    }

    /// The schema of all fields of a package in their order, as they stand under `custom`.
    pub fn schema_of(tenant: &Tenant, package: Id) -> Value {
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for Place { field, required: must, .. } in CustomerForm::places(tenant, package) {
            let name = field.strip_prefix("custom.").and_then(|name| CustomField::named(tenant, package, name));
            let Some(field) = name else { continue };
            properties.insert(field.name.to_string(), field.schema());
            if field.required.0 || must.0 {
                required.push(field.name.to_string());
            }
        }
        json!({ "type": "object", "properties": properties, "required": required })
    }

    fn schema(&self) -> Value {
        let mut schema = self.form_of_values();
        schema["title"] = (*self.label).into();
        schema
    }

    fn form_of_values(&self) -> Value {
        let line = |kind: &str, min: u32, max: u32| json!({ "type": "string", "minLength": min, "maxLength": max, "x-kind": kind });
        let one = json!({ "type": "string", "enum": self.choices, "x-kind": "choice", "x-plain": true });
        match self.form {
            FieldType::Input => line("text", 0, LINE_MAX),
            FieldType::Phone => line("digits", 2, 15),
            FieldType::Textarea => line("lines", 0, LINES_MAX),
            FieldType::Email => line("email", 3, 254),
            FieldType::Date => line("date", 10, 10),
            FieldType::Link => {
                let mut link = line("link", 8, LINE_MAX);
                link["x-open"] = json!(self.open_mode);
                link
            }
            FieldType::Attachment => {
                let mut attached =
                    line(attachment::KIND, attachment::Attached::MIN as u32, attachment::Attached::MAX as u32);
                attached["x-bytes"] = attachment::BYTES_MAX.into();
                attached
            }
            FieldType::Address => one,
            FieldType::Custom => match self.choice_mode {
                ChoiceMode::Single => one,
                ChoiceMode::Multiple => {
                    json!({ "type": "array", "items": one, "maxItems": self.choices.len(), "x-kind": "list" })
                }
                ChoiceMode::Free => {
                    let mut free = line("text", 0, LINE_MAX);
                    free["x-suggested"] = json!(self.choices);
                    free
                }
            },
            FieldType::Linked => levels::of_choice(&self.levels),
            FieldType::Number => line("decimal", 1, 30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::check;

    fn field(form: FieldType) -> CustomField {
        serde_json::from_value(json!({
            "package": "1", "name": "f_1", "label": "X", "type": form,
            "choices": ["红", "蓝"], "levels": [{ "value": "广东", "below": [{ "value": "深圳" }] }],
        }))
        .unwrap()
    }

    /// FLD-13 to FLD-23: what each type takes and what it refuses
    #[test]
    fn a_type_takes_its_values_only() {
        let table = [
            (FieldType::Input, vec![json!("a b")], vec![json!("a\nb"), json!(7)]),
            (
                FieldType::Phone,
                vec![json!("13912345678"), json!("10")],
                vec![json!("139-1"), json!("1"), json!("1234567890123456")],
            ),
            (FieldType::Textarea, vec![json!("a\nb")], vec![json!("a\u{0}")]),
            (FieldType::Email, vec![json!("example@example.com")], vec![json!("example"), json!("a@")]),
            (FieldType::Date, vec![json!("2026-11-23")], vec![json!("23.11.2026"), json!("2026-02-30")]),
            (
                FieldType::Link,
                vec![json!("https://example.com/a")],
                vec![json!("example.com"), json!("javascript:alert(1)")],
            ),
            (FieldType::Address, vec![json!("红")], vec![json!("绿")]),
            (FieldType::Custom, vec![json!("蓝")], vec![json!("绿"), json!(["红"])]),
            (FieldType::Linked, vec![json!(["广东", "深圳"]), json!(["广东"])], vec![json!(["深圳"]), json!("广东")]),
            (
                FieldType::Attachment,
                vec![json!(format!("{}/合同.pdf", "0a".repeat(32)))],
                vec![json!("0a".repeat(32)), json!("合同.pdf"), json!(format!("{}/../x", "0a".repeat(32)))],
            ),
            (FieldType::Number, vec![json!("-12.5"), json!("0")], vec![json!("1,5"), json!("x")]),
        ];
        for (form, good, bad) in table {
            let schema = field(form).schema();
            good.iter().for_each(|value| assert_eq!(check::value_of(&schema, value), Ok(()), "{form:?} {value}"));
            bad.iter().for_each(|value| assert!(check::value_of(&schema, value).is_err(), "{form:?} {value}"));
        }
        let several = CustomField { choice_mode: ChoiceMode::Multiple, ..field(FieldType::Custom) }.schema();
        assert_eq!(check::value_of(&several, &json!(["红", "蓝"])), Ok(()));
        assert_eq!(check::value_of(&several, &json!(["绿"])), Err(Why::Choice));
        let free = CustomField { choice_mode: ChoiceMode::Free, ..field(FieldType::Custom) }.schema();
        assert_eq!(check::value_of(&free, &json!("绿")), Ok(()));
        assert_eq!((&free["title"], &free["x-suggested"]), (&json!("X"), &json!(["红", "蓝"])));
    }
}
