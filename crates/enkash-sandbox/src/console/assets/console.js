// The script of the console and of the API reference. It loads nothing from elsewhere, keeps the token in memory only, and
// writes what came from a server as text; the one thing taken as HTML is what this sandbox rendered (and escaped) itself.
"use strict";

const base = document.body.dataset.base;
const byId = (id) => document.getElementById(id);
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

// ---- A short message at the edge of the page.

let hiding;
function say(text, bad = false, stays = false) {
  const status = byId("status");
  status.textContent = text;
  status.classList.toggle("bad", bad);
  status.classList.add("shown");
  clearTimeout(hiding);
  if (!stays) hiding = setTimeout(() => status.classList.remove("shown"), bad ? 12000 : 4000);
}

// ---- The console: parts of the page that follow the world.

const EVERY = 1000;
const shown = new Map();
let live = true;
let lost = false;
let turn = 0;

// Somebody is marking text there: it must not be pulled away.
function isMarked(part) {
  const selection = getSelection();
  return !selection.isCollapsed && selection.containsNode(part, true);
}

// The first row in sight of a list that is scrolled, and how far it is from the top: new rows come above it.
function rowInSight(list) {
  if (!list?.scrollTop) return undefined;
  const top = list.getBoundingClientRect().top + (list.querySelector("thead")?.offsetHeight ?? 0);
  const row = [...list.querySelectorAll("tr[id]")].find((each) => each.getBoundingClientRect().bottom > top);
  return row && { id: row.id, y: row.getBoundingClientRect().top };
}

// Puts a part's new form in, and keeps what its reader did to it: open folds, the row that is looked at, the focus.
function replace(part, fresh) {
  const active = part.contains(document.activeElement) ? document.activeElement : undefined;
  fresh.querySelectorAll("details[id]").forEach((fold) => { fold.open = Boolean(byId(fold.id)?.open); });
  const before = part.querySelector(".scroll");
  const [left, top] = before ? [before.scrollLeft, before.scrollTop] : [0, 0];
  const seen = rowInSight(before);
  part.replaceWith(fresh);
  const after = fresh.querySelector(".scroll");
  if (after) [after.scrollLeft, after.scrollTop] = [left, top];
  const row = seen && byId(seen.id);
  if (row) after.scrollTop += row.getBoundingClientRect().top - seen.y;
  if (active) (byId(active.id) ?? fresh.querySelector("button, summary, [tabindex]"))?.focus({ preventScroll: true });
  markTarget();
}

// The row that a link led to. The browser forgets it when the row is replaced.
function markTarget() {
  each(".target", (row) => row.classList.remove("target"));
  if (location.hash) byId(location.hash.slice(1))?.classList.add("target");
}

async function refresh() {
  const mine = ++turn;
  let text;
  try {
    const answer = await fetch(`${base}/live${location.search}`, { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    text = await answer.text();
  } catch {
    if (!lost) say("The sandbox cannot be reached. This page tries again by itself.", true, true);
    lost = true;
    document.body.classList.add("lost");
    return;
  }
  if (mine !== turn) return; // A later one was asked for meanwhile.
  if (lost) say("The sandbox is back.");
  lost = false;
  document.body.classList.remove("lost");
  const fragment = new DOMParser().parseFromString(text, "text/html");
  fragment.querySelectorAll("[data-live]").forEach((fresh) => {
    const part = byId(fresh.id);
    const html = fresh.outerHTML;
    if (!part || shown.get(fresh.id) === html || isMarked(part)) return;
    shown.set(fresh.id, html);
    replace(part, document.adoptNode(fresh));
  });
}

async function follow() {
  if (live && !document.hidden) await refresh();
  setTimeout(follow, EVERY);
}

// ---- The console's forms, sent without leaving the page.

async function send(form, button) {
  const fields = new URLSearchParams(new FormData(form, button));
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields });
    if (!answer.ok) throw new Error(await answer.text());
    say(form.dataset.done);
    if ("reset" in form.dataset) form.reset();
  } catch (error) {
    say(error.message, true);
  }
  await refresh();
}

function startConsole() {
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    event.preventDefault();
    // Of what cannot be undone.
    const { confirm: question } = event.target.dataset;
    if (question && !confirm(question)) return;
    send(event.target, event.submitter);
  });
  document.addEventListener("click", (event) => {
    const example = event.target.closest("[data-fill]");
    if (!example) return;
    const field = byId(example.dataset.fill);
    field.value = example.dataset.text;
    field.focus();
  });
  const button = byId("live");
  button.hidden = false;
  button.addEventListener("click", () => {
    live = !live;
    button.setAttribute("aria-pressed", live);
    button.lastElementChild.textContent = live ? "Live" : "Paused";
    if (live) refresh();
  });
  addEventListener("hashchange", markTarget);
  markTarget();
  document.addEventListener("visibilitychange", () => { if (live && !document.hidden) refresh(); });
  each("[data-live]", (part) => shown.set(part.id, part.outerHTML));
  setTimeout(follow, EVERY);
}

// ---- The API reference: logging in and trying operations.

let token = "";

