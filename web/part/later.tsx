// A part of the panel that is fetched when it is first shown.
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Skeleton } from "./skeleton";

export function later<P extends object>(load: () => Promise<ComponentType<P>>, waiting: () => JSX.Element = () => <Skeleton lines={2} />): (props: P) => JSX.Element {
  let here: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [, drawn] = useState(here !== null);
    useEffect(() => {
      if (!here) void load().then((made) => ((here = made), drawn(true)));
    }, []);
    if (!here) return waiting();
    const Here = here;
    return <Here {...props} />;
  };
}
