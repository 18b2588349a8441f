// Keeps a drawn page current. `data-live` names a stream of events; each says only that something
// changed, and the page's parts (`data-part`) are fetched again and replaced where they differ. Pages
// of many things have `data-every`: they are fetched again after so many seconds, while they are seen.
// Also: dialogs the server wrote open become modal, and a form marked `data-inline` shows what is
// wrong beside what was typed.
(() => {
  const WAIT = 300; // ms between an event and the fetch: a burst is one fetch
  const RETRY = 3000;
  const live = new Map(); // element → its stream

  // --- parts -------------------------------------------------------------
  const parts = (root) => [...root.querySelectorAll("[data-part]")];

  const swap = (page, fresh) => {
    for (const old of parts(page)) {
      const next = fresh.querySelector(`[data-part="${old.dataset.part}"]`);
      if (!next) continue;
      const keyed = old.dataset.key !== undefined;
      if (keyed ? old.dataset.key === next.dataset.key : old.innerHTML === next.innerHTML) continue;
      const focused = old.contains(document.activeElement) ? document.activeElement : null;
      const open = [...old.querySelectorAll("details[open]")].map((one) => one.textContent.trim().slice(0, 40));
      const mark = focused && (focused.id ? `#${CSS.escape(focused.id)}` : focused.href && `a[href="${CSS.escape(focused.getAttribute("href"))}"]`);
      old.replaceWith(next);
      for (const details of next.querySelectorAll("details:not([open])")) {
        if (open.includes(details.textContent.trim().slice(0, 40))) details.open = true;
      }
      if (mark) next.querySelector(mark)?.focus({ preventScroll: true });
    }
  };

  const refresh = async (state) => {
    state.timer = undefined;
    if (document.hidden) {
      state.stale = true;
      return;
    }
    const here = location.pathname + location.search;
    try {
      const answer = await fetch(here, { headers: { accept: "text/html" }, signal: state.stop.signal });
      if (!answer.ok || here !== location.pathname + location.search) return;
      const text = await answer.text();
      const fresh = new DOMParser().parseFromString(text, "text/html").querySelector(".sheet > .page");
      if (!fresh || !state.page.isConnected) return;
      swap(state.page, fresh);
      if (fresh.dataset.live === undefined && !fresh.dataset.every) close(state.page); // it ended
      else say(state, false);
    } catch {
      if (state.every && !state.stop.signal.aborted) say(state, true); // a stream says so itself
    }
  };

  const later = (state) => (state.timer ??= setTimeout(() => refresh(state), WAIT));

  // --- streams -----------------------------------------------------------
  const say = (state, lost) => {
    let note = state.page.querySelector(":scope > .live-lost");
    if (!lost) return note?.remove();
    if (note) return;
    note = document.createElement("p");
    note.className = "live-lost";
    note.setAttribute("role", "status");
    note.textContent = "Connection lost, trying again. What you see may be old.";
    state.page.prepend(note);
  };

  const open = (page) => {
    const state = { page, stop: new AbortController(), timer: undefined, lost: false };
    live.set(page, state);
    if (page.dataset.every) {
      state.every = setInterval(() => later(state), Number(page.dataset.every) * 1000);
      return;
    }
    const connect = () => {
      const source = new EventSource(page.dataset.live);
      state.source = source;
      source.onopen = () => {
        if (state.lost) later(state);
        state.lost = false;
        say(state, false);
      };
      source.onerror = () => {
        state.lost = true;
        say(state, true);
        if (source.readyState === EventSource.CLOSED) state.again = setTimeout(connect, RETRY);
      };
      source.addEventListener("change", () => later(state));
      source.addEventListener("end", () => {
        source.close();
        later(state);
      });
    };
    connect();
  };

  const close = (page) => {
    const state = live.get(page);
    if (!state) return;
    state.source?.close();
    state.stop.abort();
    clearTimeout(state.timer);
    clearTimeout(state.again);
    clearInterval(state.every);
    say(state, false);
    live.delete(page);
  };

  document.addEventListener("visibilitychange", () => {
    for (const state of live.values()) {
      if (!document.hidden && state.stale) {
        state.stale = false;
        later(state);
      }
    }
  });

  // --- dialogs -----------------------------------------------------------
  const modal = (dialog) => {
    if (!dialog.open || dialog.matches(":modal")) return;
    dialog.close();
    dialog.showModal();
    // Escape is the way back, as the link is.
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      dialog.querySelector("footer a")?.click();
    });
  };

  // --- forms -------------------------------------------------------------
  const send = async (form) => {
    const place = form.querySelector("[data-error]");
    place.textContent = "";
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { accept: "application/json" },
      });
      const to = answer.headers.get("location");
      if (answer.ok && to) return location.assign(to);
      if (answer.ok) return result(form, await answer.json());
      const error = await answer.json().catch(() => ({}));
      const words = { invalid: `${error.field}: ${error.why}`, conflict: error.why, forbidden: `It ${error.missing}.` };
      place.textContent = words[error.code] ?? `It did not work (${answer.status}). Nothing was changed. ${error.trace ?? ""}`;
      form.querySelector("textarea")?.setAttribute("aria-invalid", "true");
    } catch {
      place.textContent = "The portal cannot be reached. Nothing was changed; try again in a moment.";
    } finally {
      button.disabled = false;
    }
  };

  // What was made and is told once: a worker's token.
  const result = (form, value) => {
    const place = form.querySelector("[data-result]");
    place.querySelector("code").textContent = value;
    place.querySelector("[data-copy]").dataset.copy = value;
    place.hidden = false;
    form.reset();
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches?.("form[data-inline]")) return;
    event.preventDefault();
    send(form);
  });

  // --- what the page holds now --------------------------------------------
  const look = () => {
    for (const page of [...live.keys()]) if (!page.isConnected) close(page);
    for (const page of document.querySelectorAll(".page:is([data-live], [data-every])")) if (!live.has(page)) open(page);
    document.querySelectorAll("dialog[data-modal][open]").forEach(modal);
  };
  addEventListener("DOMContentLoaded", () => {
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  });
  addEventListener("pagehide", () => [...live.keys()].forEach(close));
  addEventListener("pageshow", (event) => event.persisted && look());
})();
