//! How the fields of a package's customers stand in their form, and which role views and edits them (FLD-32 to FLD-41).

use super::{CustomField, Customer, Package, Role};
use crate::schema::{
    Access, Action, Id, Menu, Model, Refusals, Rule, Tab, Tenant, Why,
    kind::{FieldName, List, Number, Ref, Switch},
    layout::{KeptFrom, Placed},
    model::{fixed, lets_go, no_repeats, tab, unique},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Fields of one package that have a place, and roles from which some of them are kept.
const PLACES_MAX: u64 = 1_000;
const ROLES_MAX: u64 = 1_000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerForm {
    pub package: Ref<Package>,
    /// In the order in which they are shown; a field without a place stands behind them.
    #[serde(default)]
    pub places: List<Place, 0, PLACES_MAX>,
    /// A role that is not listed views and edits all of them.
    #[serde(default)]
    pub rights: List<FieldRights, 0, ROLES_MAX>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("x-kind" = "row"))]
pub struct Place {
    pub field: FieldName,
    #[serde(default)]
    pub area: Area,
    #[serde(default)]
    pub required: Switch,
    /// Whether it can be set in the custom call record of the pop-up (FLD-40).
    #[serde(default)]
    pub call_record: Switch,
    /// Per cent of the field's width; 0: the label stands above.
    #[serde(default = "by_itself")]
    pub label_width: Width,
    /// Per cent of the form's width; 0: as it is wide by itself.
    #[serde(default = "by_itself")]
    pub content_width: Width,
}

/// FLD-37
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum Area {
    #[default]
    A,
    B,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("x-kind" = "row"))]
pub struct FieldRights {
    pub role: Ref<Role>,
    /// Not shown, not searched, not exported.
    #[serde(default)]
    pub unseen: List<FieldName, 0, PLACES_MAX>,
    #[serde(default)]
    pub unedited: List<FieldName, 0, PLACES_MAX>,
}

/// What a repair did for one field (FLD-29 reading).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mended {
    pub field: String,
    pub what: &'static str,
}

impl Mended {
    pub fn new(field: &str, what: &'static str) -> Mended {
        Mended { field: field.into(), what }
    }
}

type Width = Number<0, 100>;

const fn by_itself() -> Width {
    Number::literal(0)
}

impl Area {
    fn word(self) -> &'static str {
        match self {
            Area::A => "A",
            Area::B => "B",
        }
    }
}

impl Place {
    fn usual(field: FieldName) -> Place {
        let (area, off) = (Area::A, Switch(false));
        Place { field, area, required: off, call_record: off, label_width: by_itself(), content_width: by_itself() }
    }
}

impl Model for CustomerForm {
    const NAME: &'static str = "customer_form";
    const PATH: &'static str = "customer_forms";
    const MENU: Menu = Menu::Beside;
    const RIGHTS: &'static str = CustomField::NAME;
    const WRITES: Option<Action> = Some(Action::Tools);
    const PROGRAMS: bool = false;
    const LIST: &'static [&'static str] = &["package"];
    const FILTERS: &'static [&'static str] = &["package"];
    const ACTIONS: &'static [Action] = &[Action::Add, Action::Edit];
    const TABS: &'static [Tab] = &[tab("general", &["package", "places", "rights"])];
    const RULES: &'static [Rule] =
        &[unique("package"), fixed("package"), no_repeats("places"), no_repeats("rights"), lets_go("rights")];

    fn check(&self, tenant: &Tenant, refusals: &mut Refusals) {
        // A package that is not there is refused as such.
        if self.package.row(tenant).is_none() {
            return;
        }
        let mut known = names(tenant, self.package.id);
        // What is left of a field that went keeps nobody from saving; a repair takes it away.
        known.extend(CustomerForm::of(tenant, self.package.id).into_iter().flat_map(|(_, form)| form.named()));
        if self.places.iter().any(|place| !known.contains(&*place.field)) {
            refusals.add("places", Why::Choice);
        }
        // The customer's name is always first, and cannot be moved (FLD-36).
        let name = self.places.iter().position(|place| &*place.field == FIRST);
        if name.is_some_and(|at| at > 0 || self.places[at].area == Area::B) {
            refusals.add("places", Why::Fixed);
        }
        if self.kept().any(|field| !known.contains(&**field)) {
            refusals.add("rights", Why::Choice);
        }
        // A fixed field can always be viewed (FLD-34).
        let mut unseen = self.rights.iter().flat_map(|rights| rights.unseen.iter());
        if unseen.any(|field| Customer::KEYS.contains(&&**field)) {
            refusals.add("rights", Why::Fixed);
        }
    }

    fn stays(&self) -> bool {
        true
    }
}

/// The field that stands before all others.
const FIRST: &str = "name";

/// Every field that has a place: the fixed ones, then those that the office added.
fn names(tenant: &Tenant, package: Id) -> BTreeSet<String> {
    fields(tenant, package).map(|(name, _)| name).collect()
}

fn fields(tenant: &Tenant, package: Id) -> impl Iterator<Item = (String, Option<&CustomField>)> {
    let fixed = Customer::KEYS.iter().map(|name| (name.to_string(), None));
    fixed.chain(CustomField::of(tenant, package).map(|field| (field.path(), Some(field))))
}

