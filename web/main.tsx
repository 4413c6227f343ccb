// The first line of the panel: who is signed in, what the box declares and the first rows are asked while the words come,
// then the page is drawn once, with all of them.
import { spoken } from "./word/first";
import { render } from "preact";
import "./link/look";
import { forgetEarly } from "./link/request";
import { loadResources } from "./link/schema";
import { look } from "./link/session";
import { App, askAhead } from "./page/app";
import { hourOf } from "./word/time";

const begun = Promise.all([look(), loadResources()]).then(askAhead);
// The browser reads its calendar while the words come, not when the first row is drawn.
hourOf(0);
await Promise.all([spoken, begun]);
render(<App />, document.getElementById("panel")!);
setTimeout(forgetEarly);
