// The queue: filters kept in the address, rows moved through with j and k.

import { byId, call, element, say, start, switchLanguage, t, tellRefusal, time, typing, words } from "./common.js";
import { remember } from "./order.js";

const OPEN_STATES = ["NEW", "CHECK", "MORE"];
const ZONE_OFFSET = "+07:00";
const session = await start();
const form = byId("filters");
let cases = [];
let cursor = null;
let chosen = 0;

function option(value, text) {
  return element("option", { value }, text);
}

function fillFilters() {
  byId("state").append(option("", t("open")), ...Object.keys(words.states).map((code) => option(code, say("states", code))), option("any", t("any")));
  byId("kind").append(option("", t("any")), ...Object.keys(words.kinds).map((code) => option(code, say("kinds", code))));
  byId("sort").append(...["oldest", "newest", "surest"].map((code) => option(code, t(code))));
  for (const [name, value] of new URLSearchParams(location.search)) {
    const field = form.elements.namedItem(name);
    if (field?.type === "checkbox") field.checked = true;
    else if (field) field.value = value;
  }
}

function query() {
  const given = new FormData(form);
  const asked = new URLSearchParams();
  const state = given.get("state");
  if (state !== "any") for (const code of state ? [state] : OPEN_STATES) asked.append("state", code);
  for (const name of ["kind", "ward", "camera", "sort"]) if (given.get(name)) asked.set(name, given.get(name));
  if (given.get("from")) asked.set("from", `${given.get("from")}T00:00:00${ZONE_OFFSET}`);
  if (given.get("to")) asked.set("to", new Date(Date.parse(`${given.get("to")}T00:00:00${ZONE_OFFSET}`) + 86400000).toISOString());
  if (given.get("mine")) asked.set("assignee", session.name);
  return asked;
}

function row(item, index) {
  const tag = item.reminder_only ? element("span", { class: "tag" }, t("reminder_only")) : null;
  const when = item.occurred_at ? time(item.occurred_at, item.timezone) : t("time_unknown");
  return element("tr", { "aria-selected": index === chosen ? "true" : "false", "data-id": item.id, onclick: () => open(index) },
    element("td", {}, element("a", { href: `/cases/${item.id}` }, item.id)),
    element("td", {}, when),
    element("td", {}, say("kinds", item.kind), tag),
    element("td", {}, say("vehicles", item.vehicle ?? "none")),
    element("td", {}, item.camera_name || item.camera_id),
    element("td", {}, item.ward),
    element("td", {}, `${Math.round(item.confidence * 100)} %`),
    element("td", {}, say("states", item.state)),
    element("td", {}, item.claim?.holder ?? ""));
}

function draw() {
  byId("rows").replaceChildren(...cases.map(row));
  byId("empty").hidden = cases.length > 0;
  byId("more").hidden = cursor === null;
  remember(cases.map((item) => item.id));
}

function open(index) {
  if (cases[index]) location.assign(`/cases/${cases[index].id}`);
}

function choose(index) {
  if (!cases.length) return;
  chosen = Math.max(0, Math.min(cases.length - 1, index));
  for (const [i, node] of [...byId("rows").children].entries()) node.setAttribute("aria-selected", i === chosen ? "true" : "false");
  byId("rows").children[chosen].scrollIntoView({ block: "nearest" });
}

async function load(next = null) {
  const asked = query();
  if (next) asked.set("cursor", next);
  try {
    const page = await call(`/cases?${asked}`);
    cases = next ? [...cases, ...page.cases] : page.cases;
    cursor = page.next_cursor;
    if (!next) chosen = 0;
    byId("total").textContent = t(page.total_is_exact ? "total" : "total_more", { n: page.total.toLocaleString(document.documentElement.lang) });
    draw();
  } catch (error) {
    tellRefusal(error);
  }
}

fillFilters();
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("change", () => {
  history.replaceState(null, "", `/?${new URLSearchParams(new FormData(form))}`);
  load();
});
byId("more").addEventListener("click", () => load(cursor));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.activeElement?.blur();
  if (typing() || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {
    j: () => choose(chosen + 1), k: () => choose(chosen - 1), ArrowDown: () => choose(chosen + 1), ArrowUp: () => choose(chosen - 1),
    Enter: () => open(chosen), n: () => cursor && load(cursor), v: switchLanguage,
  };
  const action = document.activeElement?.matches("button, a") && event.key === "Enter" ? null : keys[event.key];
  if (action) { event.preventDefault(); action(); }
});
await load();
document.body.dataset.ready = "true";
