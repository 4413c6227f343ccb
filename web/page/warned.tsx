// What an agent is warned of while a call rings or is up; it stays until the agent closes it (POP-3, POP-4).
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { agents } from "../link/live";
import type { AlertRow } from "../link/rows";
import { session } from "../link/session";
import { Button } from "../part/button";
import { Icon } from "../part/icon";
import { t } from "../word/words";

/** Alerts of more calls than anybody has open at once. */
const keptMax = 10;
const keyOf = (alert: AlertRow) => `${alert.call_id} ${alert.number}`;
/** Those that were shown and not closed, also when their call is over. */
const open = signal<readonly AlertRow[]>([]);
const closed = new Set<string>();

export function Warned() {
  const own = session.value?.account;
  const row = own?.kind === "agent" ? agents.value.get(own.username) : undefined;
  const now = row?.alerts ?? [];
  const keys = now.map(keyOf).join("\n");
  useEffect(() => {
    const fresh = now.filter((alert) => !closed.has(keyOf(alert)) && !open.value.some((one) => keyOf(one) === keyOf(alert)));
    if (fresh.length) open.value = [...open.value, ...fresh].slice(-keptMax);
  }, [keys]);
  const close = (alert: AlertRow) => {
    closed.add(keyOf(alert));
    open.value = open.value.filter((one) => one !== alert);
  };
  return (
    <div role="alert">
      {open.value.map((alert) => (
        <div key={keyOf(alert)} class="notice tone-bad warned">
          <Icon name="warning" size={18} />
          <span><strong>{t("warned.of")} <bdi class="mono">{alert.number}</bdi></strong> <bdi class="cell-text">{alert.content}</bdi></span>
          <Button small look="quiet" icon="cross" label={t("warned.close", { number: alert.number })} onClick={() => close(alert)} />
        </div>
      ))}
    </div>
  );
}
