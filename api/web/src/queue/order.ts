// Which case comes next. Opened from the queue, cases follow its order, which grows page by page while the officer works
// through it. Started with "begin reviewing", the server deals them: oldest first, claimed at once, now and then one
// that is looked at a second time.

import { answer, api } from "../api/client";
import type { CaseQuery } from "./filters";

interface Order {
  ids: string[];
  query: CaseQuery;
  cursor: string | null;
  dealt: boolean;
}

const KEY = "phatnguoi.order";
const NONE: Order = { ids: [], query: {}, cursor: null, dealt: false };
const AHEAD = 5;

function read(): Order {
  try {
    return { ...NONE, ...(JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Partial<Order>) };
  } catch {
    return NONE; // what lies there is none of ours
  }
}
const write = (order: Order): void => sessionStorage.setItem(KEY, JSON.stringify(order));

export function remember(ids: string[], query: CaseQuery, cursor: string | null): void {
  write({ ids, query, cursor, dealt: false });
}

export function neighbour(id: string, step: number): string | null {
  const { ids } = read();
  const place = ids.indexOf(id);
  return place < 0 ? null : (ids[place + step] ?? null);
}

/** The first case the server deals; null when nothing waits. */
export async function begin(): Promise<string | null> {
  const first = await deal([]);
  if (first !== null) write({ ...NONE, ids: [first], dealt: true });
  return first;
}

/** The case behind this one, fetched if it is not known yet; null at the end. */
export async function ahead(id: string): Promise<string | null> {
  const order = read();
  const place = order.ids.indexOf(id);
  if (place < 0) return null;
  if (order.dealt && place === order.ids.length - 1) {
    const next = await deal([id]);
    const now = read();
    if (next !== null && !now.ids.includes(next)) write({ ...now, ids: [...now.ids, next] });
  } else if (order.cursor !== null && place + AHEAD >= order.ids.length) {
    const page = await answer(api.GET("/api/v1/cases", { params: { query: { ...order.query, cursor: order.cursor } } }));
    const known = new Set(order.ids);
    write({ ...order, ids: [...order.ids, ...page.cases.map((row) => row.id).filter((more) => !known.has(more))], cursor: page.next_cursor });
  }
  return neighbour(id, 1);
}

/** The next case from the server, claimed, that is none of those on the screen. */
async function deal(holding: string[]): Promise<string | null> {
  const { data } = await api.POST("/api/v1/cases/next", { params: { query: { holding } } });
  return data && "id" in data ? data.id : null;
}
