// A part of the panel that is fetched when it is first shown.
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Skeleton } from "./skeleton";

/** `begin` fetches it before it is shown. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>, waiting: () => JSX.Element = () => <Skeleton lines={2} />): ((props: P) => JSX.Element) & { begin: () => Promise<void> } {
  let here: ComponentType<P> | null = null;
  let coming: Promise<void> | null = null;
  const begin = () => (coming ??= load().then((made) => void (here = made)));
  function Later(props: P) {
    const [shown, drawn] = useState(here !== null);
    useEffect(() => {
      // Also where it came after this was drawn and before this is asked.
      if (!shown) void begin().then(() => drawn(true));
    }, []);
    if (!here) return waiting();
    const Here = here;
    return <Here {...props} />;
  }
  return Object.assign(Later, { begin });
}
