// The demo people, as the identity provider knows them.
import { readFileSync } from "node:fs";

export type Person = { sub: string; username: string; name: string };

const PEOPLE: Person[] = JSON.parse(readFileSync(new URL("../idp/people.json", import.meta.url), "utf8"));

export function person(username: string): Person {
  const found = PEOPLE.find((candidate) => candidate.username === username);
  if (!found) throw new Error(`nobody is called ${username}`);
  return found;
}
