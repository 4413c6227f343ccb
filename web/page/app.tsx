// Which page stands where, and who may see it: set-up, sign-in, or the panel with its menu.
import { effect } from "@preact/signals";
import { follow, go, letGo, place } from "../link/route";
import { askEarly, sessionEnded } from "../link/request";
import { loadResources, resources } from "../link/schema";
import { stack } from "../link/stack";
import { ended, look, session, setup, unreachable } from "../link/session";
import { Button } from "../part/button";
import { Confirmation } from "../part/dialog";
import { Empty } from "../part/empty";
import { later } from "../part/later";
import { Skeleton } from "../part/skeleton";
import { Toasts } from "../part/toast";
import { t } from "../word/words";
import { CallRecords, recordsAsked } from "./call_records";
import { Frame } from "./frame";
import { firstAsked, Noun } from "./noun";
import { Now } from "./now";
import { SignIn } from "./sign_in";

/** Pages that are more than a list and a form, fetched when they are first opened. */
const pages: Record<string, ((props: object) => preact.JSX.Element) & { begin?: () => Promise<void> }> = {
  "/": Now,
  "/calls": later(() => import("./calls").then((made) => made.Calls), waiting),
  "/call_records": CallRecords,
  "/jobs": later(() => import("./job_list").then((made) => made.JobList), waiting),
  "/api_reference": later(() => import("./api").then((made) => made.ApiPage), waiting),
  "/why": later(() => import("./why").then((made) => made.Why), waiting),
  "/ways": later(() => import("./ways").then((made) => made.Ways), waiting),
  "/audit": later(() => import("./audit").then((made) => made.Audit), waiting),
  "/box": later(() => import("./box").then((made) => made.BoxPage), waiting),
};
const SetUp = later(() => import("./setup").then((made) => made.SetUp), alone);
const Stack = later(() => import("./stack").then((made) => made.Stack), () => <></>);
const Importing = later(() => import("./import").then((made) => made.Import), waiting);

function alone() {
  return <main class="alone" aria-busy="true" />;
}

function waiting() {
  return <div class="table-frame"><Skeleton lines={9} /></div>;
}

/** Where one was before the session ended. */
function back(): string {
  const to = place.value.query.get("to");
  return to && URL.canParse(to, location.origin) && new URL(to, location.origin).origin === location.origin ? to : "/";
}

effect(() => {
  if (sessionEnded.value === 0 || session.peek() == null) return;
  letGo();
  const from = location.pathname + location.search;
  ended();
  void go(from === "/" ? "/sign_in" : `/sign_in?to=${encodeURIComponent(from)}`, true);
});

/** Forms over the page go with the page. */
effect(() => {
  place.value.path;
  stack.value = [];
});

effect(() => {
  if (session.value) void loadResources();
});

// The page that the address names comes while the box is asked who is signed in.
void pages[location.pathname]?.begin?.();

/** What the list or form at the address will ask for is asked before it is drawn. */
export function askAhead(): void {
  if (!session.value) return;
  if (place.value.path === "/call_records") askEarly(recordsAsked());
  const declared = resources.value?.find((one) => `/${one.path}` === place.value.path);
  if (declared) firstAsked(declared).forEach(askEarly);
}

export function App() {
  return (
    <div onClick={follow}>
      <Content />
      {stack.value.length > 0 && <Stack />}
      <Confirmation />
      <Toasts />
    </div>
  );
}

function Content() {
  const { path } = place.value;
  const who = session.value;
  if (unreachable.value)
    return (
      <main class="alone">
        <Empty icon="warning" title={t("unreachable.title")} text={t("unreachable.text")}>
          <Button look="primary" icon="refresh" onClick={() => void look()}>{t("do.again")}</Button>
        </Empty>
      </main>
    );
  if (who === undefined) return <main class="alone" aria-busy="true" />;
  if (who === null) {
    if (setup.value?.needed) return <SetUp />;
    return <SignIn onDone={() => void go(path === "/sign_in" ? back() : location.pathname + location.search, true)} ended={sessionEnded.value > 0 && place.value.query.has("to")} />;
  }
  if (path === "/sign_in" || path === "/setup") {
    void go(path === "/sign_in" ? back() : "/", true);
    return <main class="alone" aria-busy="true" />;
  }
  const Page = pages[path];
  return (
    <Frame path={path}>
      {Page ? <Page key={path} /> : <Declared key={path} path={path.slice(1)} />}
    </Frame>
  );
}

/** The list of the noun whose routes begin so, or the form of one that is a single record. */
function Declared({ path }: { path: string }) {
  const [noun, action] = path.split("/");
  const declared = resources.value?.find((one) => one.path === noun && (!action || (action === "import" && one.import)));
  if (!resources.value) return waiting();
  if (declared && action) return <Importing declared={declared} />;
  return declared ? <Noun declared={declared} /> : <Lost />;
}

function Lost() {
  return (
    <Empty icon="search" title={t("lost.title")} text={t("lost.text")}>
      <a class="button button-primary" href="/">{t("menu.now")}</a>
    </Empty>
  );
}
