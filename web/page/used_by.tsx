// Which other records refer to a record, by their noun and field; each is opened without leaving.
import { useEffect, useState } from "preact/hooks";
import { ask, type Refused } from "../link/request";
import { resource as known, type Resource } from "../link/schema";
import { openOver } from "../link/stack";
import { Skeleton } from "../part/skeleton";
import { nounWord } from "../kind/grants";
import { refusalSentence } from "../word/refusal";
import { has, t } from "../word/words";

export type User = { noun: string; id: string; name: string; field: string };

export function UsedBy({ resource, path }: { resource: Resource; path: string }) {
  const [users, setUsers] = useState<User[] | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  useEffect(() => void ask<{ users: User[] }>("GET", `${path}/users`).then((answer) => (answer.ok ? setUsers(answer.body.users) : setRefused(answer.refused))), [path]);
  if (refused) return <p class="soft">{refusalSentence(refused)}</p>;
  if (!users) return <Skeleton lines={3} />;
  if (!users.length) return <p class="soft">{t("users.none", { one: t(`${resource.name}.one`) })}</p>;
  return <Users users={users} />;
}

export function Users({ users }: { users: User[] }) {
  const nouns = [...new Set(users.map((user) => user.noun))];
  const place = ({ noun, field }: User) => (has(`${noun}.${field.split(".")[0]}`) ? t(`${noun}.${field.split(".")[0]}`) : field);
  return (
    <div class="users">
      {nouns.map((noun) => (
        <section key={noun}>
          <h3>{nounWord(noun)}</h3>
          <ul class="plain-list">
            {users.filter((user) => user.noun === noun).map((user) => (
              <li key={`${user.id} ${user.field}`}>
                {known(noun) ? <button type="button" class="as-link" onClick={() => openOver({ noun, id: user.id })}><bdi>{user.name}</bdi></button> : <bdi>{user.name || `#${user.id}`}</bdi>}
                <span class="small soft">{place(user)}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
