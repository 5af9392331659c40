// One case under review: evidence on the left, facts and the decision on the right, all by keyboard.

import { byId, call, element, say, start, switchLanguage, t, tell, tellRefusal, time, typing, words } from "./common.js";
import { neighbour } from "./order.js";

const KEYS = "123456789ab";
const id = decodeURIComponent(location.pathname.split("/").pop());
const address = `/cases/${encodeURIComponent(id)}`;
const session = await start();
let current = null;
let items = [];
let shown = 0;
let step = { at: "action" };

const mine = () => current.claim?.holder === session.name;
const actionsOpen = () => current.allowed_actions;

function figure(value) {
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "number") return value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 2 });
  return say(value in words.values ? "values" : "vehicles", value);
}

function factLine([name, value]) {
  const share = name.endsWith("_share") ? `${Math.round(value * 100)} %` : figure(value);
  const known = name in words.facts;
  return element("li", {}, known ? say("facts", name, { value: share }) : `${name}: ${share}`);
}

function pairs(node, rows) {
  node.replaceChildren(...rows.flatMap(([label, value]) => [element("dt", {}, label), element("dd", {}, value)]));
}

function drawCase() {
  byId("case").textContent = current.id;
  byId("state").textContent = say("states", current.state);
  document.title = `${current.id} · ${t("title")}`;
  byId("kind").textContent = say("kinds", current.kind);
  if (current.reminder_only) byId("kind").append(element("span", { class: "tag" }, t("reminder_only")));
  const span = t("in_recording", { start: figure(current.start_s), end: figure(current.end_s) });
  pairs(byId("particulars"), [
    [t("time"), current.occurred_at ? time(current.occurred_at, current.timezone) : t("time_unknown")],
    [t("recording"), span],
    [t("vehicle"), say("vehicles", current.vehicle ?? "none")],
    [t("camera"), [current.camera_name || current.camera_id, current.ward].filter(Boolean).join(" · ")],
  ]);
  pairs(byId("origin"), [
    [t("source"), `${say("sources", current.source_kind)} · ${current.camera_id}`],
    [t("zone"), current.zone_id],
    [t("clock"), say("clocks", current.clock)],
    [t("rule"), current.rule_version],
    [t("network"), current.network_name],
  ]);
  byId("facts").replaceChildren(...Object.entries(current.facts).map(factLine));
  const doubts = [...current.cannot_tell.map((code) => say("doubts", code))];
  byId("doubts").replaceChildren(...(doubts.length ? doubts : [t("no_doubts")]).map((text) => element("li", {}, text)));
  drawDecision();
}

function drawDecision() {
  const until = current.claim && time(current.claim.until, current.timezone, false);
  const may = actionsOpen().length > 0;
  byId("claim").hidden = !may;
  byId("claim").replaceChildren(element("kbd", {}, "c"), ` ${t(mine() ? "release" : "claim")}`);
  byId("holding").textContent = !may ? "" : !current.claim ? t("unclaimed")
    : mine() ? t("claimed", { until }) : t("claimed_by", { holder: current.claim.holder, until });
  byId("exceptions").hidden = step.action !== "confirm";
  byId("form").hidden = step.at !== "note";
  byId("duplicate").hidden = step.action !== "mark_duplicate";
  byId("choices").replaceChildren(...choices());
  if (step.at !== "action") byId("decision").scrollIntoView({ block: "end" });
}

function choices() {
  if (step.at === "action") return actionsOpen().map((code, i) => choice(i, say("actions", code), false, () => chooseAction(code)));
  const all = words.actions[step.action].reasons;
  if (step.at === "reason") return all.map((code, i) => choice(i, say("reasons", code), false, () => chooseReason(code)));
  return [choice(null, `${say("actions", step.action)}: ${say("reasons", step.reason)}`, true, () => {})];
}

function choice(index, text, pressed, onclick) {
  const key = index === null ? null : element("kbd", {}, KEYS[index]);
  return element("button", { type: "button", "aria-pressed": pressed ? "true" : null, onclick }, key, text);
}

async function claimed() {
  if (mine()) return true;
  return attempt(async () => { current = await call(`${address}/claim`, { method: "POST" }); });
}

async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    tellRefusal(error);
    if (["held", "stale", "illegal_move"].includes(error.problem.code)) await reload();
    return false;
  }
}

async function toggleClaim() {
  if (!mine()) await claimed();
  else await attempt(async () => { current = await call(`${address}/release`, { method: "POST" }); });
  reset();
}

async function chooseAction(action) {
  if (!(await claimed())) return;
  step = { at: "reason", action };
  const reasons = words.actions[action].reasons;
  if (reasons.length === 1) chooseReason(reasons[0]);
  else drawDecision();
}

function chooseReason(reason) {
  step = { ...step, at: "note", reason };
  drawDecision();
  (byId("duplicate").hidden ? byId("note") : byId("duplicate")).focus();
}

