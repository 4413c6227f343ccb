//! What an agent keys in on a registered phone to get a feature (FEA rows): one record, a code each.

use crate::schema::{
    Held, Menu, Model, Refusals, Rule, Tab, Tenant, Why,
    kind::FeatureCode,
    model::{Action, dialed, tab},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// Numbers after the park number in which calls are parked (FEA-4).
pub const SLOTS: u32 = 20;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FeatureCodes {
    /// The 20 numbers after it are the slots (FEA-4).
    pub park: FeatureCode,
    pub pickup: FeatureCode,
    pub dnd: FeatureCode,
    pub say_number: FeatureCode,
    pub record: FeatureCode,
    pub echo_test: FeatureCode,
    pub sign_in: FeatureCode,
    pub sign_out: FeatureCode,
    pub pause: FeatureCode,
    pub resume: FeatureCode,
    pub listen: FeatureCode,
    pub whisper: FeatureCode,
    pub barge: FeatureCode,
    /// Keyed during a call.
    pub record_call: FeatureCode,
    pub pause_recording: FeatureCode,
}

impl Default for FeatureCodes {
    fn default() -> FeatureCodes {
        FeatureCodes {
            park: FeatureCode::literal("700"),
            pickup: FeatureCode::literal("*85"),
            dnd: FeatureCode::literal("*76"),
            say_number: FeatureCode::literal("*65"),
            record: FeatureCode::literal("*77"),
            echo_test: FeatureCode::literal("*43"),
            sign_in: FeatureCode::literal("*91"),
            sign_out: FeatureCode::literal("*92"),
            pause: FeatureCode::literal("*94"),
            resume: FeatureCode::literal("*93"),
            listen: FeatureCode::literal("*81"),
            whisper: FeatureCode::literal("*82"),
            barge: FeatureCode::literal("*83"),
            record_call: FeatureCode::literal("*71"),
            pause_recording: FeatureCode::literal("*72"),
        }
    }
}

impl FeatureCodes {
    /// Those of this snapshot; as they are beforehand, if it has none.
    pub fn of(tenant: &Tenant) -> &FeatureCodes {
        static BEFOREHAND: LazyLock<FeatureCodes> = LazyLock::new(FeatureCodes::default);
        tenant.table::<FeatureCodes>().rows().next().map_or(&BEFOREHAND, |row| &row.value)
    }

    /// Each feature with its code.
    pub fn all(&self) -> [(&'static str, &FeatureCode); 15] {
        [
            ("park", &self.park),
            ("pickup", &self.pickup),
            ("dnd", &self.dnd),
            ("say_number", &self.say_number),
            ("record", &self.record),
            ("echo_test", &self.echo_test),
            ("sign_in", &self.sign_in),
            ("sign_out", &self.sign_out),
            ("pause", &self.pause),
            ("resume", &self.resume),
            ("listen", &self.listen),
            ("whisper", &self.whisper),
            ("barge", &self.barge),
            ("record_call", &self.record_call),
            ("pause_recording", &self.pause_recording),
        ]
    }
}

impl Model for FeatureCodes {
    const NAME: &'static str = "feature_code";
    const PATH: &'static str = "feature_codes";
    const MENU: Menu = Menu::Routing;
    const HELD: Held = Held::Single;
    const ACTIONS: &'static [Action] = &[Action::Edit];
    const TABS: &'static [Tab] = &[tab(
        "general",
        &[
            "park",
            "pickup",
            "dnd",
            "say_number",
            "record",
            "echo_test",
            "sign_in",
            "sign_out",
            "pause",
            "resume",
            "listen",
            "whisper",
            "barge",
            "record_call",
            "pause_recording",
        ],
    )];

    const RULES: &'static [Rule] = &[dialed("park", SLOTS)];

    /// FEA-1 reading: no code is another or the beginning of another, and none is an internal number.
    fn check(&self, tenant: &Tenant, refusals: &mut Refusals) {
        let all = self.all();
        for (feature, code) in all.iter().filter(|(_, code)| !code.is_empty()) {
            let starred = code.starts_with('*');
            if starred == (*feature == "park") {
                refusals.add(feature, Why::Pattern);
            }
            let clashes = |(other, begun): &(&str, &FeatureCode)| {
                other != feature && !begun.is_empty() && (code.starts_with(&***begun) || begun.starts_with(&***code))
            };
            if all.iter().any(clashes) || tenant.number_holder(code).is_some() {
                refusals.add(feature, Why::NumberTaken);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(set: impl FnOnce(&mut FeatureCodes)) -> Vec<String> {
        let mut codes = FeatureCodes::default();
        set(&mut codes);
        let mut refusals = Refusals::default();
        codes.check(&Tenant::default(), &mut refusals);
        refusals.iter().map(|refusal| refusal.field.clone()).collect()
    }

    /// FEA-1 reading
    #[test]
    fn no_code_is_the_beginning_of_another() {
        assert!(refused(|_| {}).is_empty());
        assert_eq!(refused(|codes| codes.dnd = FeatureCode::literal("*85")), ["pickup", "dnd"]);
        assert_eq!(refused(|codes| codes.dnd = FeatureCode::literal("*851")), ["pickup", "dnd"]);
        assert_eq!(refused(|codes| codes.park = FeatureCode::literal("*70")), ["park"]);
        assert_eq!(refused(|codes| codes.dnd = FeatureCode::literal("76")), ["dnd"]);
        assert!(refused(|codes| codes.dnd = FeatureCode::literal("")).is_empty(), "an empty code switches it off");
    }
}
