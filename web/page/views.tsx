// Views of a list whose records wait to be approved: those in force or put aside, those that wait (POP-10), and where it
// is told, what became of all of them (BLK-6).
import { look, place } from "../link/route";
import { field, type Resource } from "../link/schema";
import { many, t } from "../word/words";

/** The choice of a status that waits. */
export const waiting = "pending";
const log = "log";

const viewOf = (resource: Resource) => (resource.approval ? place.value.query.get("view") : null);

/** Whether the page tells what became of the records, and not the records themselves. */
export const isLog = (resource: Resource) => Boolean(resource.logged) && viewOf(resource) === log;

/** The filters with that of the view; a status that one chose goes before. */
export function viewed(resource: Resource, filters: Record<string, string>): Record<string, string> {
  const status = resource.approval;
  if (!status || filters[status]) return filters;
  const others = field(resource, status).choices.filter((choice) => choice !== waiting);
  return { ...filters, [status]: viewOf(resource) === waiting ? waiting : others.join(",") };
}

export function Views({ resource }: { resource: Resource }) {
  if (!resource.approval) return null;
  const here = viewOf(resource);
  const view = (name: string | null, label: string) => (
    <button type="button" class="tab" aria-current={here === name ? "page" : undefined} onClick={() => void look({ view: name, [resource.approval!]: null })}>{label}</button>
  );
  return (
    <nav class="views" aria-label={t("views.title")}>
      {view(null, many(resource.name))}
      {resource.logged && view(log, t("views.log"))}
      {view(waiting, t("views.approval"))}
    </nav>
  );
}
