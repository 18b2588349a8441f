// Who may be picked, and what the tokens say about them.

export class People {
  #people;
  #groupsClaim;

  constructor(people, groupsClaim) {
    this.#people = structuredClone(people);
    this.#groupsClaim = groupsClaim;
  }

  list() {
    return this.#people;
  }

  find(sub) {
    return this.#people.find((person) => person.sub === sub);
  }

  /** For tests: change groups, name, or set raw claims that win over all others. */
  change(sub, changes) {
    const person = this.find(sub);
    if (person) Object.assign(person, changes);
    return person;
  }

  claims(sub) {
    const person = this.find(sub);
    const claims = {
      sub,
      name: person.name,
      preferred_username: person.username,
      email: `${person.username}@example.test`,
      email_verified: true,
    };
    if (person.groups) claims[this.#groupsClaim] = person.groups;
    if (person.groupsOverage) {
      // The way a large provider says "too many groups to list, ask me for them".
      claims.hasgroups = true;
      claims._claim_names = { [this.#groupsClaim]: "src1" };
      claims._claim_sources = { src1: { endpoint: "https://directory.example.test/groups" } };
    }
    return { ...claims, ...person.claims };
  }
}
