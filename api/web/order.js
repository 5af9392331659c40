// The order in which cases are gone through, handed from the queue to the review page within one tab.

const KEY = "phatnguoi.order";

export function remember(ids) {
  sessionStorage.setItem(KEY, JSON.stringify(ids));
}

export function neighbour(id, step) {
  const ids = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  const place = ids.indexOf(id);
  return place < 0 ? null : ids[place + step] ?? null;
}
