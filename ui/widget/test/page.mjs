// A page of a pretended site, with the chat on it as its query asks.
const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

const people = { jonas: "Jonas Lind", mira: "Mira Okafor", sana: "Sana Kaya", tom: "Tom B." };

/** A token that nobody signed. */
export function token(query) {
  const as = query.get("as") ?? "jonas";
  const claims = { sub: `u-${as}`, name: people[as] ?? as, role: query.get("role") ?? "", refuse: query.has("refuse"), exp: 4_000_000_000 };
  return `${encode({ alg: "none" })}.${encode(claims)}.x`;
}

export function page(query) {
  const get = (name, otherwise = "") => escape(query.get(name) ?? otherwise);
  const attributes = `data-conversation="${get("conversation", "bike")}" data-token="${token(query)}" data-mode="${get("mode", "inline")}" data-theme="${get("theme", "auto")}" ${query.has("locale") ? `data-locale="${get("locale")}"` : ""}`;
  const target = query.get("mode") === "popup" ? "" : 'data-target="#chat"';
  const dark = query.get("theme") === "dark" ? "is-dark" : "";
  return `<!doctype html><html lang="en" dir="${get("dir", "ltr")}" class="${dark} ${query.has("hostile") ? "is-hostile" : ""} ${query.has("phone") ? "is-phone" : ""}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Wheelhouse</title>
<link rel="stylesheet" href="host.css">
<main><header><b>Wheelhouse</b> <span>Bikes</span> <span>Parts</span></header>
<section><h1>Cargo bike, long john, 2022</h1><p>Ridden to school and back for three years, always kept indoors.</p></section>
<aside id="chat"></aside></main>
<script src="planga.js" ${attributes} ${target} async></script></html>`;
}
