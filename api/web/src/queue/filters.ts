// The queue's filters: kept in the address, turned into what the API asks for.

import type { paths } from "../api/schema";

export type CaseQuery = NonNullable<paths["/api/v1/cases"]["get"]["parameters"]["query"]>;

export interface Filters {
  state: string;
  kind: string;
  ward: string;
  camera: string;
  from: string;
  to: string;
  sort: string;
  mine: string;
}

export const NO_FILTERS: Filters = { state: "", kind: "", ward: "", camera: "", from: "", to: "", sort: "", mine: "" };
export const SORTS = ["oldest", "newest", "surest"] as const;
const OPEN_STATES = ["NEW", "CHECK", "MORE", "SECOND"];
/** What waits for a role once officers have judged; a role that is not here judges. */
const TO_DO: Record<string, string[]> = {
  handler: ["CONFIRMED", "OWNER", "NORESP", "MOVED", "WARNED", "RECORD", "EXPLAIN", "SIGNED", "DECIDED"],
  signer: ["TOSIGN"], // behind the papers that await a signature, see `queriesOf`
  commander: ["APPEAL"],
};
/** Whose queue begins with what waits for them. */
const BEGINS_TO_DO = new Set(["handler", "signer"]);
/** The choice of state that asks for owners' answers nobody dealt with, wherever their cases stand. */
export const ANSWERS = "answers";
const LOCAL_OFFSET = "+07:00";
const DAY_MS = 86_400_000;

export const hasToDo = (role: string): boolean => role in TO_DO;

export function filtersOf(search: string, role: string): Filters {
  const given = new URLSearchParams(search);
  const names = Object.keys(NO_FILTERS) as (keyof Filters)[];
  const asked = Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""])) as unknown as Filters;
  return search === "" && BEGINS_TO_DO.has(role) ? { ...asked, state: "todo" } : asked;
}

export function searchOf(filters: Filters): string {
  const chosen = Object.entries(filters).filter(([, value]) => value !== "");
  return new URLSearchParams(chosen).toString();
}

/** What is listed one behind the other: for whom signs, papers that await a signature before cases that do. */
export function queriesOf(filters: Filters, account: string, role: string): CaseQuery[] {
  const query = queryOf(filters, account, role);
  if (filters.state !== "todo" || role !== "signer") return [query];
  return [{ ...query, state: undefined, papers: "unsigned" }, query];
}

/** `to` includes its day; days are those of Viet Nam. */
function queryOf(filters: Filters, account: string, role: string): CaseQuery {
  const query: Record<string, unknown> = {};
  if (filters.state === ANSWERS) query.answers = "waiting";
  else if (filters.state === "todo") query.state = TO_DO[role] ?? OPEN_STATES;
  else if (filters.state !== "any") query.state = filters.state ? [filters.state] : OPEN_STATES;
  if (filters.kind) query.kind = [filters.kind];
  if (filters.ward) query.ward = filters.ward;
  if (filters.camera) query.camera = filters.camera;
  if (filters.sort) query.sort = filters.sort;
  if (filters.mine) query.assignee = account;
  if (filters.from) query.from = `${filters.from}T00:00:00${LOCAL_OFFSET}`;
  if (filters.to) query.to = new Date(Date.parse(`${filters.to}T00:00:00${LOCAL_OFFSET}`) + DAY_MS).toISOString();
  return query as CaseQuery;
}
