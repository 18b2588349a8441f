// The provider's few pages: plain HTML, no script, readable in both themes.
import { randomBytes } from "node:crypto";

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#cbd2d9, #39424b); --soft: light-dark(#454e58, #b4bcc5); }
html { background: light-dark(#fff, #101316); color: light-dark(#15191d, #e8ebee); }
body { margin: 0 auto; max-width: 36rem; padding: 2rem 1rem; font: 16px/1.5 ui-sans-serif, system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 1rem 0 .5rem; }
ul { list-style: none; padding: 0; display: grid; gap: .5rem; }
button { width: 100%; min-height: 44px; padding: .5rem .75rem; text-align: left; font: inherit; border: 1px solid var(--line);
  border-radius: 6px; background: light-dark(#fff, #161a1e); color: inherit; cursor: pointer; }
button:hover { background: light-dark(#f1f3f6, #1b2025); }
button small, p small { color: var(--soft); }
.note { border: 1px solid light-dark(#edd3a0, #5b4519); background: light-dark(#fdf4e1, #291f0e); border-radius: 6px; padding: .5rem .75rem; }
.plain { margin-top: 1.5rem; }
label { display: block; margin: .75rem 0; }
code { font-family: ui-monospace, monospace; }
`;

export function escape(text) {
  return String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** The page with its headers; forms may lead to ourselves and on to `formTargets`. */
export function page(title, body, formTargets = []) {
  const nonce = randomBytes(16).toString("base64");
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)} · demo identity provider</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<main>
<p class="note"><strong>Demo identity provider.</strong> It asks for no password and listens on this machine only. Never use it for real people.</p>
<h1>${escape(title)}</h1>
${body}
</main>
</body>
</html>
`;
  const origins = [...new Set(formTargets.map((uri) => new URL(uri).origin))].join(" ");
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy":
      `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; form-action 'self' ${origins}; ` +
      "frame-ancestors 'none'; base-uri 'none'",
  };
  return { html, headers };
}

export function pickPage({ uid, clientName, people, current, wantedAcr, formTargets }) {
  const action = `/interaction/${encodeURIComponent(uid)}`;
  const rows = people.map((person) => `<li><button name="sub" value="${escape(person.sub)}">
<strong>${escape(person.name)}</strong> <code>${escape(person.username)}</code>${person.sub === current ? " (signed in now)" : ""}<br>
<small>${escape(person.note)}</small></button></li>`);
  const factor = wantedAcr
    ? `<p>${escape(clientName)} asks for a fresh sign-in with <code>${escape(wantedAcr)}</code>. Picking a person counts as using a second factor.</p>
<label><input type="checkbox" name="one_factor" value="1"> Skip the second factor</label>`
    : "";
  return page(
    "Pick who you are",
    `<p>to sign in to ${escape(clientName)}.</p>
<form method="post" action="${action}/login">${factor}<ul>${rows.join("\n")}</ul></form>
<form class="plain" method="post" action="${action}/abort"><button>Cancel and return to ${escape(clientName)}</button></form>`,
    formTargets,
  );
}

export function logoutPage(ctx, form, person) {
  const targets = ctx.oidc.client?.postLogoutRedirectUris ?? [];
  const who = person ? ` You are signed in as ${escape(person.name)}.` : "";
  send(ctx, page(
    "Sign out of the demo provider?",
    `<p>${who}</p>${form}
<ul><li><button form="op.logoutForm" name="logout" value="yes">Sign out</button></li>
<li><button form="op.logoutForm">Stay signed in here</button></li></ul>`,
    targets,
  ));
}

export function signedOutPage(ctx) {
  send(ctx, page("Signed out", "<p>You are signed out of the demo provider.</p>"));
}

export function errorPage(ctx, out) {
  const rows = Object.entries(out).map(([key, value]) => `<p><small>${escape(key)}</small><br><code>${escape(value)}</code></p>`);
  send(ctx, page("This did not work", rows.join("\n")));
}

function send(ctx, { html, headers }) {
  ctx.set(headers);
  ctx.body = html;
}
