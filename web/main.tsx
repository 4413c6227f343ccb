// The first line of the panel: who is signed in and what the box declares are asked while the words come, then the page.
import { spoken } from "./word/first";
import { render } from "preact";
import "./link/look";
import { loadResources } from "./link/schema";
import { look } from "./link/session";
import { App } from "./page/app";
import { hourOf } from "./word/time";

void look();
void loadResources();
// The browser reads its calendar while the words come, not when the first row is drawn.
hourOf(0);
await spoken;
render(<App />, document.getElementById("panel")!);
