// Which nouns have a sound to hear.
import { fields, type Field, type Resource } from "../link/schema";

/** The field of a noun that names a file. */
export const fileOf = (declared: Resource): Field | undefined => fields(declared).find((f) => f.kind === "file");
