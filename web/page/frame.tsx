// The frame round every page: menu, search, jobs, person, look and language, and what to say when the line is lost.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { sought } from "../link/finding";
import { hurry, line, retryAt, second } from "../link/live";
import { looks, setLook, type Look } from "../link/look";
import { go } from "../link/route";
import { fullName, goBack, session, signOut } from "../link/session";
import { Button } from "../part/button";
import { confirm, Dialog } from "../part/dialog";
import { Icon, type IconName } from "../part/icon";
import { Item, Menu } from "../part/menu";
import { say } from "../part/toast";
import mark from "../style/callbox.svg";
import { refusalSentence } from "../word/refusal";
import { language, languages, speak, t } from "../word/words";
import { Bell, Help } from "./alarms";
import { entryOf, firstEntries } from "./chapters";
import { Finder } from "./finder";
import { JobsButton } from "./jobs";
import { OwnPassword } from "./own_password";
import { Count, SideMenu } from "./side";
import { typing } from "./tools";
import { Warned } from "./warned";

const lookIcons: Record<Look, IconName> = { auto: "screen", light: "sun", dark: "moon" };

export function LanguageMenu({ side = "right" }: { side?: "left" | "right" }) {
  return (
    <Menu label={t("language.choose")} icon="globe" look="button button-quiet" iconOnly side={side}>
      {(close) =>
        languages.map((one) => (
          <button key={one.code} type="button" class="menu-item" lang={one.tag} aria-pressed={language.value === one.code} onClick={() => void speak(one.code, true).then(close)}>
            <span>{one.name}</span>
            {language.value === one.code && <Icon name="check" size={18} />}
          </button>
        ))
      }
    </Menu>
  );
}

export function LookMenu({ side = "right" }: { side?: "left" | "right" }) {
  return (
    <Menu label={t("look.choose")} icon={lookIcons[looks.value]} look="button button-quiet" iconOnly side={side}>
      {(close) => (["auto", "light", "dark"] as const).map((one) => <Item key={one} icon={lookIcons[one]} label={t(`look.${one}`)} chosen={looks.value === one} onClick={() => (setLook(one), close())} />)}
    </Menu>
  );
}

async function leave(): Promise<void> {
  if (!(await confirm({ title: t("sign_out.title"), text: t("sign_out.text"), yes: t("do.sign_out") }))) return;
  const refused = await signOut();
  if (refused) return say(refusalSentence(refused), "bad");
  await go("/sign_in", true);
}

function Person({ onKeys, onPassword }: { onKeys: () => void; onPassword: () => void }) {
  const account = session.value?.account;
  if (!account) return null;
  const name = fullName(account) || account.username;
  return (
    <Menu label={t("person.menu", { name })} look="button button-quiet person" face={<><Icon name="person" size={18} /><span class="person-name" dir="auto">{name}</span></>}>
      {(close) => (
        <>
          <p class="menu-title"><bdi>{account.username}</bdi>{account.role && <> · {account.owner ? t("account.owner") : <bdi>{account.role}</bdi>}</>}</p>
          {!session.value?.acted_by && <Item icon="key" label={t("password.change")} onClick={() => (close(), onPassword())} />}
          <Item icon="keyboard" label={t("keys.title")} onClick={() => (close(), onKeys())} />
          <Item icon="leave" label={t("do.sign_out")} onClick={() => (close(), void leave())} />
        </>
      )}
    </Menu>
  );
}

/** In whose name one acts, and the way back (ACC-8). */
function Acting() {
  const by = session.value?.acted_by;
  if (!by) return null;
  const account = session.value!.account;
  const name = (one: typeof by) => fullName(one) || one.username;
  const back = async () => {
    const refused = await goBack();
    if (refused) say(refusalSentence(refused), "bad");
  };
  return (
    <div class="acting">
      <Icon name="person" size={18} />
      <span>{t("acting.as", { name: name(account) })}</span>
      <Button small onClick={() => void back()}>{t("acting.back", { name: name(by) })}</Button>
    </div>
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
  [["Ctrl", "K"], "keys.find"],
  [["/"], "keys.search"],
  [["↓", "↑"], "keys.rows"],
  [["Enter"], "keys.open"],
  [["Space"], "keys.choose"],
  [["Shift", "F10"], "keys.menu"],
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
  const [sheet, setSheet] = useState(false);
  const [password, setPassword] = useState(false);
  const box = session.value?.box;
  const entry = entryOf(path);
  const home = entry?.path ?? path;
  const title = entry?.title ?? entry?.label ?? t("lost.title");
  useEffect(() => {
    document.title = `${title} · ${box?.name || "Callbox"}`;
  }, [title, box?.name]);
  useEffect(() => setSheet(false), [path]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
        event.preventDefault();
        return void (sought.value = "");
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
      if (event.key === "?") setHelp(true);
      if (event.key !== "/") return;
      event.preventDefault();
      // Where a page has no search box of its own, the key finds in everything.
      const search = document.querySelector<HTMLInputElement>("[role=search] input");
      search ? (search.focus(), search.select()) : (sought.value = "");
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  const brand = (
    <a class="side-box" href="/">
      <img src={mark} alt="" width="26" height="26" />
      <span dir="auto">{box?.name || "Callbox"}</span>
    </a>
  );
  return (
    <>
      <a class="skip" href="#page" onClick={(e) => (e.preventDefault(), e.stopPropagation(), document.getElementById("page")?.focus())}>{t("skip")}</a>
      <div class="frame">
        <header class="side">
          {brand}
          <SideMenu path={home} />
        </header>
        <header class="topbar">
          {brand}
          <button type="button" class="topbar-find" aria-label={t("find.title")} aria-haspopup="dialog" onClick={() => (sought.value = "")}>
            <Icon name="search" size={18} />
            <span>{t("find.title")}</span>
            <kbd aria-hidden="true">Ctrl K</kbd>
          </button>
          <span class="topbar-space" />
          <Bell />
          <JobsButton />
          <LanguageMenu />
          <LookMenu />
          <Person onKeys={() => setHelp(true)} onPassword={() => setPassword(true)} />
        </header>
        <main class="main" id="page" tabIndex={-1}>
          <div class="main-inner">
            <LostLine />
            <Acting />
            <Help />
            <Warned />
            {children}
          </div>
        </main>
        <nav class="tabbar" aria-label={t("menu.short")}>
          {firstEntries().map((entry) => (
            <a key={entry.path} href={entry.path} aria-current={home === entry.path ? "page" : undefined}>
              <Icon name={entry.icon!} />
              <span>{entry.label}</span>
              <Count path={entry.path} />
            </a>
          ))}
          <button type="button" aria-haspopup="dialog" onClick={() => setSheet(true)}>
            <Icon name="menu" />
            <span>{t("menu.title")}</span>
          </button>
        </nav>
      </div>
      {sheet && (
        <Dialog drawer title={t("menu.title")} onClose={() => setSheet(false)}>
          <SideMenu path={home} />
        </Dialog>
      )}
      {sought.value !== null && <Finder begins={sought.value} onClose={() => (sought.value = null)} />}
      {password && <OwnPassword onClose={() => setPassword(false)} />}
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