function reset() {
  step = { at: "action" };
  byId("form").reset();
  document.activeElement?.blur();
  drawDecision();
}

async function send() {
  const { action, reason } = step;
  const duplicate = byId("duplicate").value.trim().toUpperCase();
  const body = { action, reason, note: byId("note").value, version: current.version };
  if (action === "mark_duplicate") body.duplicate_of = duplicate || null;
  const ok = await attempt(async () => { current = await call(`${address}/decisions`, { method: "POST", body }); });
  if (!ok) return;
  tell(t("done", { action: say("actions", action) }));
  reset();
  drawCase();
  await drawLog();
  const next = neighbour(id, 1);
  if (next) setTimeout(() => location.assign(`/cases/${encodeURIComponent(next)}`), 700);
}

const source = (item) => `/api/v1${address}/evidence/${encodeURIComponent(item.name)}`;
const still = (item) => item.media_type.startsWith("image/");
const caption = (item) => say("stills", item.name.replace(/\.[^.]+$/, ""));

function show(index) {
  if (!items.length) return;
  shown = (index + items.length) % items.length;
  const item = items[shown];
  const view = still(item)
    ? element("img", { src: source(item), alt: caption(item) })
    : element("video", { src: source(item), controls: true, preload: "metadata", "aria-label": caption(item) });
  byId("stage").replaceChildren(view);
  for (const [i, node] of [...byId("strip").children].entries()) node.setAttribute("aria-pressed", i === shown ? "true" : "false");
}

function drawStrip() {
  byId("strip").replaceChildren(...items.map((item, i) => element("button", { type: "button", onclick: () => show(i) },
    still(item) ? element("img", { src: source(item), alt: "" }) : element("span", { class: "film", "aria-hidden": "true" }, "▶"),
    caption(item))));
  const marked = items.findIndex((item) => item.name.startsWith("during-annotated"));
  show(marked >= 0 ? marked : Math.max(0, items.findIndex((item) => item.name.startsWith("during"))));
}

async function drawEvidence() {
  const manifest = await call(`${address}/evidence`);
  const order = ["before", "during", "after", "vehicle", "clip"];
  const rank = (item) => { const at = order.findIndex((name) => item.name.startsWith(name)); return at < 0 ? order.length : at; };
  items = manifest.items.filter((item) => /^(image|video)\//.test(item.media_type)).sort((a, b) => rank(a) - rank(b));
  drawStrip();
}

async function drawVerification() {
  const box = byId("verification");
  box.textContent = t("checking");
  const report = await call(`${address}/verification`);
  box.className = report.intact ? "good" : "bad";
  box.textContent = report.intact ? t("intact", { n: report.items }) : t("altered", { item: report.faults.map((f) => f.item).join(", ") });
}

async function drawLog() {
  const rows = await call(`${address}/history`);
  byId("log").replaceChildren(...rows.map((row) => element("li", {},
    [time(row.at, current.timezone), row.actor === "system" ? t("system") : row.actor,
      row.action === "detect" ? t("detected") : say("actions", row.action)].join(" · "),
    row.reason ? element("div", { class: "quiet" }, say("reasons", row.reason) + (row.note ? ` “${row.note}”` : "")) : null)));
}

async function reload() {
  current = await call(address);
  reset();
  drawCase();
  await drawLog();
}

function go(step_) {
  const next = neighbour(id, step_);
  if (next) location.assign(`/cases/${encodeURIComponent(next)}`);
  else tell(t("last_case"));
}

function play() {
  if (byId("stage").querySelector("video") === null) show(items.findIndex((item) => !still(item)));
  const video = byId("stage").querySelector("video");
  if (video) video.paused ? video.play() : video.pause();
}

function digit(key) {
  const index = KEYS.indexOf(key);
  const buttons = byId("choices").children;
  if (index < 0 || step.at === "note" || !buttons[index]) return false;
  buttons[index].click();
  return true;
}

for (const node of document.querySelectorAll("[data-label]")) {
  node.placeholder = t(node.dataset.label);
  node.setAttribute("aria-label", t(node.dataset.label));
}
byId("claim").addEventListener("click", toggleClaim);
byId("cancel").addEventListener("click", reset);
byId("form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
byId("note").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); send(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { reset(); return; }
  if (typing() || event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {
    c: () => actionsOpen().length && toggleClaim(), j: () => go(1), k: () => go(-1), q: () => location.assign("/"), p: play, v: switchLanguage,
    ArrowRight: () => show(shown + 1), ArrowLeft: () => show(shown - 1),
  };
  if (event.key in keys) { event.preventDefault(); keys[event.key](); }
  else if (digit(event.key)) event.preventDefault();
});

try {
  current = await call(address);
  drawCase();
  await Promise.all([drawEvidence(), drawVerification(), drawLog()]);
} catch (error) {
  tellRefusal(error);
}
document.body.dataset.ready = "true";
