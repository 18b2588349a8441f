// A log of any length in a page of at most 2,000 lines: more are fetched where the reader goes, and
// those far away are taken out. Follows the end, searches, folds, links to lines. The server draws
// every line; here they are only put in and taken out.
(() => {
  const MOST = 2000;
  const STEP = 250;
  const NEAR = 400; // px from an edge at which more is fetched
  const RETRY = 3000;
  const logs = new Map();
  const number = (row) => Number(row.id.slice(1));
  const words = new Intl.NumberFormat("en");

  class Log {
    constructor(root) {
      this.root = root;
      this.body = root.querySelector(".log__body");
      this.state = root.querySelector("[data-log-state]");
      this.hitsText = root.querySelector("[data-log-hits]");
      this.field = root.querySelector("input[type=search]");
      this.total = Number(root.dataset.total);
      this.address = root.dataset.page;
      this.search = this.field?.value ?? "";
      this.following = root.dataset.follow !== undefined && !location.hash;
      this.stop = new AbortController();
      this.hits = [];
      this.busy = undefined;
      const on = (target, name, act) => target.addEventListener(name, act, { signal: this.stop.signal });
      on(this.body, "scroll", () => this.scrolled());
      on(root, "click", (event) => this.click(event));
      on(root, "submit", (event) => this.submit(event));
      this.body.addEventListener("toggle", (event) => this.toggled(event.target), { capture: true, signal: this.stop.signal });
      this.press("follow", this.following);
      if (this.following) this.toEnd();
      else this.goToHash();
      if (root.dataset.live) this.connect();
    }

    // --- what is here ------------------------------------------------------
    rows() {
      return this.body.getElementsByClassName("ln");
    }
    first() {
      const rows = this.rows();
      return rows.length ? number(rows[0]) : 1;
    }
    last() {
      const rows = this.rows();
      return rows.length ? number(rows[rows.length - 1]) : 0;
    }
    phases() {
      return [...this.body.querySelectorAll(".log__phase")];
    }
    phaseOf(line) {
      return this.phases().find((phase) => Number(phase.dataset.first) <= line && line <= this.end(phase));
    }
    /** The last phase grows with the log. */
    end(phase) {
      const phases = this.phases();
      return phase === phases[phases.length - 1] ? Math.max(this.total, Number(phase.dataset.last)) : Number(phase.dataset.last);
    }

    // --- fetching ----------------------------------------------------------
    async fetch(from, count) {
      const query = new URLSearchParams({ "input[page]": this.address, "input[from]": from, "input[count]": count, "input[search]": this.search });
      const answer = await fetch(`${this.root.dataset.log}&${query}`, { headers: { accept: "application/json" }, signal: this.stop.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const { html, total, complete } = await answer.json();
      this.total = Math.max(this.total, total);
      this.complete = complete;
      const holder = document.createElement("template");
      holder.innerHTML = html;
      this.count();
      return [...holder.content.querySelectorAll(".ln")];
    }

    /** One change at a time; asked for again meanwhile: done once more after. */
    async alone(act) {
      if (this.busy) return this.busy;
      this.failed = false;
      this.busy = act().catch((error) => {
        this.failed = true;
        if (error.name !== "AbortError") this.say("lost");
      });
      await this.busy;
      this.busy = undefined;
    }

    // --- putting in and taking out -------------------------------------------
    /** Rows go below their phase, in order. */
    put(rows, atEnd) {
      const places = new Map();
      for (const row of rows) {
        const known = this.body.querySelector(`#${row.id}`);
        if (known) {
          known.replaceWith(row); // a line that had no end yet
          continue;
        }
        const phase = this.phaseOf(number(row)) ?? null;
        if (!places.has(phase)) places.set(phase, document.createDocumentFragment());
        places.get(phase).append(row);
      }
      for (const [phase, fragment] of places) {
        const block = this.block(phase, number(fragment.firstChild));
        if (atEnd) block.append(fragment);
        else block.prepend(fragment);
        if (phase && !("folded" in phase.dataset)) phase.open = true;
      }
      this.body.querySelector(".log__none")?.remove();
    }

    block(phase, line) {
      const home = phase ?? this.body;
      const known = home.querySelector(":scope > .log__block");
      if (known) return known;
      const made = document.createElement("div");
      made.className = "log__block";
      const before = phase ? null : this.phases().find((one) => Number(one.dataset.first) > line) ?? this.body.querySelector("[data-more=later]");
      home.insertBefore(made, before);
      return made;
    }

    trim(fromStart) {
      const rows = this.rows();
      while (rows.length > MOST) rows[fromStart ? 0 : rows.length - 1].remove();
      this.more();
    }

    clear() {
      for (const block of this.body.querySelectorAll(".log__block")) block.remove();
    }

    /** Links to what is not here say how much that is. */
    more() {
      const show = (which, left, from, text) => {
        let link = this.body.querySelector(`[data-more=${which}]`);
        if (left <= 0) return link?.remove();
        if (!link) {
          link = document.createElement("a");
          link.className = "log__more";
          link.dataset.more = which;
          if (which === "earlier") this.body.prepend(link);
          else this.body.append(link);
        }
        link.href = `${this.address.replace(/line=$/, "from=")}${from}`;
        link.textContent = text.replace("{}", `${words.format(left)} line${left === 1 ? "" : "s"}`);
      };
      const [first, last] = [this.first(), this.last()];
      show("earlier", first - 1, Math.max(1, first - STEP), "Earlier lines, {} before these");
      show("later", this.total - last, last + 1, "Later lines, {} after these");
    }

    count() {
      const place = this.root.querySelector("[data-log-total]");
      if (place) place.textContent = `${words.format(this.total)} line${this.total === 1 ? "" : "s"}`;
    }

    /** Changes the lines and keeps what the reader looks at where it is. */
    still(change) {
      const top = this.body.getBoundingClientRect().top;
      const anchor = [...this.rows()].find((row) => row.getBoundingClientRect().bottom > top);
      const was = anchor?.getBoundingClientRect().top;
      change();
      if (anchor?.isConnected) this.body.scrollTop += anchor.getBoundingClientRect().top - was;
    }

    // --- moving ------------------------------------------------------------
    scrolled() {
      const { scrollTop, scrollHeight, clientHeight } = this.body;
      const bottom = scrollHeight - clientHeight - scrollTop;
      if (this.following && bottom > 60 && !this.jumping) this.follow(false);
      if (bottom < NEAR && this.last() < this.total) this.later();
      else if (scrollTop < NEAR && this.first() > 1) this.earlier();
    }

    async later() {
      await this.alone(async () => {
        let from = this.last() + 1;
        const phase = this.phaseOf(from);
        if (phase && "folded" in phase.dataset) from = this.end(phase) + 1;
        if (from > this.total) return;
        const rows = await this.fetch(from, STEP);
        this.still(() => {
          this.put(rows, true);
          this.trim(true);
        });
        requestAnimationFrame(() => this.scrolled()); // folded lines fill no page
      });
    }

    async earlier() {
      await this.alone(async () => {
        let to = this.first() - 1;
        const phase = this.phaseOf(to);
        if (phase && "folded" in phase.dataset) to = Number(phase.dataset.first) - 1;
        if (to < 1) return;
        const from = Math.max(1, to - STEP + 1);
        const rows = await this.fetch(from, to - from + 1);
        this.still(() => {
          this.put(rows, false);
          this.trim(false);
        });
        requestAnimationFrame(() => this.scrolled());
      });
    }

    /** Shows a line, wherever in the log it is. */
    async goTo(line, mark = true) {
      this.follow(false);
      if (line < this.first() || line > this.last() || !this.body.querySelector(`#L${line}`)) {
        await this.busy;
        await this.alone(async () => {
          const rows = await this.fetch(Math.max(1, line - 100), STEP);
          this.clear();
          this.put(rows, true);
          this.more();
        });
      }
      const row = this.body.querySelector(`#L${line}`);
      if (!row) return;
      const phase = row.closest("details");
      if (phase) phase.open = true;
      if (mark) {
        this.body.querySelector(".is-target")?.classList.remove("is-target");
        row.classList.add("is-target");
      }
      this.body.scrollTop += row.getBoundingClientRect().top - this.body.getBoundingClientRect().top - this.body.clientHeight / 3;
    }

    goToHash() {
      const line = /^#L(\d+)$/.exec(location.hash)?.[1];
      if (line) this.goTo(Number(line));
    }

    toEnd() {
      this.jumping = true;
      this.body.scrollTop = this.body.scrollHeight;
      requestAnimationFrame(() => {
        this.body.scrollTop = this.body.scrollHeight;
        requestAnimationFrame(() => (this.jumping = false));
      });
    }

    async follow(on) {
      if (this.following === on) return;
      this.following = on;
      this.press("follow", on);
      if (!on) return;
      await this.busy;
      if (this.last() < this.total) {
        await this.alone(async () => {
          const rows = await this.fetch(Math.max(1, this.total - STEP + 1), STEP);
          this.clear();
          this.put(rows, true);
          this.more();
        });
      }
      this.toEnd();
    }

    press(act, on) {
      this.root.querySelector(`[data-log-act=${act}]`)?.setAttribute("aria-pressed", String(on));
    }

    // --- folding -----------------------------------------------------------
    toggled(phase) {
      if (!phase.matches?.(".log__phase")) return;
      if (phase.open) delete phase.dataset.folded;
      else phase.dataset.folded = "";
      if (phase.open && !phase.querySelector(".ln")) this.goTo(Number(phase.dataset.first), false);
      if (phase.open) this.mend(phase);
      this.scrolled();
    }

    /** Lines that were passed over while a phase was folded: what stands beyond the hole goes. */
    mend(phase) {
      const held = phase.getElementsByClassName("ln");
      if (!held.length) return;
      const [first, last] = [number(held[0]), number(held[held.length - 1])];
      const [above, below] = [first > Number(phase.dataset.first), last < this.end(phase)];
      for (const row of [...this.rows()]) {
        if ((above && number(row) < first) || (below && number(row) > last)) row.remove();
      }
      this.more();
    }

    fold() {
      const phases = this.phases();
      const open = phases.every((phase) => !phase.open || !phase.querySelector(".ln"));
      for (const phase of phases) if (phase.querySelector(".ln") || !open) phase.open = open;
    }

    // --- searching ---------------------------------------------------------
    submit(event) {
      event.preventDefault();
      this.find(this.field.value);
    }

    async find(text) {
      this.search = text;
      this.hits = [];
      this.searched = 0;
      this.at = -1;
      const here = this.first();
      await this.busy;
      await this.alone(async () => {
        const rows = await this.fetch(here, Math.max(1, Math.min(MOST, this.last() - here + 1)));
        this.still(() => this.put(rows, true)); // the same lines, marked anew
      });
      if (text) this.move(1);
      else this.say_hits("");
    }

    async hitsFrom(after) {
      const query = new URLSearchParams({ "input[text]": this.search, "input[after]": after });
      const answer = await fetch(`${this.root.dataset.find}&${query}`, { headers: { accept: "application/json" }, signal: this.stop.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      this.hits.push(...found.hits.map((hit) => hit.line));
      this.searched = found.searched_to ?? Infinity;
    }

    /** To the next match or the one before; round at the ends. */
    async move(by) {
      if (!this.search) return this.field?.focus();
      try {
        while (this.at + by >= this.hits.length && this.searched !== Infinity && by > 0) await this.hitsFrom(this.searched);
      } catch {
        return this.say_hits("Search did not work");
      }
      if (!this.hits.length) return this.say_hits("No match");
      this.at = (this.at + by + this.hits.length) % this.hits.length;
      this.say_hits(`${words.format(this.at + 1)} of ${words.format(this.hits.length)}${this.searched === Infinity ? "" : " or more"}`);
      this.body.querySelector(".is-at")?.classList.remove("is-at");
      await this.goTo(this.hits[this.at]);
    }

    say_hits(text) {
      this.root.querySelectorAll("[data-plain]").forEach((one) => one.remove());
      if (this.hitsText) this.hitsText.textContent = text;
    }

    // --- new lines -----------------------------------------------------------
    connect() {
      const source = new EventSource(this.root.dataset.live);
      this.source = source;
      source.onopen = () => this.say("live");
      source.onerror = () => {
        this.say("lost");
        if (source.readyState === EventSource.CLOSED) this.again = setTimeout(() => this.connect(), RETRY);
      };
      source.addEventListener("chunk", (event) => this.chunk(JSON.parse(event.data)));
      source.addEventListener("end", () => this.ended());
    }

    /** A piece of the log, drawn; it may begin and end inside a line. */
    chunk({ line, rows }) {
      const holder = document.createElement("template");
      holder.innerHTML = rows;
      const fresh = [...holder.content.querySelectorAll(".ln")];
      if (!fresh.length) return;
      const held = this.last(); // what the page holds up to
      const ends = held >= line - 1 && held >= this.total;
      this.total = Math.max(this.total, number(fresh[fresh.length - 1]));
      this.count();
      if (this.busy || !ends) {
        this.more();
        if (this.following) this.catchUp();
        return;
      }
      const put = () => {
        const open = this.body.querySelector(`#L${line}`);
        if (open) open.lastElementChild.append(...fresh.shift().lastElementChild.childNodes);
        for (const row of fresh) row.firstElementChild.href = `${this.address}${number(row)}#${row.id}`;
        this.put(fresh, true);
        this.trim(true);
      };
      if (!this.following) return this.still(put);
      put();
      this.toEnd();
    }

    /** Fetches what arrived while something else was going on. */
    async catchUp() {
      await this.busy;
      while (this.following && this.last() < this.total && !this.stop.signal.aborted) {
        await this.alone(async () => {
          const rows = await this.fetch(Math.max(1, this.last()), MOST);
          this.put(rows, true);
          this.trim(true);
        });
        this.toEnd();
        if (this.failed) return;
      }
    }

    async ended() {
      this.source?.close();
      await this.catchUp();
      this.say("end");
    }

    say(what) {
      const [tone, text] = {
        live: ["ok", "Live"],
        lost: ["warn", "Connection lost, trying again"],
        end: ["neutral", "Complete"],
      }[what];
      if (!this.state) return;
      this.state.dataset.tone = tone;
      const place = this.state.querySelector("span");
      if (place.textContent !== text) place.textContent = text;
    }

    // --- hands -------------------------------------------------------------
    click(event) {
      const act = event.target.closest("[data-log-act]")?.dataset.logAct;
      if (act === "follow") return this.follow(!this.following);
      if (act === "next") return this.move(1);
      if (act === "previous") return this.move(-1);
      if (act === "fold") return this.fold();
      const more = event.target.closest("[data-more], .log__jump");
      const line = event.target.closest(".ln > a");
      if (!(more || line) || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      if (line) {
        history.replaceState(history.state, "", line.getAttribute("href"));
        this.goTo(number(line.parentElement));
      } else if (more.dataset.more === "earlier") this.earlier();
      else if (more.dataset.more === "later") this.later();
    }

    close() {
      this.stop.abort();
      this.source?.close();
      clearTimeout(this.again);
    }
  }

  // Single keys, while no field has the focus; they can be turned off.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable], dialog")) return;
    let off = null;
    try {
      off = localStorage.getItem("gc-keys-off");
    } catch {
      // Storage is forbidden here: the keys stay.
    }
    const log = logs.values().next().value;
    if (!log || off !== null) return;
    if (event.key === "n") log.move(1);
    else if (event.key === "N") log.move(-1);
    else if (event.key === "f") log.follow(!log.following);
    else return;
    event.preventDefault();
  });

  const look = () => {
    for (const [root, log] of logs) {
      if (root.isConnected) continue;
      log.close();
      logs.delete(root);
    }
    for (const root of document.querySelectorAll(".log[data-log]:not([data-log=''])")) if (!logs.has(root)) logs.set(root, new Log(root));
  };
  addEventListener("DOMContentLoaded", () => {
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  });
  addEventListener("hashchange", () => logs.forEach((log) => log.goToHash()));
  addEventListener("pagehide", () => logs.forEach((log) => log.source?.close()));
})();
