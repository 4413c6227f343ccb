//! A person to call or who calls (CUS rows).

use super::{
    Agent, CallResult, Campaign, CustomField, CustomerForm, DataSource, Dictionary, Dnc, Package, PopupAlert, Stage,
    Tag, custom_field::FieldType,
};
use crate::{
    schema::{
        Access, Action, Held, Id, Import, Menu, Model, Refusals, Rule, Tab, Tenant, Why,
        import::{Again, Columns, Dealt, Made},
        index::{Entry, FILES, Finding, Index, MADE_BY, Word},
        kind::{AgentNumber, Custom, Email, Lines, List, Moment, Number, Phone, Ref, Switch, Text},
        layout::{KeptFrom, Placed},
        model::{Assign, Bar, Masked, fixed, lets_go, names, no_repeats, only, same, shown, tab},
        resource::CUSTOM,
    },
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    pub package: Ref<Package>,
    #[serde(default)]
    pub name: Text<80>,
    pub phone: Phone,
    #[serde(default)]
    pub email: Option<Email>,
    #[serde(default)]
    pub gender: Option<Gender>,
    #[serde(default)]
    pub age: Option<Number<0, 150>>,
    #[serde(default)]
    pub address: Text<500>,
    #[serde(default)]
    pub area: Text<500>,
    #[serde(default)]
    pub remark: Lines<0, 500>,
    #[serde(default)]
    pub custom: Custom,
    #[serde(default)]
    pub data_source: Option<Ref<DataSource>>,
    #[serde(default)]
    pub tags: List<Ref<Tag>, 0, 50>,
    #[serde(default)]
    pub campaign: Option<Ref<Campaign>>,
    /// The agent who alone looks after this customer (CUS-46).
    #[serde(default)]
    pub agent_number: Option<AgentNumber>,
    /// When the customer was last given to an agent (CUS-17).
    #[serde(default)]
    pub last_assigned_at: Option<Moment>,
    /// What the latest contact record with a stage says (CUS-3, CUS-5).
    #[serde(default)]
    pub stage: Option<Ref<Stage>>,
    #[serde(default)]
    pub call_result: Option<Ref<CallResult>>,
    /// Barred as a whole: none of the numbers is called (CUS-21).
    #[serde(default)]
    pub dnc_highlight: Switch,
}

// A choice is an enum of plain variants without docs on them, so that its schema is one `enum`.

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum Gender {
    Male,
    Female,
}

