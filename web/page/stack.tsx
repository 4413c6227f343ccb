// The forms that stand over the page: what a field refers to, opened or made without leaving.
import { forget } from "../link/choices";
import { resource } from "../link/schema";
import { closeOver, stack, type Over } from "../link/stack";
import { one, t } from "../word/words";
import { Form } from "./form";
import { nameOfRow, saySaved } from "./naming";

export function Stack() {
  return <>{stack.value.map((over, n) => <Above key={n} over={over} />)}</>;
}

function Above({ over }: { over: Over }) {
  const declared = resource(over.noun);
  if (!declared) return null;
  return (
    <Form
      resource={declared}
      id={over.id}
      preset={over.preset}
      title={(row) => (over.id === null ? t("do.add_one", { one: t(`${over.noun}.one`) }) : row ? <bdi>{nameOfRow(declared, row)}</bdi> : one(over.noun))}
      onClose={() => closeOver(over)}
      onSaved={(row, added) => {
        closeOver(over);
        forget(over.noun, row.id);
        saySaved(declared, row, added);
        over.onSaved?.(row);
      }}
    />
  );
}
