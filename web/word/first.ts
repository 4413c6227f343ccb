// The words of the language in which one reads, on their way before the rest of the panel is read.
import { speakFirst } from "./words";

export const spoken = speakFirst();
