// Tabs that follow the arrow keys; panels that are not seen stay in the page, so nothing typed is lost.
import type { ComponentChildren } from "preact";

export type Tab = { name: string; label: string; wrong?: boolean; body: ComponentChildren };

export function Tabs({ id, tabs, chosen, onChoose, label }: { id: string; tabs: Tab[]; chosen: string; onChoose: (name: string) => void; label: string }) {
  const move = (event: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.name === chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = tabs[(to + tabs.length) % tabs.length]!;
    onChoose(tab.name);
    document.getElementById(`${id}-${tab.name}`)?.focus();
  };
  return (
    <div class="tabs">
      <div class="tabs-list" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map((tab) => (
          <button key={tab.name} type="button" role="tab" id={`${id}-${tab.name}`} class={tab.wrong ? "tab tab-wrong" : "tab"} aria-selected={tab.name === chosen} aria-controls={`${id}-${tab.name}-panel`} tabIndex={tab.name === chosen ? 0 : -1} onClick={() => onChoose(tab.name)}>
            {tab.label}
          </button>
        ))}
      </div>
      {tabs.map((tab) => (
        <div key={tab.name} role="tabpanel" id={`${id}-${tab.name}-panel`} aria-labelledby={`${id}-${tab.name}`} hidden={tab.name !== chosen} class="tabs-panel">
          {tab.body}
        </div>
      ))}
    </div>
  );
}
