// The frame round every page: menu at the left or at the foot of a phone, person, look, language, lost connection.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { calls, hurry, line, retryAt, second } from "../link/live";
import { looks, setLook, type Look } from "../link/look";
import { go } from "../link/route";
import { fullName, session, signOut } from "../link/session";
import { Button } from "../part/button";
import { confirm, Dialog } from "../part/dialog";
import { Icon, type IconName } from "../part/icon";
import { Menu } from "../part/menu";
import { say } from "../part/toast";
import mark from "../style/callbox.svg";
import { refusalSentence } from "../word/refusal";
import { language, languages, many, speak, t } from "../word/words";
import { typing } from "./tools";
import { troubles } from "./trouble";

type Entry = { path: string; word: () => string; icon: IconName; group?: string };

const entries: Entry[] = [
  { path: "/", word: () => t("menu.now"), icon: "now" },
  { path: "/calls", word: () => t("menu.calls"), icon: "calls" },
  { path: "/call_records", word: () => t("menu.call_records"), icon: "records" },
  { path: "/agents", word: () => many("agent"), icon: "agents", group: "menu.people" },
  { path: "/box", word: () => t("menu.box"), icon: "box", group: "menu.system" },
];

function Count({ path }: { path: string }) {
  if (path === "/calls" && calls.value.size) return <span class="side-count">{calls.value.size}<span class="unseen"> {t("menu.calls_up")}</span></span>;
  if (path === "/" && troubles.value.length) return <span class="side-count side-count-bad">{troubles.value.length}<span class="unseen"> {t("menu.troubles")}</span></span>;
  return null;
}

function Links({ path, grouped }: { path: string; grouped: boolean }) {
  return (
    <>
      {entries.map((entry) => (
        <>
          {grouped && entry.group && <p class="side-group" key={entry.group}>{t(entry.group)}</p>}
          <a key={entry.path} class={grouped ? "side-link" : undefined} href={entry.path} aria-current={path === entry.path ? "page" : undefined}>
            <Icon name={entry.icon} />
            <span>{entry.word()}</span>
            <Count path={entry.path} />
          </a>
        </>
      ))}
    </>
  );
}

const lookIcons: Record<Look, IconName> = { auto: "screen", light: "sun", dark: "moon" };

export function LanguageMenu({ up = false, side = "right" }: { up?: boolean; side?: "left" | "right" }) {
  return (
    <Menu label={t("language.choose")} icon="globe" look="button button-quiet" iconOnly up={up} side={side}>
      {(close) =>
        languages.map((one) => (
          <button key={one.code} type="button" class="menu-item" lang={one.tag} aria-pressed={language.value === one.code} onClick={() => void speak(one.code, true).then(close)}>
            {one.name}
            {language.value === one.code && <><span /><Icon name="check" size={18} /></>}
          </button>
        ))
      }
    </Menu>
  );
}

export function LookMenu({ up = false, side = "right" }: { up?: boolean; side?: "left" | "right" }) {
  return (
    <Menu label={t("look.choose")} icon={lookIcons[looks.value]} look="button button-quiet" iconOnly up={up} side={side}>
      {(close) =>
        (["auto", "light", "dark"] as const).map((one) => (
          <button key={one} type="button" class="menu-item" aria-pressed={looks.value === one} onClick={() => (setLook(one), close())}>
            <Icon name={lookIcons[one]} size={18} />
            <span>{t(`look.${one}`)}</span>
            {looks.value === one && <Icon name="check" size={18} />}
          </button>
        ))
      }
    </Menu>
  );
}

async function leave(): Promise<void> {
  if (!(await confirm({ title: t("sign_out.title"), text: t("sign_out.text"), yes: t("do.sign_out") }))) return;
  const refused = await signOut();
  if (refused) return say(refusalSentence(refused), "bad");
  await go("/sign_in", true);
}