// Basic credentials of any characters.
function basic(id, secret) {
  const bytes = new TextEncoder().encode(`${id}:${secret}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function clientCredentials() {
  return basic(byId("log-in-client_id").value, byId("log-in-client_secret").value);
}

// Never with the browser's own credentials: it would open a window of its own when it sees a Basic challenge. A redirect
// is shown and not followed, so that nothing goes to another host.
async function call(method, url, headers, body) {
  const start = performance.now();
  const answer = await fetch(url, { method, headers, body, credentials: "omit", redirect: "manual", cache: "no-store" });
  const text = await answer.text();
  return { answer, text, took: performance.now() - start };
}

async function logIn(event) {
  event.preventDefault();
  const field = (name) => byId(`log-in-${name}`).value;
  const form = new URLSearchParams({
    grant_type: "password", username: field("username"), password: field("password"), clientId: field("client_id"),
  });
  const note = byId("token");
  try {
    const { answer, text } = await call("POST", "/oauth/token", { authorization: clientCredentials() }, form);
    const body = parsed(text);
    // As the switches may spell it.
    const grant = body?.payload ?? body;
    token = grant?.access_token ?? grant?.accessToken ?? "";
    note.className = token ? "token good" : "token bad";
    note.textContent = token
      ? "Logged in. The token stays in the memory of this page."
      : `Refused with ${answer.status}: ${body?.error_description ?? body?.response_message ?? text}`;
  } catch (error) {
    note.className = "token bad";
    note.textContent = `No answer: ${error.message}`;
  }
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return undefined; }
}

// JSON with line breaks, and with every digit of its numbers: reading and writing them again would round long amounts.
function pretty(text) {
  if (parsed(text) === undefined) return text;
  let out = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  const tokens = text.match(/"(?:\\.|[^"\\])*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  tokens.forEach((token, at) => {
    if (token === "{" || token === "[") {
      const empty = tokens[at + 1] === "}" || tokens[at + 1] === "]";
      depth += 1;
      out += empty ? token : token + line();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      out += tokens[at - 1] === "{" || tokens[at - 1] === "[" ? token : line() + token;
    } else if (token === ",") {
      out += token + line();
    } else {
      out += token === ":" ? ": " : token;
    }
  });
  return out;
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function show(place, { answer, text, took }) {
  const hidden = answer.type === "opaqueredirect";
  const grade = hidden ? "warn" : answer.ok ? "good" : answer.status < 500 ? "warn" : "bad";
  const head = element("p", "answer-head", "");
  head.append(
    element("span", `status ${grade}`, hidden ? "redirect" : String(answer.status)),
    element("span", "hint", ` ${answer.headers.get("content-type") ?? ""} · ${took.toFixed(0)} ms`),
  );
  if (answer.status === 401) head.append(element("span", "hint", "Log in for a token, or for a new one."));
  const body = element("pre", "", hidden ? "A redirect. Browsers do not show where to." : pretty(text) || "(empty)");
  body.tabIndex = 0;
  place.replaceChildren(head, body);
}

async function attempt(event) {
  event.preventDefault();
  const form = event.target;
  const place = form.querySelector("[data-answer]");
  const { method, path, type, proof } = form.dataset;
  const headers = {};
  const query = new URLSearchParams();
  const fields = new URLSearchParams();
  let url = path;
  form.querySelectorAll("[data-in]").forEach((input) => {
    const { name, in: where } = input.dataset;
    if (where === "path") url = url.replace(`{${name}}`, encodeURIComponent(input.value));
    else if (where === "query") query.append(name, input.value);
    else if (where === "header") headers[name] = input.value;
    else fields.append(name, input.value);
  });
  if (proof === "basic") headers.authorization = clientCredentials();
  if (proof === "bearer" && token) headers.authorization = `Bearer ${token}`;
  const body = form.querySelector("[data-body]")?.value ?? (type && !type.endsWith("json") ? fields : undefined);
  if (type && body !== undefined) headers["content-type"] = type;
  if ([...query].length) url += `?${query}`;
  place.replaceChildren(element("p", "hint", "Waiting for the answer…"));
  try {
    show(place, await call(method, url, headers, body));
  } catch (error) {
    place.replaceChildren(element("p", "notice bad", `No answer that can be read: ${error.message}`));
  }
}

// Fills a form again with ids that are there by now, where nobody has written into it.
async function freshen(form) {
  try {
    const text = await (await fetch(location.pathname, { cache: "no-store" })).text();
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById(form.id);
    form.querySelectorAll("input, textarea").forEach((field) => {
      const now = fresh.querySelector(`#${field.id}`);
      if (now && field.value === field.defaultValue) field.value = field.defaultValue = now.defaultValue;
    });
    form.querySelectorAll("option").forEach((option, at) => { option.value = fresh.querySelectorAll("option")[at].value; });
  } catch {
    // What is there stays: the sandbox will say what is wrong with it.
  }
  form.dataset.fresh = "";
}

function startReference() {
  byId("log-in").addEventListener("submit", logIn);
  each("form.attempt", (form) => form.addEventListener("submit", attempt));
  each("[data-examples]", (choice) => choice.addEventListener("change", () => {
    const field = byId(choice.dataset.examples);
    field.value = choice.value;
    field.rows = Math.min(16, Math.max(3, choice.value.split("\n").length));
  }));
  each(".operation", (fold) => fold.addEventListener("toggle", () => {
    if (fold.open) freshen(fold.querySelector("form.attempt"));
  }));
  // Following a link to an operation opens it; browsers do that for a link's first use only.
  const open = () => {
    const target = location.hash && byId(location.hash.slice(1));
    const fold = target && target.closest("details");
    if (!fold) return;
    fold.open = true;
    fold.scrollIntoView();
  };
  addEventListener("hashchange", open);
  each(".contents a", (link) => link.addEventListener("click", () => { if (link.hash === location.hash) open(); }));
  open();
}

if (document.body.classList.contains("console")) startConsole();
else startReference();
