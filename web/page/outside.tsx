// The frame of the pages before anybody is signed in: a card, the languages, the certificate of the box.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../part/icon";
import mark from "../style/callbox.svg";
import { t } from "../word/words";
import { LanguageMenu, LookMenu } from "./frame";

export function Outside({ title, text, children }: { title: string; text?: ComponentChildren; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · Callbox`;
  }, [title]);
  return (
    <div class="outside">
      <header class="outside-head">
        <LanguageMenu />
        <LookMenu />
      </header>
      <main class="outside-card" id="page">
        <img src={mark} alt="" width="44" height="44" />
        <h1>{title}</h1>
        {text && <p class="soft breaks">{text}</p>}
        {children}
      </main>
      <footer class="outside-foot small soft">
        <a href="/ca.crt" download="callbox-ca.crt"><Icon name="download" size={16} /> {t("certificate.download")}</a>
        <p>{t("certificate.why")}</p>
      </footer>
    </div>
  );
}
