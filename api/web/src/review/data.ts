// What the review page reads, and the next case read ahead while the officer looks at this one.

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { answer, api, fetchItem, type Item, type Manifest } from "../api/client";
import type { Words } from "../words/words";
import { ahead } from "../queue/order";
import type { Overlay } from "./motion";

const MINUTE_MS = 60_000;

const at = (id: string) => ({ params: { path: { case_id: id } } });

export const caseQuery = (id: string) =>
  queryOptions({ queryKey: ["case", id], queryFn: () => answer(api.GET("/api/v1/cases/{case_id}", at(id))), staleTime: 0 });

export const evidenceQuery = (id: string) =>
  queryOptions({
    queryKey: ["evidence", id],
    queryFn: () => answer(api.GET("/api/v1/cases/{case_id}/evidence", at(id))) as Promise<unknown> as Promise<Manifest>,
    staleTime: Infinity,
  });

export const overlayQuery = (id: string) =>
  queryOptions({
    queryKey: ["overlay", id],
    queryFn: () => answer(api.GET("/api/v1/cases/{case_id}/overlay", at(id))) as Promise<unknown> as Promise<Overlay>,
    staleTime: Infinity,
  });

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ["history", id],
    queryFn: () => answer(api.GET("/api/v1/cases/{case_id}/history", at(id))),
    staleTime: 0,
  });

export const plateQuery = (id: string) =>
  queryOptions({ queryKey: ["plate", id], queryFn: () => answer(api.GET("/api/v1/cases/{case_id}/plate", at(id))) });

export const documentsQuery = (id: string) =>
  queryOptions({ queryKey: ["documents", id], queryFn: () => answer(api.GET("/api/v1/cases/{case_id}/documents", at(id))) });

export const answersQuery = (id: string) =>
  queryOptions({ queryKey: ["answers", id], queryFn: () => answer(api.GET("/api/v1/cases/{case_id}/answers", at(id))) });

export const offencesQuery = (id: string) =>
  queryOptions({
    queryKey: ["offences", id],
    queryFn: () => answer(api.GET("/api/v1/cases/{case_id}/offences", at(id))),
    staleTime: MINUTE_MS,
  });

/** Ids of the cases that officers marked as the same act as this one. */
export const duplicatesQuery = (id: string) =>
  queryOptions({
    queryKey: ["duplicates", id],
    queryFn: async () => (await answer(api.GET("/api/v1/cases", { params: { query: { duplicate_of: id } } }))).cases.map((row) => row.id),
  });

export const clocksQuery = (id: string) =>
  queryOptions({ queryKey: ["clocks", id], queryFn: () => answer(api.GET("/api/v1/cases/{case_id}/deadlines", at(id))) });

export const verificationQuery = (id: string) =>
  queryOptions({
    queryKey: ["verification", id],
    queryFn: () => answer(api.GET("/api/v1/cases/{case_id}/verification", at(id))),
    staleTime: MINUTE_MS,
  });

/** One still as a local address, kept while the case is near. */
export const stillQuery = (id: string, name: string) =>
  queryOptions({
    queryKey: ["still", id, name],
    queryFn: () => fetchItem(id, name),
    staleTime: Infinity,
    gcTime: 10 * MINUTE_MS,
  });

const SHOWN = /^(image|video)\//;
const RANK = ["before", "during", "after", "vehicle", "plate", "clip"];

const rank = (item: Item): number => {
  const place = RANK.findIndex((name) => item.name.startsWith(name));
  return (place < 0 ? RANK.length : place) + (isMarked(item) ? RANK.length : 0);
};

export const isStill = (item: Item): boolean => item.media_type.startsWith("image/");
export const isMarked = (item: Item): boolean => item.name.includes("-annotated");
export const stem = (item: Item): string => item.name.replace(/\.[^.]+$/, "");
/** The still a marked copy was drawn on, whose moment is its own. */
export const plainStem = (item: Item): string => stem(item).replace("-annotated", "");

const PLATE_CROP = /^plate-(\d+)$/;

/** What a picture shows, in words. */
export function captionOf(item: Item, { say, t }: Words): string {
  const crop = PLATE_CROP.exec(stem(item));
  return crop ? t("still_plate", { n: crop[1] }) : say("stills", stem(item));
}

/** Pictures and clips in the order they are looked at: plain ones by time, their marked copies behind them. */
export function shownItems(manifest: Manifest): Item[] {
  return manifest.items.filter((item) => SHOWN.test(item.media_type)).sort((a, b) => rank(a) - rank(b));
}

export function firstShown(items: Item[]): number {
  const during = items.findIndex((item) => stem(item) === "during");
  return during >= 0 ? during : 0;
}

/** Reads the next case of the queue ahead, its first picture too, so that it stands at once after a decision. */
export async function readAhead(client: QueryClient, id: string): Promise<void> {
  const next = await ahead(id);
  if (next === null) return;
  void client.prefetchQuery(caseQuery(next));
  void client.prefetchQuery(overlayQuery(next));
  void client.prefetchQuery(historyQuery(next));
  void client.prefetchQuery(plateQuery(next));
  void client.prefetchQuery(offencesQuery(next));
  void client.prefetchQuery(clocksQuery(next));
  const items = shownItems(await client.fetchQuery(evidenceQuery(next)));
  const first = items[firstShown(items)];
  if (first && isStill(first)) void client.prefetchQuery(stillQuery(next, first.name));
}

/** Gives a dropped still's memory back to the browser. */
export function freeStills(client: QueryClient): () => void {
  return client.getQueryCache().subscribe((event) => {
    if (event.type !== "removed" || event.query.queryKey[0] !== "still") return;
    const address = event.query.state.data;
    if (typeof address === "string") URL.revokeObjectURL(address);
  });
}