impl Model for Customer {
    const NAME: &'static str = "customer";
    const PATH: &'static str = "customers";
    const MENU: Menu = Menu::Customers;
    const HELD: Held = Held::Table;
    const WITHIN: Option<&'static str> = Some("package");
    const SEARCH: &'static [&'static str] = &["name", "phone", "email", "address", "area", "remark"];
    const FILTERS: &'static [&'static str] =
        &["stage", "campaign", "call_result", "tags", "data_source", "agent_number"];
    const SORTS: &'static [&'static str] = &["name", "phone", "last_assigned_at"];
    const LIST: &'static [&'static str] = &[
        "name",
        "phone",
        "email",
        "gender",
        "age",
        "address",
        "area",
        "remark",
        "tags",
        "agent_number",
        "campaign",
        "stage",
        "call_result",
        "data_source",
        "last_assigned_at",
        "dnc_highlight",
    ];
    const NAMED: &'static [&'static str] = &["name", "phone"];
    const WARNS: bool = true;
    const FORM: Option<&'static str> = Some(CustomerForm::NAME);
    const TABS: &'static [Tab] = &[
        tab("general", &["package", "name", "phone", "email", "gender", "age", "address", "area", "remark", "custom"]),
        tab(
            "data",
            &[
                "data_source",
                "tags",
                "campaign",
                "agent_number",
                "last_assigned_at",
                "stage",
                "call_result",
                "dnc_highlight",
            ],
        ),
    ];
    const RULES: &'static [Rule] = &[
        fixed("package"),
        lets_go("data_source"),
        lets_go("tags"),
        lets_go("agent_number"),
        names("agent_number", Agent::NAME, "agent_number"),
        no_repeats("tags"),
        only("campaign", "status", &["enabled", "hidden"]),
        // A campaign is worked over one package (CMP-21).
        same("campaign", "package"),
        same("stage", "package"),
        shown("last_assigned_at"),
        shown("stage"),
        shown("call_result"),
        shown("dnc_highlight"),
    ];
    const ACTIONS: &'static [Action] =
        &[Action::Add, Action::Edit, Action::Delete, Action::Import, Action::Export, Action::Assign, Action::Dnc];

    const IMPORT: Option<Import> = Some(Import {
        noun: Self::NAME,
        columns: Columns::Fields(&[
            "name",
            "phone",
            "email",
            "gender",
            "age",
            "address",
            "area",
            "remark",
            "tags",
            "agent_number",
        ]),
        chosen: &["package", "data_source", "tags", "campaign"],
        made: Some(Made { field: "data_source", noun: DataSource::NAME, value: DataSource::of_import }),
        dealt: Some(Dealt { field: "agent_number", heading: "##AgentNo##" }),
        again: Again::Chosen,
        fills: Some(Dictionary::NAME),
        new_field: Some(Made { field: "custom", noun: CustomField::NAME, value: CustomField::of_import }),
        bytes_max: Import::BYTES_MAX,
    });

    const ASSIGN: Option<Assign> = Some(Assign {
        work: "campaign",
        person: "agent_number",
        works: |tenant, id, number| {
            let campaign = tenant.table::<Campaign>().row(id);
            campaign.is_some_and(|campaign| campaign.value.is_worked_by(tenant, number))
        },
    });
    const BAR: Option<Bar> = Some(Bar {
        mark: "dnc_highlight",
        list: Dnc::NAME,
        fields: &[("package", "package"), ("phone", "number")],
        numbers,
    });

    /// CUS-46 reading
    fn check(&self, tenant: &Tenant, refusals: &mut Refusals) {
        for field in CustomerForm::required(tenant, self.package.id).filter(|field| self.lacks(field)) {
            refusals.add(field, Why::Required);
        }
        let Some(campaign) = self.campaign.and_then(|campaign| campaign.row(tenant)) else { return };
        if self.agent_number.as_ref().is_some_and(|number| !campaign.value.is_worked_by(tenant, number)) {
            refusals.add("agent_number", Why::NotThis);
        }
    }

    fn finding(tenant: &Tenant, within: Option<Id>) -> Finding {
        let mut finding = Finding::declared(Self::FILTERS, Self::SORTS, Self::SEARCH, Self::RULES);
        // An account whose scope is `self` sees those that it made (ROL-11 reading).
        finding.indexes.push(Index::new(Entry::Filter, MADE_BY).named("created_by="));
        let Some((id, package)) = within.and_then(|id| Some((id, tenant.table::<Package>().row(id)?))) else {
            return finding;
        };
        let package = &package.value;
        let fields: Vec<&CustomField> = CustomField::of(tenant, id).collect();
        finding.searched.extend(fields.iter().filter(|field| field.global_search.0).map(|field| field.path().into()));
        finding.indexes.extend(other_phones(&fields));
        finding.indexes.extend(over(&fields, FieldType::Attachment, FILES));
        share_phones(&mut finding, package);
        let unique = fields.iter().filter(|field| field.unique.0).map(|field| field.path());
        finding.indexes.extend(
            unique.map(|path| Index::new(Entry::Value, path.clone()).named(path + "!").unique().because("unique")),
        );
        finding.indexes.extend(keys(package));
        let sorted = |name: &str| finding.indexes.iter().any(|index| index.name == name);
        let more: Vec<_> =
            package.index_fields.iter().map(|name| name.to_string()).filter(|name| !sorted(name)).collect();
        finding.indexes.extend(more.into_iter().map(|name| Index::new(Entry::Sort, name)));
        finding
    }

    fn part(tenant: &Tenant) -> Option<Id> {
        Some(Package::usual(tenant)?.id())
    }

    fn custom(tenant: &Tenant, value: &Value) -> Option<Value> {
        Some(CustomField::schema_of(tenant, package_of(value)))
    }

    /// The campaign hides contacts from agents (CMP-63).
    fn masked(tenant: &Tenant, access: &Access) -> Option<Masked> {
        access.own_number.as_ref()?;
        let hiding = tenant.table::<Campaign>().rows().filter(|campaign| campaign.value.hide_contact.0);
        Some(Masked { field: "campaign", values: hiding.map(|campaign| campaign.id().to_string()).collect() })
    }

    fn layout(tenant: &Tenant, value: &Value) -> Option<Vec<Placed>> {
        Some(CustomerForm::layout(tenant, package_of(value)))
    }

    fn kept_from(tenant: &Tenant, access: &Access, value: &Value) -> KeptFrom {
        CustomerForm::kept_from(tenant, access, package_of(value))
    }

    /// The alerts on any of the numbers, each once.
    fn warnings(tenant: &Tenant, value: &Value) -> Vec<String> {
        let (package, numbers) = (package_of(value), numbers(tenant, value));
        let alerts = numbers.iter().filter_map(|number| PopupAlert::of(tenant, package, number));
        let mut told: Vec<String> = Vec::new();
        for content in alerts.map(|alert| alert.content.to_string()) {
            if !told.contains(&content) {
                told.push(content);
            }
        }
        told
    }

    /// CUS-17; a release keeps it.
    fn stamp(before: Option<&Value>, after: &mut Value, at: Timestamp) {
        let (number, was) = (&after["agent_number"], before.map_or(&Value::Null, |before| &before["agent_number"]));
        if !number.is_null() && number != was {
            after["last_assigned_at"] = at.to_string().into();
        }
    }
}

