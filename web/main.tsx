// The first line of the panel: who is signed in is asked while the words come, then the page.
import { render } from "preact";
import "./link/look";
import { look } from "./link/session";
import { App } from "./page/app";
import { speakFirst } from "./word/words";

void look();
await speakFirst();
render(<App />, document.getElementById("panel")!);
