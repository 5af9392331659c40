// A row of the law table as the form holds it: words and figures as they are typed, told apart from what cannot be read.

import type { Schemas } from "../api/client";

export type Offence = Schemas["OffenceOut"];

export const VEHICLES = ["person", "bicycle", "motorcycle", "car", "bus", "truck", "stall", "object"] as const;
export const CERTAINTIES = ["F", "F2", "R", "U", "I"] as const;
/** Fields of a row that the server works out and does not take. */
const DERIVED = ["number", "provision", "signers", "organisation_certainty", "organisation_own"];
/** Rarely changed, and of no fixed shape: written as the table's file has them. */
const REST = ["when", "remedies", "default", "individuals_only", "time_bar_years"] as const;
const AMOUNT = /^(\d{1,3}([.,\s]\d{3})+|\d+)$/;

/** A field that cannot be read; `field` as the table names it. */
export class Unreadable extends Error {
  constructor(readonly field: string) {
    super(field);
  }
}

/** What the server takes of a row it gave; the range of organisations only where the row states its own. */
function writtenOf(row: Offence): Record<string, unknown> {
  const own = { ...row, organisation_vnd: row.organisation_own ? row.organisation_vnd : null };
  return Object.fromEntries(Object.entries(own).filter(([name]) => !DERIVED.includes(name)));
}

export const restOf = (row: Offence): string =>
  JSON.stringify(Object.fromEntries(REST.map((name) => [name, row[name]])), null, 1);

/** The row that is proposed. Throws `Unreadable`. */
export function rowOf(row: Offence, given: FormData): Record<string, unknown> {
  const text = (name: string) => String(given.get(name) ?? "").trim();
  const whole = (name: string): number => {
    if (!/^\d+$/.test(text(name))) throw new Unreadable(name);
    return Number(text(name));
  };
  const amount = (name: string, field: string): number => {
    if (!AMOUNT.test(text(name))) throw new Unreadable(field);
    return Number(text(name).replace(/\D/g, ""));
  };
  const range = (field: string): [number, number] => {
    const bounds: [number, number] = [amount(`${field}_0`, field), amount(`${field}_1`, field)];
    if (bounds[0] > bounds[1]) throw new Unreadable(field);
    return bounds;
  };
  const ticked = (name: string, before: readonly string[]): readonly string[] => {
    const chosen = given.getAll(name).map(String);
    const same = chosen.length === before.length && before.every((one) => chosen.includes(one));
    return same ? before : chosen; // another order is no change
  };
  if (!text("from")) throw new Unreadable("from");
  const organisation = text("organisation_vnd_0") || text("organisation_vnd_1") ? range("organisation_vnd") : null;
  return {
    ...writtenOf(row), ...rest(text("rest")),
    id: text("id"), decree: text("decree"), article: whole("article"), clause: whole("clause"), point: text("point"),
    act: { vi: text("act_vi"), en: text("act_en") }, note: text("note"), certainty: text("certainty"),
    kinds: ticked("kinds", row.kinds), vehicles: ticked("vehicles", row.vehicles), points: whole("points"),
    person_vnd: range("person_vnd"), organisation_vnd: organisation, from: text("from"), to: text("to") || null,
  };
}

function rest(text: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(text);
    if (read !== null && typeof read === "object" && Object.keys(read).every((name) => (REST as readonly string[]).includes(name))) {
      return read as Record<string, unknown>;
    }
  } catch {
    // told below, as what is no object is
  }
  throw new Unreadable("rest");
}

/** The table's fields that places lie in: `when.speed`, `act.vi`. */
export const fieldsOf = (places: readonly string[]): string[] => [...new Set(places.map((place) => /^\w+/.exec(place)?.[0] ?? ""))];
