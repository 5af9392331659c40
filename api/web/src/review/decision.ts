// Deciding a case: claim, choose an action and a reason, send on the version that was read; refusals re-read the case.
// Keys never wait for the network: the claim goes out with the first of them and is awaited when the decision is sent.

import { useCallback, useRef, useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { answer, api, type CaseDetail, Refusal, type Schemas } from "../api/client";
import { tell, tellRefusal } from "../shell/message";
import { draftOf } from "../shell/return";
import { useSession } from "../shell/session";
import { type Move, useWords, type Words } from "../words/words";
import { caseQuery, clocksQuery, historyQuery } from "./data";
import type { LawChoice } from "./LawPanel";

export const KEYS = "123456789ab";
/** The complaint is decided before what runs on beneath it. */
const FIRST = ["uphold", "annul"];
const CHANGED_MEANWHILE = ["held", "stale", "illegal_move"];

type Action = Schemas["DecisionIn"]["action"];

export type Step =
  | { at: "action" }
  | { at: "reason"; action: Action }
  | { at: "note"; action: Action; reason: string };

/** An action's place among the keys; `absent` says why it cannot be taken now. */
export interface Seat {
  action: Action;
  absent: string | null;
}

export interface Decision {
  step: Step;
  sending: boolean;
  choose: (index: number) => void;
  toggleClaim: () => void;
  reset: () => void;
  send: (note: string, duplicateOf: string) => Promise<void>;
}

/** A state's actions for a role, each always beneath the same key: one that is absent keeps its place. */
export function seatsOf(item: CaseDetail, role: Schemas["Role"], words: Words): Seat[] {
  if (item.allowed_actions.length + item.waiting_actions.length === 0) return [];
  const known = words.codes("actions").filter((action) => startsIn(words.move(action), item.state) && words.move(action)?.roles.includes(role));
  const ordered = [...known.filter((action) => FIRST.includes(action)), ...known.filter((action) => !FIRST.includes(action))] as Action[];
  return ordered.map((action) => ({ action, absent: item.allowed_actions.includes(action) ? null : absence(item, action, words) }));
}

const startsIn = (move: Move | undefined, state: CaseDetail["state"]): boolean =>
  [...(move?.from_states ?? []), ...(move?.citizen_from ?? [])].includes(state);

/** Whether a reason can go with a step on this case: a paper can only be withdrawn where one of its kind stands. */
export const fits = (item: CaseDetail, action: Action, reason: string): boolean =>
  action !== "withdraw" || item.withdrawable.some((kind) => reason === `wrong_${kind}`);

function absence(item: CaseDetail, action: Action, { t, problem, move }: Words): string {
  const waiting = item.waiting_actions.find((one) => one.action === action);
  if (waiting) return problem(waiting);
  if (item.reminder_only && (action === "confirm" || action === "amend")) return t("absent_reminder");
  if (item.track === "citizen" && move(action)?.citizen_from?.includes(item.state) === false) return t("absent_citizen");
  if (action === "sign") return t("absent_sign");
  return t(item.state === "SECOND" ? "absent_second" : "absent_other");
}

export function useDecision(item: CaseDetail | undefined, law: LawChoice, onDone: () => void): Decision {
  const words = useWords();
  const { t, say, move } = words;
  const session = useSession();
  const client = useQueryClient();
  const [, go] = useLocation();
  const [step, setStep] = useState<Step>({ at: "action" });
  const [sending, setSending] = useState(false);
  const claiming = useRef<Promise<CaseDetail | null> | null>(null);

  const reset = useCallback(() => {
    setStep({ at: "action" });
    document.getElementById("decision")?.focus({ preventScroll: true }); // a field would swallow the next key, and from the page's start Tab has far to go
  }, []);
  if (!item) return { step, sending, reset, choose: () => undefined, toggleClaim: () => undefined, send: async () => undefined };

  const at = { params: { path: { case_id: item.id } } };
  const readAgain = () => {
    reset();
    void client.invalidateQueries({ queryKey: caseQuery(item.id).queryKey });
    void client.invalidateQueries({ queryKey: historyQuery(item.id).queryKey });
  };
  const attempt = async (work: () => Promise<CaseDetail>): Promise<CaseDetail | null> => {
    try {
      const changed = await work();
      client.setQueryData(caseQuery(item.id).queryKey, changed);
      return changed;
    } catch (error) {
      tellRefusal(error);
      if (error instanceof Refusal && CHANGED_MEANWHILE.includes(error.problem.code)) readAgain();
      return null;
    }
  };
  const mine = item.claim?.holder === session.name;
  /** Holds the case; a case that changed since it was read is shown anew instead of being decided on. */
  const claim = async (): Promise<CaseDetail | null> => {
    const held = await attempt(() => answer(api.POST("/api/v1/cases/{case_id}/claim", at)));
    if (!held || held.version === item.version) return held;
    tellRefusal(new Refusal({ code: "stale" }));
    readAgain();
    return null;
  };
  const release = () => attempt(() => answer(api.POST("/api/v1/cases/{case_id}/release", at)));

  const chooseAction = (action: Action) => {
    if (!mine && move(action)?.needs_claim) claiming.current = claim();
    const reasons = (move(action)?.reasons ?? []).filter((reason) => fits(item, action, reason));
    const only = reasons.length === 1 ? reasons[0] : undefined;
    setStep(only ? { at: "note", action, reason: only } : { at: "reason", action });
  };
  const choose = (index: number) => {
    if (step.at === "action") {
      const seat = seatsOf(item, session.role, words)[index];
      if (seat?.absent) tell(`${say("actions", seat.action)}: ${seat.absent}`, { bad: true });
      else if (seat) chooseAction(seat.action);
    } else if (step.at === "reason") {
      const reason = move(step.action)?.reasons[index];
      if (reason && !fits(item, step.action, reason)) tell(`${say("reasons", reason)}: ${t("absent_paper")}`, { bad: true });
      else if (reason) setStep({ at: "note", action: step.action, reason });
    }
  };
  const toggleClaim = () => {
    if (item.allowed_actions.length === 0) return;
    void (mine ? release() : claim());
    reset();
  };
  const undo = async (changed: CaseDetail) => {
    const body = { version: changed.version };
    if (!(await attempt(() => answer(api.POST("/api/v1/cases/{case_id}/undo", { ...at, body }))))) return;
    readAgain();
    tell(t("undone", { id: item.id }));
    go(`/cases/${encodeURIComponent(item.id)}`);
  };
  /** Says what was recorded and, while the server allows it, offers to take it back. */
  const tellDone = (changed: CaseDetail, text: string) => {
    // Both times are the server's: the clock of this machine may be minutes off.
    const leftMs = changed.undo_until ? Date.parse(changed.undo_until) - Date.parse(changed.state_at) : 0;
    if (leftMs <= 0) tell(text);
    else tell(text, { forMs: leftMs, offer: { key: "u", label: "undo", act: () => void undo(changed) } });
  };
  const send = async (note: string, duplicateOf: string) => {
    if (step.at !== "note" || sending) return;
    const { action, reason } = step;
    setSending(true);
    const linked = action === "mark_duplicate" ? { duplicate_of: duplicateOf || null } : {};
    const looked = action === "confirm" ? { exceptions_considered: item.exceptions } : {};
    const applied = action === "confirm" || action === "amend" ? law : {};
    const body = { action, reason, note, version: item.version, ...linked, ...looked, ...applied };
    const held = claiming.current ? await claiming.current : item;
    claiming.current = null;
    const changed = held && (await attempt(() => answer(api.POST("/api/v1/cases/{case_id}/decisions", { ...at, body }))));
    setSending(false);
    if (!changed) return;
    draftOf(session.name, item.id).keep("");
    tellDone(changed, t("done", { action: say("actions", action) }));
    reset();
    void client.invalidateQueries({ queryKey: historyQuery(item.id).queryKey });
    void client.invalidateQueries({ queryKey: clocksQuery(item.id).queryKey });
    onDone();
  };
  return { step, sending, choose, toggleClaim, reset, send };
}
