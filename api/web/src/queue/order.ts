// The order in which cases are gone through: handed from the queue to the review page within one tab, and
// lengthened page by page while the officer works through it.

import { answer, api } from "../api/client";
import type { CaseQuery } from "./filters";

interface Order {
  ids: string[];
  query: CaseQuery;
  cursor: string | null;
}

const KEY = "phatnguoi.order";
const AHEAD = 5;

const read = (): Order => JSON.parse(sessionStorage.getItem(KEY) ?? '{"ids":[],"query":{},"cursor":null}') as Order;

export function remember(ids: string[], query: CaseQuery, cursor: string | null): void {
  sessionStorage.setItem(KEY, JSON.stringify({ ids, query, cursor }));
}

export function neighbour(id: string, step: number): string | null {
  const { ids } = read();
  const place = ids.indexOf(id);
  return place < 0 ? null : (ids[place + step] ?? null);
}

/** Fetches the next page of the queue when the end of the known order is near. */
export async function lengthen(id: string): Promise<void> {
  const { ids, query, cursor } = read();
  const place = ids.indexOf(id);
  if (cursor === null || place < 0 || place + AHEAD < ids.length) return;
  const page = await answer(api.GET("/api/v1/cases", { params: { query: { ...query, cursor } } }));
  const known = new Set(ids);
  remember([...ids, ...page.cases.map((row) => row.id).filter((more) => !known.has(more))], query, page.next_cursor);
}
