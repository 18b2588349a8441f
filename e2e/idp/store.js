// Where oidc-provider keeps sessions, codes and grants: in memory, shared by all
// incarnations of the provider so that a key rotation ends nobody's session.
const MOST_RECORDS = 20_000;

export class Store {
  records = new Map(); // "Model:id" -> { payload, expiresAt }

  /** The adapter factory that oidc-provider asks for, once per model. */
  adapter = (model) => {
    const key = (id) => `${model}:${id}`;
    const read = (id) => {
      const record = this.records.get(key(id));
      if (record && record.expiresAt < Date.now()) {
        this.records.delete(key(id));
        return undefined;
      }
      return record?.payload;
    };
    const findBy = (field, value) =>
      this.all(model).find((payload) => payload[field] === value);
    return {
      upsert: async (id, payload, expiresIn) => {
        const expiresAt = expiresIn ? Date.now() + expiresIn * 1000 : Infinity;
        this.records.delete(key(id));
        this.records.set(key(id), { payload, expiresAt });
        if (this.records.size > MOST_RECORDS) this.records.delete(this.records.keys().next().value);
      },
      find: async (id) => read(id),
      findByUid: async (uid) => findBy("uid", uid),
      findByUserCode: async (code) => findBy("userCode", code),
      consume: async (id) => {
        const payload = read(id);
        if (payload) payload.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void this.records.delete(key(id)),
      revokeByGrantId: async (grantId) => {
        for (const [name, { payload }] of this.records) {
          if (payload.grantId === grantId) this.records.delete(name);
        }
      },
    };
  };

  /** Every living record of one model. */
  all(model) {
    const now = Date.now();
    return [...this.records]
      .filter(([name, record]) => name.startsWith(`${model}:`) && record.expiresAt >= now)
      .map(([, record]) => record.payload);
  }
}
