// The strip above and below a list: search, columns, pages; and what a list says when the box refuses.
import type { Refused } from "../link/request";
import { Button } from "../part/button";
import { Empty } from "../part/empty";
import { Icon } from "../part/icon";
import { Menu } from "../part/menu";
import { refusalSentence } from "../word/refusal";
import { figure } from "../word/time";
import { t } from "../word/words";
import type { Listing } from "./listing";

/** The key / goes here, from wherever one is on the page. */
export function Search({ value, onChange, label, to }: { value: string; onChange: (text: string) => void; label: string; to?: () => void }) {
  return (
    <div class="search" role="search">
      <Icon name="search" size={18} />
      <input
        class="input"
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        autocomplete="off"
        onInput={(e) => onChange(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === "Escape" && value) (e.preventDefault(), onChange(""));
          else if (e.key === "ArrowDown" || e.key === "Enter") (e.preventDefault(), to?.());
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}

/** Keys are not ours while somebody types or a dialog is open. */
export function typing(target: EventTarget | null): boolean {
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** From the search into the rows. */
export function firstRow(): void {
  document.querySelector<HTMLElement>(".table-row[tabindex]")?.focus();
}

export function Columns({ columns, shown, onShow }: { columns: { name: string; label: string }[]; shown: (name: string) => boolean; onShow: (name: string, on: boolean) => void }) {
  return (
    <Menu label={t("list.columns")} icon="columns" iconOnly>
      {() => (
        <>
          <p class="menu-title">{t("list.columns")}</p>
          {columns.map((column) => (
            <label class="menu-item" key={column.name}>
              <input type="checkbox" checked={shown(column.name)} onChange={(e) => onShow(column.name, e.currentTarget.checked)} />
              {column.label}
            </label>
          ))}
        </>
      )}
    </Menu>
  );
}

export function Pager({ listing, limit, onLimit }: { listing: Listing<unknown>; limit: number; onLimit: (limit: number) => void }) {
  const count = listing.rows?.length ?? 0;
  if (!count && !listing.hasBefore) return null;
  return (
    <nav class="pager" aria-label={t("list.pages")}>
      <span role="status">{t("list.range", { from: figure(listing.from + 1), to: figure(listing.from + count), total: figure(listing.total) })}</span>
      <label>
        {t("list.per_page")}
        <select class="input" value={limit} onChange={(e) => onLimit(Number(e.currentTarget.value))}>
          {[10, 20, 50, 100].map((n) => <option key={n} value={n}>{n}</option>)}
        </select>
      </label>
      <div class="input-row">
        <Button small icon="back" label={t("list.before")} disabled={!listing.hasBefore || listing.busy} onClick={listing.before} />
        <Button small icon="next" label={t("list.next")} disabled={!listing.hasNext || listing.busy} onClick={listing.next} />
      </div>
    </nav>
  );
}

export function ListRefused({ refused, again }: { refused: Refused; again: () => void }) {
  return (
    <Empty icon="warning" title={t("list.failed")} text={refusalSentence(refused)}>
      <Button icon="refresh" onClick={again}>{t("do.again")}</Button>
    </Empty>
  );
}
