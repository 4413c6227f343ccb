// Every language has every sentence, with the same places in it, and every word that the box may say.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { words } from "../locales";

const root = join(import.meta.dirname, "..");
const [en, zh, ja] = [words("en"), words("zh"), words("ja")];
/** Without the sentences for a single `n`, which some languages need and others do not. */
const plain = (words: Record<string, string>) => Object.keys(words).filter((key) => !(key.endsWith(".one") && key.slice(0, -".one".length) in words)).sort();
const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

it("has the same keys in each language", () => {
  expect(plain(zh)).toEqual(plain(en));
  expect(plain(ja)).toEqual(plain(en));
});

it("has the same places in each sentence, and no sentence is empty", () => {
  for (const key of plain(en)) {
    expect(places(zh[key]!), `zh ${key}`).toEqual(places(en[key]!));
    expect(places(ja[key]!), `ja ${key}`).toEqual(places(en[key]!));
    for (const words of [en, zh, ja]) expect(words[key]!.trim(), key).not.toBe("");
  }
});

it("has every key that the source asks for by its whole name", () => {
  const sources = ["page", "page/own", "part", "kind", "word"].flatMap((folder) => readdirSync(join(root, folder)).filter((file) => /\.tsx?$/.test(file)).map((file) => join(root, folder, file)));
  for (const file of sources) for (const [, key] of readFileSync(file, "utf8").matchAll(/\bt\("([\w.]+)"/g)) expect(en[key!], `${key} in ${file}`).toBeDefined();
});

it("writes the nouns as within a sentence, which begins with a capital by itself", () => {
  const nouns = Object.keys(en).filter((key) => /^\w+\.(one|many)$/.test(key));
  expect(nouns.filter((key) => /^[A-Z][a-z]/.test(en[key]!))).toEqual([]);
});

/** What was once said beside the one word for a thing (GLOSSARY). */
const strays: Record<string, string[]> = {
  zh: ["座席", "首选项", "偏好设置", "联系记录", "禁呼名单", "播放列表", "示忙", "示闲", "弹屏提醒", "功能码", "公司资料"],
  ja: ["装置", "通話履歴", "待ち行列", "着信経路", "環境設定", "呼び出しグループ", "リンググループ", "ステージ", "データ元"],
  en: ["do-not-call list"],
};

it("has one word for a thing in each language, as the glossary has", () => {
  for (const [language, all] of Object.entries({ zh, ja, en })) {
    const found = Object.entries(all).flatMap(([key, text]) => strays[language]!.filter((stray) => text.toLowerCase().includes(stray)).map((stray) => `${language} ${key}: ${stray}`));
    expect(found).toEqual([]);
    const same = (key: string, noun: string) => expect(all[key]!.toLowerCase(), `${language} ${key}`).toBe(all[noun]!.toLowerCase());
    for (const noun of ["ivr", "ring_group", "condition", "playlist", "agent_group", "agent"]) same(`destination.${noun}`, `${noun}.one`);
    for (const noun of ["inbound_route", "condition", "playlist", "outbound_profile", "trunk"]) same(`ways.rule.${noun}`, `${noun}.one`);
    for (const noun of ["blacklist", "dnc"]) same(`ways.rule.${noun}`, `${noun}.many`);
  }
});

const closed: Record<string, string[]> = {
  "ways.rule": ["blacklist", "did", "did_status", "did_destination", "inbound_route", "default_route", "last_agent", "condition", "playlist", "emergency", "click_to_call_only", "dnc", "highlight", "daily_call_limit", "outbound_profile", "outbound_rule", "number_class", "country", "fraud_limit", "trunk", "match_plugin"],
  "ways.found": ["decides", "passes", "not_listed", "not_in_force", "withheld", "no_such_number", "disabled", "no_destination", "none", "other_prefix", "other_region", "other_number", "other_group", "other_class", "too_short", "too_long", "outside_of_time", "inside", "outside", "denies", "not_allowed", "used_up", "down", "full", "reserved", "last_hope", "no_answer"],
  "ways.why": ["emergency_number", "click_to_call_only", "dnc", "highlight", "no_profile", "no_rule", "denied", "class", "night", "country", "limit", "no_trunk"],
  "ways.limit": ["daily_call_limit", "agent_attempts_minute", "agent_concurrent", "agent_minutes_day", "dear_agent_minutes_day", "dear_minutes_day", "dear_concurrent", "dear_call_minutes", "night_concurrent", "forward_concurrent", "minutes_day"],
  "flow.by": ["blacklist", "always", "route", "default_route", "no_route", "inside", "outside", "key", "timeout", "invalid", "ended", "unanswered", "overflow", "disabled"],
  call_type: ["inbound", "outbound", "click_to_call", "dialer", "internal", "voice_notice", "play_and_collect", "barge", "whisper", "listen", "pickup", "park"],
  call_outcome: ["answered", "not_answered", "failed"],
  transfer_type: ["blind", "attended"],
  hangup_by: ["caller", "called", "system"],
  ended_by: ["account", "agent", "program", "stop"],
  hangup_reason: ["normal", "no_answer", "call_failed", "blacklist", "call_limit", "called_busy", "called_rejected", "caller_cancelled", "call_timeout", "queue_wait_exit", "queue_timeout", "queue_empty_refused", "queue_empty_overflow", "queue_full", "queue_no_agent_exit", "recognition_error", "powered_off", "suspended", "other", "call_error", "transferred"],
  call_state: ["ringing", "talking", "held", "announcing", "echo_test"],
  agent_state: ["phone_offline", "idle", "paused", "ringing", "talking"],
  trouble: ["no_packets", "other_address", "srtp_failed", "silence"],
  sound_fault: ["no_codec", "private_address", "no_packets_from_phone", "no_packets_from_carrier", "other_address", "srtp_failed", "muted", "loss_here", "loss_there", "jitter"],
  leg_end: ["hung_up", "cancelled", "refused", "timed_out", "lost", "ours"],
  leg_part: ["caller", "called", "rung", "leader"],
  recording_state: ["open", "kept", "incomplete", "lost", "deleted", "none"],
  why: ["required", "too_long", "too_short", "too_many", "out_of_range", "pattern", "choice", "type", "unknown", "fixed", "taken", "not_found", "changed_meanwhile", "protected", "limit_reached", "withheld", "not_there", "not_this", "repeated", "read_only", "upstream_owned", "forbidden", "emergency_number", "would_lock_out", "variable_unmatched", "not_sound", "cut_off", "lasts_too_long"],
  error: ["bad_json", "unauthorized", "sign_in_failed", "forbidden", "disabled", "address_not_allowed", "cross_site", "setup_closed", "not_found", "method_not_allowed", "number_taken", "name_taken", "changed_meanwhile", "in_call", "no_call", "too_large", "wrong_host", "invalid", "too_many_attempts", "rate_limited", "limit_reached", "disk_full"],
};

it.each(Object.entries(closed))("has every word of %s (CDR closed lists, LST-28, BOX-123)", (group, words) => {
  for (const word of words) expect(en[`${group}.${word}`], `${group}.${word}`).toBeDefined();
});

it("says ACC-13 and AGT-27 in the manual's words", () => {
  expect(zh["error.sign_in_failed"]).toBe("该帐户不存在或密码不正确");
  expect(zh["error.disabled"]).toBe("账号已被禁用，无法登录，请联系管理员");
  expect(en["error.sign_in_failed"]).toBe("The account does not exist or the password is incorrect");
});