impl CustomerForm {
    /// Every field that is kept from some role.
    fn kept(&self) -> impl Iterator<Item = &FieldName> {
        self.rights.iter().flat_map(|rights| rights.unseen.iter().chain(rights.unedited.iter()))
    }

    /// Every field that it names.
    fn named(&self) -> impl Iterator<Item = String> {
        self.places.iter().map(|place| &place.field).chain(self.kept()).map(|field| field.to_string())
    }

    pub fn of(tenant: &Tenant, package: Id) -> Option<(Id, &CustomerForm)> {
        let row = tenant.table::<CustomerForm>().by("package", &package.to_string())?;
        Some((row.id(), &row.value))
    }

    /// All fields of a package in their order: what has no place behind what has one, area `B` behind `A`.
    pub fn places(tenant: &Tenant, package: Id) -> Vec<Place> {
        let all: Vec<_> = fields(tenant, package).collect();
        let set = CustomerForm::of(tenant, package).map_or(&[][..], |(_, form)| &form.places);
        let known = set.iter().filter(|place| all.iter().any(|(name, _)| *name == *place.field));
        let mut places: Vec<Place> = known.cloned().collect();
        let missing = all.iter().filter(|(name, _)| !set.iter().any(|place| *name == *place.field));
        places.extend(missing.filter_map(|(name, _)| FieldName::new(name).ok()).map(Place::usual));
        places.sort_by_key(|place| (&*place.field != FIRST, place.area));
        places
    }

    /// The same as the panel draws it.
    pub fn layout(tenant: &Tenant, package: Id) -> Vec<Placed> {
        let always: BTreeSet<String> =
            CustomField::of(tenant, package).filter(|field| field.required.0).map(CustomField::path).collect();
        let placed = |place: Place| {
            let always_required = &*place.field == "phone" || always.contains(&*place.field);
            Placed {
                field: place.field.to_string(),
                area: place.area.word(),
                required: place.required.0 || always_required,
                always_required,
                call_record: place.call_record.0,
                label_width: place.label_width.value(),
                content_width: place.content_width.value(),
            }
        };
        CustomerForm::places(tenant, package).into_iter().map(placed).collect()
    }

    /// Fields that are required by their place, whatever they say themselves (FLD-39).
    pub fn required(tenant: &Tenant, package: Id) -> impl Iterator<Item = &FieldName> {
        let places = CustomerForm::of(tenant, package).map_or(&[][..], |(_, form)| &form.places);
        places.iter().filter(|place| place.required.0).map(|place| &place.field)
    }

    /// The form with every one of these fields in its place and, of all, without what is no field any more; and what was
    /// mended of each. None: nothing is to be mended.
    pub fn mended(tenant: &Tenant, package: Id, fields: &BTreeSet<String>, all: bool) -> (Option<Self>, Vec<Mended>) {
        let form = CustomerForm::of(tenant, package).map(|(_, form)| form.clone());
        let old = form.unwrap_or(CustomerForm {
            package: Ref::to(package),
            places: List::default(),
            rights: List::default(),
        });
        let (known, mut mended) = (names(tenant, package), Vec::new());
        let is_there = |field: &FieldName| !all || known.contains(&**field);
        let mut places: Vec<Place> = old.places.iter().filter(|place| is_there(&place.field)).cloned().collect();
        let gone = old.places.iter().filter(|place| !is_there(&place.field));
        mended.extend(gone.map(|place| Mended::new(&place.field, "place_removed")));
        let missing = CustomerForm::places(tenant, package).into_iter();
        let missing = missing.filter(|place| !old.places.iter().any(|old| old.field == place.field));
        for place in missing.filter(|place| fields.contains(&*place.field)) {
            mended.push(Mended::new(&place.field, "place_added"));
            // What stands first stays first.
            let at = if &*place.field == FIRST { 0 } else { places.len() };
            places.insert(at, place);
        }
        let mut rights = old.rights.to_vec();
        for rights in &mut rights {
            for list in [&mut rights.unseen, &mut rights.unedited] {
                mended.extend(
                    list.iter().filter(|field| !is_there(field)).map(|field| Mended::new(field, "right_removed")),
                );
                *list = List::new(list.iter().filter(|field| is_there(field)).cloned().collect()).unwrap_or_default();
            }
        }
        let (Ok(places), Ok(rights)) = (List::new(places), List::new(rights)) else { return (None, Vec::new()) };
        let new = CustomerForm { places, rights, ..old.clone() };
        ((new != old).then_some(new), mended)
    }

    /// What of a package's customers is kept from somebody, by the role (FLD-32) and by its hidden fields (ROL-9).
    pub fn kept_from(tenant: &Tenant, access: &Access, package: Id) -> KeptFrom {
        if access.is_whole() {
            return KeptFrom::default();
        }
        let hidden = |field: &&CustomField| !access.sees_column(Customer::NAME, &field.path());
        let unseen = CustomField::of(tenant, package).filter(hidden).map(CustomField::path);
        let mut kept = KeptFrom { unseen: unseen.collect(), unedited: BTreeSet::new() };
        let form = CustomerForm::of(tenant, package);
        let rights = form
            .zip(access.role)
            .and_then(|((_, form), role)| form.rights.iter().find(|rights| rights.role.id == role));
        if let Some(rights) = rights {
            kept.unseen.extend(rights.unseen.iter().map(|field| field.to_string()));
            kept.unedited.extend(rights.unedited.iter().map(|field| field.to_string()));
        }
        kept
    }
}
