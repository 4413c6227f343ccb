// Two views of a list whose records wait to be approved: those in force or put aside, and those that wait (POP-10).
import { look, place } from "../link/route";
import { field, type Resource } from "../link/schema";
import { many, t } from "../word/words";

/** The choice of a status that waits. */
export const waiting = "pending";

function waits(resource: Resource): boolean {
  return place.value.query.get("view") === waiting && Boolean(resource.approval);
}

/** The filters with that of the view; a status that one chose goes before. */
export function viewed(resource: Resource, filters: Record<string, string>): Record<string, string> {
  const status = resource.approval;
  if (!status || filters[status]) return filters;
  const others = field(resource, status).choices.filter((choice) => choice !== waiting);
  return { ...filters, [status]: waits(resource) ? waiting : others.join(",") };
}

export function Views({ resource }: { resource: Resource }) {
  if (!resource.approval) return null;
  const here = waits(resource);
  const view = (on: boolean, label: string) => (
    <button type="button" class="tab" aria-current={here === on ? "page" : undefined} onClick={() => void look({ view: on ? waiting : null, [resource.approval!]: null })}>{label}</button>
  );
  return <nav class="views" aria-label={t("views.title")}>{view(false, many(resource.name))}{view(true, t("views.approval"))}</nav>;
}
