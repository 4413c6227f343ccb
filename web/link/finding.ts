// The line that finds everything, opened from wherever one is.
import { signal } from "@preact/signals";

/** What it is opened with; null: it is closed. */
export const sought = signal<string | null>(null);
