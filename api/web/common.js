// What all pages share: words in the reader's language, calls to the API, messages, the account line.

const LANGUAGE_KEY = "phatnguoi.language";
const FALLBACK_ZONE = "Asia/Ho_Chi_Minh";

export let words = {};
let session = null;

export const language = () => (localStorage.getItem(LANGUAGE_KEY) === "en" ? "en" : "vi");

export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export function say(section, code, values) {
  const entry = words[section]?.[code];
  return entry ? fill(entry[language()], values) : String(code);
}

export const t = (code, values) => say("ui", code, values);

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

export function translatePage() {
  document.documentElement.lang = language();
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
}

export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail ?? problem.title ?? "");
    this.problem = problem;
  }
}

export async function call(path, { method = "GET", body, headers = {} } = {}) {
  const all = { ...headers };
  if (body !== undefined) all["Content-Type"] = "application/json";
  if (method !== "GET" && session?.csrf_token) all["X-CSRF-Token"] = session.csrf_token;
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, { method, headers: all, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Refusal({ code: "network" });
  }
  if (answer.status === 204) return null;
  const content = await answer.json().catch(() => ({ code: "other", detail: `HTTP ${answer.status}` }));
  if (answer.ok) return content;
  if (content.code === "login_needed" && location.pathname !== "/login") {
    location.assign("/login");
    await new Promise(() => {}); // the page is being left; nothing of it may go on
  }
  throw new Refusal(content);
}

let fading = 0;

export function tell(text, bad = false) {
  const box = byId("message");
  box.textContent = text;
  box.classList.toggle("bad", bad);
  box.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { box.hidden = true; }, bad ? 8000 : 3000);
}

export function tellRefusal(error) {
  if (!(error instanceof Refusal)) throw error;
  const code = error.problem.code in words.problems ? error.problem.code : "other";
  tell(say("problems", code, { ...error.problem, detail: error.problem.detail ?? "" }), true);
}

export function time(iso, zone = FALLBACK_ZONE, withDate = true) {
  const date = withDate ? { day: "2-digit", month: "2-digit", year: "numeric" } : {};
  return new Intl.DateTimeFormat(language() === "vi" ? "vi-VN" : "en-GB", {
    ...date, hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone,
  }).format(new Date(iso));
}

export function switchLanguage() {
  localStorage.setItem(LANGUAGE_KEY, language() === "vi" ? "en" : "vi");
  location.reload();
}

export const typing = () => ["INPUT", "SELECT", "TEXTAREA"].includes(document.activeElement?.tagName);

export async function loadWords() {
  words = await (await fetch("/console/catalogue.json")).json();
}

export async function start() {
  await loadWords();
  session = await call("/session");
  Object.assign(words, await call("/vocabulary"));
  translatePage();
  byId("account").textContent = `${session.display_name} · ${say("roles", session.role)}`
    + (session.wards.length ? ` · ${session.wards.join(", ")}` : "");
  byId("language").addEventListener("click", switchLanguage);
  byId("logout").addEventListener("click", async () => {
    await call("/session", { method: "DELETE" }).catch(tellRefusal);
    location.assign("/login");
  });
  return session;
}
