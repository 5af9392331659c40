// The three logs, page by page, and the check that they hang together.

import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "../api/client";
import { later } from "../shell/days";

export const LOGS = ["decisions", "accesses", "ledger"] as const;
export type Log = (typeof LOGS)[number];

export interface Terms {
  log: Log;
  case_id: string;
  actor: string;
  action: string;
  from: string;
  to: string;
}

export const NO_TERMS: Terms = { log: "decisions", case_id: "", actor: "", action: "", from: "", to: "" };

/** What a link to the logs asks for, e.g. `/audit?log=ledger&action=export`. */
export function termsOf(search: string): Terms {
  const given = new URLSearchParams(search);
  const names = Object.keys(NO_TERMS) as (keyof Terms)[];
  const terms = Object.fromEntries(names.map((name) => [name, given.get(name) ?? NO_TERMS[name]])) as unknown as Terms;
  return LOGS.includes(terms.log) ? terms : { ...terms, log: "decisions" };
}

/** A row of any log: what only one of them has is null in the others. */
export interface Row {
  seq: number;
  at: string;
  actor: string;
  case_id: string | null;
  done: string;
  from_state: string | null;
  to_state: string | null;
  reason: string | null;
  note: string;
  /** Its details as phrases. */
  told: { vi: string; en: string }[];
  hash: string;
}

/** What the API is asked: empty terms left out, days as moments of Viet Nam, the last day included. */
export function asked({ case_id, actor, action, from, to }: Terms): Record<string, string> {
  const terms = {
    case_id: case_id.trim().toUpperCase(), actor: actor.trim(), action: action.trim(),
    from: from && `${from}T00:00:00+07:00`, to: to && `${later(to, 1)}T00:00:00+07:00`,
  };
  return Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== ""));
}

export const fileAddress = (terms: Terms): string => `/api/v1/audit/file?${new URLSearchParams({ ...asked(terms), log: terms.log })}`;

async function page(terms: Terms, before: number | undefined): Promise<{ rows: Row[]; next: number | null }> {
  const query = { ...asked(terms), before };
  if (terms.log === "ledger") {
    const found = await answer(api.GET("/api/v1/audit/ledger", { params: { query } }));
    return { rows: found.rows.map(ofLedger), next: found.next_before };
  }
  const found = await answer(terms.log === "decisions"
    ? api.GET("/api/v1/audit/decisions", { params: { query } }) : api.GET("/api/v1/audit/accesses", { params: { query } }));
  return { rows: found.rows.map(ofLog), next: found.next_before };
}

const NO_MOVE = { from_state: null, to_state: null, reason: null, note: "" };

const ofLedger = (row: Schemas["LedgerRowOut"]): Row => ({ ...NO_MOVE, ...row });

const ofLog = ({ action, item, ...row }: Schemas["LogRowOut"]): Row =>
  ({ ...row, done: action ?? item ?? "", from_state: row.from_state ?? null, to_state: row.to_state ?? null, reason: row.reason ?? null });

export const logQuery = (terms: Terms) =>
  infiniteQueryOptions({
    queryKey: ["audit", terms],
    queryFn: ({ pageParam }) => page(terms, pageParam),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    staleTime: 0,
  });
