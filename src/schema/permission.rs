//! The closed lists behind every right: permissions, form tabs that a role can lose, tables with a data scope
//! (people.md). Who needs a new entry adds it at the end of its group here and in the labels of the role.

use std::sync::LazyLock;

/// What a permission is about, and its actions, in the order of the page.
pub const PERMISSIONS: &[(&str, &[&str])] = &[
    ("panel", &["sign_in", "profile", "dashboard", "statistics", "groups", "pause", "bulletins"]),
    ("account", &["view", "add", "edit", "delete", "sign_in_as"]),
    ("agent", &["view", "add", "edit", "delete", "batch_add", "batch_edit", "sign_in_as"]),
    ("agent_group", &["view", "add", "edit", "delete"]),
    ("role", &["view", "add", "edit", "delete", "clone"]),
    ("department", &["view", "add", "edit", "delete"]),
    ("inbound_route", &["view", "add", "edit", "delete"]),
    ("ivr", &["view", "add", "edit", "delete"]),
    ("playlist", &["view", "add", "edit", "delete"]),
    ("ring_group", &["view", "add", "edit", "delete"]),
    ("blacklist", &["view", "add", "edit", "delete", "approve"]),
    ("dnc", &["view", "add", "edit", "delete", "import", "approve"]),
    ("feature_code", &["view", "edit"]),
    ("condition", &["view", "add", "edit", "delete"]),
    ("pause_reason", &["view", "add", "edit", "delete"]),
    ("phone_template", &["view", "add", "edit", "delete", "clone"]),
    ("did", &["view", "edit", "batch_edit", "export"]),
    ("caller_id", &["view"]),
    ("media", &["view", "add", "edit", "delete", "download"]),
    ("trunk", &["view"]),
    ("outbound_profile", &["view"]),
    ("region", &["view"]),
    ("fraud_limit", &["view", "edit"]),
    ("operator", &["act"]),
    ("phone", &["view", "edit", "delete", "secret"]),
    ("call_record", &["view", "edit", "play", "download", "export"]),
    ("contact_record", &["view", "add", "export"]),
    ("custom_field", &["view", "add", "edit", "delete", "tools"]),
    ("package", &["view", "add", "edit"]),
    ("customer", &["view", "add", "edit", "delete", "import", "export", "assign", "dnc"]),
    ("tag", &["view", "add", "edit", "delete"]),
    ("data_source", &["view", "add", "edit", "delete"]),
    ("popup_alert", &["view", "add", "edit", "delete", "approve"]),
    ("dictionary", &["view", "add", "edit", "delete", "import"]),
    ("campaign", &["view", "add", "edit"]),
    ("submission", &["view", "export"]),
    ("dialer", &["view", "control"]),
    ("call_result", &["view", "add", "edit", "delete"]),
    ("review", &["view", "edit"]),
    ("review_phrase", &["view", "add", "edit", "delete"]),
    ("knowledge", &["view", "add", "edit", "delete", "approve"]),
    ("survey", &["view", "add", "edit", "delete"]),
    ("option_template", &["view", "add", "edit", "delete"]),
    ("survey_answer", &["view", "export"]),
    ("email_template", &["view", "add", "edit", "delete"]),
    ("email", &["send"]),
    ("bulk_message", &["add"]),
    ("email_log", &["view", "delete"]),
    ("bulletin", &["view", "add"]),
    ("notice", &["view"]),
    ("ticket_status", &["view", "add", "edit", "delete"]),
    ("ticket_category", &["view", "add", "edit", "delete"]),
    ("resolution", &["view", "add", "edit", "delete"]),
    ("ticket", &["view", "add", "edit", "delete", "export"]),
    ("todo", &["view", "add", "edit", "delete"]),
    ("order", &["view", "add", "edit", "delete", "export"]),
    ("softphone", &["use"]),
    ("report", &["view", "export"]),
    ("monitor", &["view", "listen", "whisper", "barge", "control"]),
    ("wallboard", &["view"]),
    ("audit", &["view", "export"]),
    ("agent_event", &["view"]),
    ("preferences", &["view", "edit"]),
    ("stage", &["view", "add", "edit"]),
    ("job", &["view", "delete"]),
    ("api_access", &["view", "edit"]),
    ("company", &["view", "edit"]),
    ("box", &["view", "edit", "backup", "restore", "update", "diagnose", "capture"]),
    ("speaker", &["page"]),
    ("upstream", &["view", "edit"]),
];

/// Everybody has these; they cannot be switched off (ROL-16).
pub const DEFAULT: &str = "panel";

/// Those of an agent without a role, on the desk only and with scope `self` (DSK-22).
pub const WITHOUT_ROLE: &[&str] = &[
    "customer.view",
    "customer.add",
    "customer.edit",
    "contact_record.view",
    "contact_record.add",
    "ticket.view",
    "ticket.add",
    "ticket.edit",
    "order.view",
    "order.add",
    "order.edit",
    "call_record.play",
    "softphone.use",
];

/// Form tabs that a role can lose (ROL-10); the first tab of a form comes with its page.
pub const TABS: &[&str] = &[
    "account.advanced",
    "agent.advanced",
    "agent_group.advanced",
    "agent_group.queue",
    "agent_group.im_queue",
    "role.advanced",
    "role.permissions",
    "customer.data",
    "tag.advanced",
    "data_source.advanced",
    "campaign.advanced",
    "campaign.dialer",
    "campaign.script",
    "campaign.review",
    "campaign.settings",
    "did.advanced",
    "ivr.advanced",
    "ivr.destinations",
    "survey.advanced",
    "survey.questions",
    "survey.logic",
    "email_template.advanced",
    "ticket_category.advanced",
    "preferences.currency",
    "preferences.data",
    "preferences.dialing",
    "preferences.call_settings",
    "api_access.limits",
    "company.finance",
];

/// Tables of which a role shows a part (ROL-11).
pub const SCOPED: &[&str] = &[
    "call_record",
    "contact_record",
    "customer",
    "submission",
    "review",
    "ticket",
    "survey_answer",
    "report",
    "monitor",
    "agent_event",
];

/// Every permission by its whole word, in the order of the page.
pub static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let words =
        |(noun, actions): &(&str, &[&str])| actions.iter().map(|action| format!("{noun}.{action}")).collect::<Vec<_>>();
    PERMISSIONS.iter().flat_map(words).collect()
});