function Person({ up, onKeys, small }: { up: boolean; onKeys: () => void; small?: boolean }) {
  const account = session.value?.account;
  if (!account) return null;
  const name = fullName(account) || account.username;
  return (
    <Menu
      label={t("person.menu", { name })}
      up={up}
      side={small ? "right" : "left"}
      look={small ? "button button-quiet button-icon" : "side-person"}
      face={small ? <Icon name="person" /> : <><Icon name="person" size={18} /><span dir="auto">{name}</span></>}
    >
      {(close) => (
        <>
          <p class="menu-title"><bdi>{account.username}</bdi> · {account.role === "owner" ? t("account.owner") : account.role}</p>
          <button type="button" class="menu-item" onClick={() => (close(), onKeys())}><Icon name="keyboard" size={18} /><span>{t("keys.title")}</span></button>
          <button type="button" class="menu-item" onClick={() => (close(), void leave())}><Icon name="leave" size={18} /><span>{t("do.sign_out")}</span></button>
        </>
      )}
    </Menu>
  );
}

function LostLine() {
  if (line.value !== "lost") return <div role="status" aria-live="polite" />;
  const left = Math.max(0, Math.ceil((retryAt.value - second.value) / 1000));
  return (
    <div class="lost">
      <Icon name="warning" />
      <span><span role="status" aria-live="polite">{t("line.lost")}</span> <span class="tabular">{left > 0 ? t("line.retry_in", { n: left }) : t("line.retrying")}</span></span>
      <Button small onClick={hurry}>{t("line.retry_now")}</Button>
    </div>
  );
}

const keys: [string[], string][] = [
  [["/"], "keys.search"],
  [["↓", "↑"], "keys.rows"],
  [["Enter"], "keys.open"],
  [["Space"], "keys.choose"],
  [["N"], "keys.add"],
  [["Ctrl", "S"], "keys.save"],
  [["Esc"], "keys.close"],
  [["?"], "keys.help"],
];

function Keys({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={t("keys.title")} onClose={onClose}>
      <dl class="keys">
        {keys.map(([caps, word]) => (
          <div key={word}>
            <dt>{caps.map((cap) => <kbd key={cap}>{cap}</kbd>)}</dt>
            <dd>{t(word)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

export function Frame({ path, children }: { path: string; children: ComponentChildren }) {
  const [help, setHelp] = useState(false);
  const box = session.value?.box;
  const entry = entries.find((one) => one.path === path);
  const title = entry ? entry.word() : t("lost.title");
  useEffect(() => {
    document.title = `${title} · ${box?.name || "Callbox"}`;
  }, [title, box?.name]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (event.key === "?") setHelp(true);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  const brand = (
    <a class="side-box" href="/">
      <img src={mark} alt="" width="28" height="28" />
      <span dir="auto">{box?.name || "Callbox"}</span>
    </a>
  );
  return (
    <>
      <a class="skip" href="#page" onClick={(e) => (e.preventDefault(), e.stopPropagation(), document.getElementById("page")?.focus())}>{t("skip")}</a>
      <div class="frame">
        <header class="side">
          {brand}
          <nav class="side-nav" aria-label={t("menu.title")}><Links path={path} grouped /></nav>
          <div class="side-foot">
            <Person up onKeys={() => setHelp(true)} />
            <LanguageMenu up />
            <LookMenu up />
          </div>
        </header>
        <header class="topbar">
          {brand}
          <LanguageMenu />
          <LookMenu />
          <Person up={false} small onKeys={() => setHelp(true)} />
        </header>
        <main class="main" id="page" tabIndex={-1}>
          <div class="main-inner">
            <LostLine />
            {children}
          </div>
        </main>
        <nav class="tabbar" aria-label={t("menu.title")}><Links path={path} grouped={false} /></nav>
      </div>
      {help && <Keys onClose={() => setHelp(false)} />}
    </>
  );
}

/** The head of a page: what it is, a sentence, what can be done. */
export function Head({ title, text, children }: { title: string; text?: ComponentChildren; children?: ComponentChildren }) {
  return (
    <header class="page-head">
      <div>
        <h1>{title}</h1>
        {text && <p>{text}</p>}
      </div>
      {children && <div class="page-do">{children}</div>}
    </header>
  );
}
