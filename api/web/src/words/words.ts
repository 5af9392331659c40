// Every word of the console, from the server's one catalogue; the language is kept in this browser.

import { useSyncExternalStore } from "react";
import type { Schemas } from "../api/client";

export type Language = "vi" | "en";
type Values = Record<string, unknown>;
/** What of a problem document is told in words. */
interface Refused {
  code: string;
  detail?: string;
  why?: string | null;
  allowed?: string[] | null;
  paper?: string | null;
  day?: string | null;
  row?: string | null;
  /** What is wrong field by field. */
  faults?: Schemas["FieldFaultOut"][] | null;
}
type Section = Record<string, { vi: string; en: string }>;
export type Move = Schemas["MoveOut"];

const LANGUAGE_KEY = "phatnguoi.language";
const FALLBACK_ZONE = "Asia/Ho_Chi_Minh";

let sections: Record<string, Section> = {};
let moves: Record<string, Move> = {};
let language: Language = localStorage.getItem(LANGUAGE_KEY) === "en" ? "en" : "vi";
const listeners = new Set<() => void>();

function changed(): void {
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

export async function loadCatalogue(): Promise<void> {
  const answer = await fetch("/console/catalogue.json");
  sections = { ...sections, ...((await answer.json()) as Record<string, Section>) };
  changed();
}

export function addVocabulary(vocabulary: Schemas["VocabularyOut"]): void {
  moves = vocabulary.actions;
  sections = { ...sections, ...(vocabulary as unknown as Record<string, Section>) };
  changed();
}

export function switchLanguage(): void {
  language = language === "vi" ? "en" : "vi";
  localStorage.setItem(LANGUAGE_KEY, language);
  changed();
}

export class Words {
  constructor(readonly language: Language) {}

  /** A code of a section in words; an unknown code is shown as it is. */
  say = (section: string, code: string | null | undefined, values: Values = {}): string => {
    const entry = code == null ? undefined : sections[section]?.[code];
    return entry ? fill(entry[this.language], values) : String(code ?? "");
  };

  t = (code: string, values?: Values): string => this.say("ui", code, values);

  knows = (section: string, code: string): boolean => code in (sections[section] ?? {});

  codes = (section: string): string[] => Object.keys(sections[section] ?? {});

  move = (action: string): Move | undefined => moves[action];

  get locale(): string {
    return this.language === "vi" ? "vi-VN" : "en-GB";
  }

  number = (value: number, digits = 2): string => value.toLocaleString(this.locale, { maximumFractionDigits: digits });

  /** Always the same number of digits, for figures that run. */
  fixed = (value: number, digits: number): string =>
    value.toLocaleString(this.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });

  time = (iso: string, zone = FALLBACK_ZONE, withDate = true): string => {
    const date = withDate ? ({ day: "2-digit", month: "2-digit", year: "numeric" } as const) : {};
    const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone } as const;
    return new Intl.DateTimeFormat(this.locale, { ...date, ...clock }).format(new Date(iso));
  };

  /** When something must be done by: a term that ends at midnight is told by the last day that counts. */
  until = (iso: string, zone = FALLBACK_ZONE): string => {
    const end = new Date(iso);
    const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: zone } as const;
    if (new Intl.DateTimeFormat("en-GB", clock).format(end) !== "00:00:00") return this.time(iso, zone);
    const date = { day: "2-digit", month: "2-digit", year: "numeric", timeZone: zone } as const;
    return this.t("until_end_of", { day: new Intl.DateTimeFormat(this.locale, date).format(end.getTime() - 1) });
  };

  /** The zone a time is told in, as `GMT+7`. */
  zone = (iso: string, zone = FALLBACK_ZONE): string => {
    const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(new Date(iso));
    return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
  };

  /** A day without a time, from `2026-11-22`. */
  day = (iso: string): string => {
    const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)/.exec(iso) ?? [];
    return year ? `${day}/${month}/${year}` : iso;
  };

  /** What was done, in words; steps that nobody takes from the table too. */
  act = (action: string): string => {
    const own = action === "detect" ? "detected" : action === "undo" ? "undo" : null;
    return own ? this.t(own) : this.say("actions", action);
  };

  /** A refusal in words: by what the server says is wrong where the catalogue knows it, with what would have fitted. */
  problem = (problem: Refused): string => {
    const exact = `${problem.code}_${problem.why ?? ""}`;
    const code = [exact, problem.code].find((one) => this.knows("problems", one)) ?? "other";
    const fitting = (problem.allowed ?? []).map((one) => this.fitting(one)).join(code.endsWith("_amount") ? " – " : "; ");
    const faults = (problem.faults ?? []).map(this.fault).join("; ");
    const [detail, paper, day] = [faults || (problem.detail ?? problem.code), this.say("papers", problem.paper), this.day(problem.day ?? "")];
    return this.say("problems", code, { ...problem, detail, allowed: fitting, paper, day });
  };

  /** One field and what is wrong with it. */
  fault = ({ where, told }: Schemas["FieldFaultOut"]): string => `${where[this.language]}: ${told[this.language]}`;

  private fitting = (code: string): string => {
    if (/^\d+$/.test(code)) return this.number(Number(code), 0);
    const section = ["reasons", "exceptions"].find((one) => this.knows(one, code));
    return section ? this.say(section, code) : code;
  };
}

function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

let current = new Words(language);
listeners.add(() => {
  current = new Words(language);
});

export const words = (): Words => current;

export function useWords(): Words {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
