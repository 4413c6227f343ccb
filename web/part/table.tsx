// A dense table: keyboard rows, ticks, sorting, a menu a row, cards on a phone; it draws what it is given and asks for nothing.
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { t } from "../word/words";
import { Icon } from "./icon";
import { Skeleton } from "./skeleton";

export type Column<R> = {
  name: string;
  label: string;
  /** Null: there is nothing to say; a dash here, and no line on a phone's card. */
  cell: (row: R) => ComponentChildren;
  /** Figures stand at the right, in digits of one width. */
  figure?: boolean;
  /** The head of the card on a phone. */
  main?: boolean;
  /** Left out of the card on a phone. */
  wideOnly?: boolean;
  /** By which field the list is sorted under this head. */
  sort?: string;
};

type Props<R> = {
  label: string;
  columns: Column<R>[];
  rows: R[] | null;
  id: (row: R) => string;
  name: (row: R) => string;
  onOpen?: (row: R) => void;
  chosen?: ReadonlySet<string>;
  onChoose?: (chosen: ReadonlySet<string>) => void;
  /** `name` or `-name`. */
  sorted?: string | null;
  onSort?: (by: string | null) => void;
  menu?: (row: R) => ComponentChildren;
  empty?: ComponentChildren;
  busy?: boolean;
  opened?: string | null;
};

export function Table<R>({ label, columns, rows, id, name, onOpen, chosen, onChoose, sorted, onSort, menu, empty, busy = false, opened }: Props<R>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const last = useRef<number | null>(null);
  if (!rows) return <div class="table-frame"><Skeleton lines={9} /></div>;
  if (!rows.length) return <div class="table-frame">{empty}</div>;

  const all = rows.length > 0 && rows.every((row) => chosen?.has(id(row)));
  const some = !all && rows.some((row) => chosen?.has(id(row)));
  const choose = (ids: string[], on: boolean) => {
    const next = new Set(chosen);
    for (const one of ids) on ? next.add(one) : next.delete(one);
    onChoose?.(next);
  };
  /** With Shift, all from the last one to this. */
  const tick = (event: { currentTarget: HTMLInputElement; shiftKey?: boolean }, n: number, shift: boolean) => {
    const [from, to] = shift && last.current !== null ? [Math.min(last.current, n), Math.max(last.current, n)] : [n, n];
    last.current = n;
    choose(rows.slice(from, to + 1).map(id), event.currentTarget.checked);
  };
  const keys = (event: KeyboardEvent, row: R) => {
    if (event.target !== event.currentTarget) return;
    const lines = [...(body.current?.children ?? [])] as HTMLElement[];
    const at = lines.indexOf(event.currentTarget as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 }[event.key];
    if (to !== undefined) lines[Math.min(lines.length - 1, Math.max(0, to))]?.focus();
    else if (event.key === "Enter" && onOpen) onOpen(row);
    else if (event.key === " " && onChoose) choose([id(row)], !chosen?.has(id(row)));
    else if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) (event.currentTarget as HTMLElement).querySelector<HTMLElement>(".table-menu [aria-haspopup]")?.click();
    else return;
    event.preventDefault();
  };
  const click = (event: MouseEvent, row: R) => {
    if ((event.target as Element).closest("button, a, input, label, .table-tick, .table-menu")) return;
    if (getSelection()?.toString()) return;
    onOpen?.(row);
  };
  return (
    <div class={busy ? "table-frame table-busy" : "table-frame"} aria-busy={busy}>
      <table class="table" role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {onChoose && (
              <th class="table-tick" role="columnheader" scope="col">
                <input type="checkbox" checked={all} indeterminate={some} aria-label={t("list.choose_all")} onChange={(event) => choose(rows.map(id), event.currentTarget.checked)} />
              </th>
            )}
            {columns.map((column) => <Head key={column.name} column={column} sorted={sorted} onSort={onSort} />)}
            {menu && <th class="table-menu" role="columnheader" scope="col"><span class="unseen">{t("list.row_menu")}</span></th>}
          </tr>
        </thead>
        <tbody role="rowgroup" ref={body}>
          {rows.map((row, n) => (
            <tr key={id(row)} role="row" tabIndex={onOpen ? (n === 0 ? 0 : -1) : undefined} class={["table-row", onOpen && "table-open", id(row) === opened && "table-opened", chosen?.has(id(row)) && "table-chosen"].filter(Boolean).join(" ")} aria-label={name(row)} onKeyDown={(event) => keys(event, row)} onClick={(event) => click(event, row)}>
              {onChoose && (
                <td class="table-tick" role="cell">
                  <input type="checkbox" checked={chosen?.has(id(row)) ?? false} aria-label={t("list.choose", { name: name(row) })} onClick={(event) => tick(event, n, event.shiftKey)} />
                </td>
              )}
              {columns.map((column) => {
                const said = column.cell(row);
                const looks = [column.figure && "figure", column.main && "table-main", (column.wideOnly || said === null) && "table-wide"].filter(Boolean).join(" ");
                return <td key={column.name} role="cell" data-label={column.label} class={looks || undefined}>{said ?? <span class="soft">–</span>}</td>;
              })}
              {menu && <td class="table-menu" role="cell">{menu(row)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A head that is pressed sorts by its column, then the other way round, then as before. */
function Head<R>({ column, sorted, onSort }: { column: Column<R>; sorted?: string | null; onSort?: (by: string | null) => void }) {
  const { sort } = column;
  const way = sort && sorted === sort ? "ascending" : sort && sorted === `-${sort}` ? "descending" : undefined;
  const next = way === "ascending" ? `-${sort}` : way === "descending" ? null : (sort ?? null);
  return (
    <th role="columnheader" scope="col" class={column.figure ? "figure" : undefined} aria-sort={way ?? (sort && onSort ? "none" : undefined)}>
      {sort && onSort ? (
        <button type="button" class={way ? "table-sort table-sorted" : "table-sort"} onClick={() => onSort(next)}>
          <span>{column.label}</span>
          <Icon name={way === "descending" ? "sort_down" : "sort_up"} size={14} />
        </button>
      ) : (
        column.label
      )}
    </th>
  );
}
