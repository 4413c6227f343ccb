// Which page stands where, and who may see it: set-up, sign-in, or the panel with its menu.
import { useEffect } from "preact/hooks";
import { effect } from "@preact/signals";
import { follow, go, holdBack, place } from "../link/route";
import { sessionEnded } from "../link/request";
import { loadResources } from "../link/schema";
import { ended, look, session, setup, unreachable } from "../link/session";
import { Button } from "../part/button";
import { Confirmation } from "../part/dialog";
import { Empty } from "../part/empty";
import { Toasts } from "../part/toast";
import { t } from "../word/words";
import { Agents } from "./agents";
import { BoxPage } from "./box";
import { CallRecords } from "./call_records";
import { Calls } from "./calls";
import { Frame } from "./frame";
import { Now } from "./now";
import { SetUp } from "./setup";
import { SignIn } from "./sign_in";

const pages: Record<string, () => preact.JSX.Element> = {
  "/": Now,
  "/agents": Agents,
  "/calls": Calls,
  "/call_records": CallRecords,
  "/box": BoxPage,
};

/** Where one was before the session ended. */
function back(): string {
  const to = place.value.query.get("to");
  return to && URL.canParse(to, location.origin) && new URL(to, location.origin).origin === location.origin ? to : "/";
}

effect(() => {
  if (sessionEnded.value === 0 || session.peek() == null) return;
  holdBack(null);
  const from = location.pathname + location.search;
  ended();
  void go(from === "/" ? "/sign_in" : `/sign_in?to=${encodeURIComponent(from)}`, true);
});

export function App() {
  useEffect(() => void look(), []);
  useEffect(() => {
    if (session.value) void loadResources();
  }, [session.value]);
  return (
    <div onClick={follow}>
      <Content />
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
  const Page = pages[path] ?? Lost;
  return (
    <Frame path={path}>
      <Page key={path} />
    </Frame>
  );
}

function Lost() {
  return (
    <Empty icon="search" title={t("lost.title")} text={t("lost.text")}>
      <a class="button button-primary" href="/">{t("menu.now")}</a>
    </Empty>
  );
}
