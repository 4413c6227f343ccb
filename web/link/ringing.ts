// Whether a phone of whoever looks rings now.
import { computed } from "@preact/signals";
import { agents } from "./live";
import { session } from "./session";

export const ringing = computed(() => {
  const own = session.value?.account;
  const number = own?.kind === "agent" ? own.username : null;
  return number !== null && agents.value.get(number)?.state === "ringing";
});
