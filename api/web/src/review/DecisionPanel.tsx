// The decision in three keys: the action, its reason, Enter. Claiming happens by itself with the first of them.

import { type FormEvent, type KeyboardEvent, useEffect, useRef } from "react";
import { Button } from "react-aria-components";
import type { CaseDetail } from "../api/client";
import { isPlain } from "../shell/keys";
import { draftOf } from "../shell/return";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import type { Decision, Step } from "./decision";
import { fits, KEYS, seatsOf } from "./decision";
import css from "./review.module.css";

interface Props {
  item: CaseDetail;
  decision: Decision;
}

export function DecisionPanel({ item, decision }: Props) {
  const { t, say, time, move } = useWords();
  const session = useSession();
  const panel = useRef<HTMLElement>(null);
  const { step } = decision;
  useEffect(() => {
    if (step.at !== "action") panel.current?.scrollIntoView({ block: "nearest" });
  }, [step]);
  useEffect(() => {
    if (document.activeElement === document.body) panel.current?.focus({ preventScroll: true }); // the case before took the focus with it
  }, []);
  const claimed = item.allowed_actions.some((action) => move(action)?.needs_claim);
  const mine = item.claim?.holder === session.name;
  const until = item.claim && time(item.claim.until, item.timezone, false);
  const holding = !item.claim ? t("unclaimed")
    : mine ? t("claimed", { until }) : t("claimed_by", { holder: item.claim.holder, until });
  return (
    <section className="card" id="decision" aria-labelledby="decision-heading" tabIndex={-1} ref={panel} data-at={step.at}>
      <h2 id="decision-heading">{t("actions")}</h2>
      {item.allowed_actions.length === 0 && <p className="quiet" id="no-actions">{t("no_actions")}</p>}
      {claimed && (
        <div className="row">
          <Button id="claim" onPress={decision.toggleClaim}><kbd>c</kbd> {t(mine ? "release" : "claim")}</Button>
          <span className="quiet" id="holding">{holding}</span>
        </div>
      )}
      {"action" in step && step.action === "confirm" && item.exceptions.length > 0 && (
        <div className="warn" id="exceptions">
          {t("before_confirming")} {item.exceptions.map((code) => say("exceptions", code)).join(" · ")}
        </div>
      )}
      <div className={step.at === "action" ? css.actions : css.choices} id="choices"><Choices item={item} decision={decision} /></div>
      {step.at === "action" && <Waiting item={item} />}
      {step.at === "note" && <NoteForm caseId={item.id} step={step} decision={decision} />}
    </section>
  );
}

/** What could be done but for a paper, or by somebody else: which paper and what is wrong with it, or why not oneself. */
function Waiting({ item }: { item: CaseDetail }) {
  const words = useWords();
  const { t, say } = words;
  const absent = seatsOf(item, useSession().role, words).filter((seat) => seat.absent !== null && seat.absent !== t("absent_other")); // its own key says so; the facts need the room
  if (absent.length === 0) return null;
  const reasons = [...new Set(absent.map((seat) => seat.absent))];
  const named = (reason: string | null) => absent.filter((seat) => seat.absent === reason).map((seat) => say("actions", seat.action)).join(", ");
  return (
    <div className="quiet" id="waiting-actions">
      {t("waits_for")}
      <ul>{reasons.map((reason) => <li key={reason}>{named(reason)}: <span className="warn">{reason}</span></li>)}</ul>
    </div>
  );
}

function Choices({ item, decision }: Props) {
  const words = useWords();
  const { t, say, move } = words;
  const session = useSession();
  const { step } = decision;
  if (step.at === "note") {
    return <button type="button" aria-pressed="true">{`${say("actions", step.action)}: ${say("reasons", step.reason)}`}</button>;
  }
  if (step.at === "action") {
    return seatsOf(item, session.role, words).map(({ action, absent }, index) => (
      <button key={action} type="button" aria-disabled={absent !== null} title={absent ?? undefined} onClick={() => decision.choose(index)}>
        <kbd>{KEYS[index]}</kbd>{say("actions", action)}
      </button>
    ));
  }
  return (move(step.action)?.reasons ?? []).map((code, index) => (
    <button key={code} type="button" aria-disabled={!fits(item, step.action, code)} title={fits(item, step.action, code) ? undefined : t("absent_paper")}
      onClick={() => decision.choose(index)}><kbd>{KEYS[index]}</kbd>{say("reasons", code)}</button>
  ));
}

function NoteForm({ caseId, step, decision }: { caseId: string; step: Extract<Step, { at: "note" }>; decision: Decision }) {
  const { t, knows } = useWords();
  /** Some steps ask for something definite. */
  const label = t(knows("ui", `note_${step.action}`) ? `note_${step.action}` : "note");
  const first = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  useEffect(() => first.current?.focus(), []);
  const linking = step.action === "mark_duplicate";
  const draft = draftOf(useSession().name, caseId);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    void decision.send(String(given.get("note") ?? ""), String(given.get("duplicate") ?? "").trim().toUpperCase());
  };
  const sendOnEnter = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== "Enter" || event.shiftKey || !isPlain(event.nativeEvent)) return; // Enter also ends a word that an input method is writing
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  };
  return (
    <form className={css.form} id="form" onSubmit={submit}>
      {linking && <input id="duplicate" name="duplicate" ref={first} aria-label={t("duplicate_of")} placeholder={t("duplicate_of")} />}
      <textarea id="note" name="note" rows={2} maxLength={2000} ref={linking ? undefined : first} onKeyDown={sendOnEnter}
        defaultValue={draft.text} onChange={(event) => draft.keep(event.target.value)}
        aria-label={label} placeholder={label} />
      <div className="row">
        <Button type="submit" id="send" isPending={decision.sending}><kbd>Enter</kbd> {t("send")}</Button>
        <Button id="cancel" onPress={decision.reset}><kbd>Esc</kbd> {t("cancel")}</Button>
      </div>
    </form>
  );
}