/// All telephone numbers of a row (CUS-21 reading).
fn numbers(tenant: &Tenant, value: &Value) -> Vec<String> {
    let phones = CustomField::of(tenant, package_of(value)).filter(|field| field.form == FieldType::Phone);
    let own = phones.map(|field| &value[CUSTOM][&*field.name]);
    [&value["phone"]].into_iter().chain(own).filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The package that a row names; one that it does not name has no fields of its own.
fn package_of(value: &Value) -> Id {
    value["package"].as_str().and_then(|id| id.trim().parse().ok()).unwrap_or_default()
}

/// Telephone numbers beside `phone` (CUS-21 reading).
fn other_phones(fields: &[&CustomField]) -> Option<Index> {
    over(fields, FieldType::Phone, PHONES)
}

/// One index over all fields of a type.
fn over(fields: &[&CustomField], form: FieldType, name: &'static str) -> Option<Index> {
    let fields: Vec<Word> = fields.iter().filter(|field| field.form == form).map(|field| field.path().into()).collect();
    (!fields.is_empty()).then(|| Index { fields, ..Index::new(Entry::Value, name) })
}

/// CUS-35, PKG-16
fn share_phones(finding: &mut Finding, package: &Package) {
    let several = finding.indexes.iter().any(|index| index.name == PHONES);
    for index in &mut finding.indexes {
        match &*index.name {
            "phone" | PHONES if package.unique_phones.0 && several => {
                index.unique = vec!["phone".into(), PHONES.into()];
            }
            "phone" if package.unique_phones.0 || package.is_default() => index.unique = vec!["phone".into()],
            _ => continue,
        }
        index.because = "unique_phones";
    }
}

/// PKG-18
fn keys(package: &Package) -> Option<Index> {
    let fields: Vec<Word> = package.unique_keys.iter().map(|name| Word::from(name.to_string())).collect();
    let joined = || Index { fields, ..Index::new(Entry::Joined, "keys").unique().because("unique_keys") };
    (!package.unique_keys.is_empty()).then(joined)
}

/// The index of all telephone numbers but the first.
pub const PHONES: &str = "phones";

impl Customer {
    /// Whether a fixed field is empty that a place of the form can require.
    fn lacks(&self, field: &str) -> bool {
        match field {
            "name" => self.name.is_empty(),
            "email" => self.email.is_none(),
            "gender" => self.gender.is_none(),
            "age" => self.age.is_none(),
            "address" => self.address.is_empty(),
            "area" => self.area.is_empty(),
            "remark" => self.remark.is_empty(),
            _ => false,
        }
    }

    /// Names that no field of the office may have (FLD-10 reading).
    pub const FIELDS: &'static [&'static str] = &[
        "id",
        "package",
        "name",
        "phone",
        "email",
        "gender",
        "age",
        "address",
        "area",
        "remark",
        "custom",
        "data_source",
        "tags",
        "campaign",
        "agent_number",
        "stage",
        "call_result",
        "last_assigned_at",
        "dnc_highlight",
        "created_at",
        "updated_at",
    ];
    /// Fixed fields by which customers of a package can be told apart or searched faster (PKG-18, PKG-19).
    pub const KEYS: &'static [&'static str] = &["name", "phone", "email", "gender", "age", "address", "area", "remark"];
}
