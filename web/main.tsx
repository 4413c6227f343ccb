// The first line of the panel: the language, then the page.
import { render } from "preact";
import "./link/look";
import { App } from "./page/app";
import { speakFirst } from "./word/words";

await speakFirst();
render(<App />, document.getElementById("panel")!);
