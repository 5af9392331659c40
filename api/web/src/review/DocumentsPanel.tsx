// Papers of the case: issue the notice or the draft record, read it, sign it, hand it over.

import { type FormEvent, useEffect, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, type CaseDetail, type Schemas } from "../api/client";
import { DayField } from "../shell/DayField";
import { useKeys } from "../shell/keys";
import { tell, tellRefusal } from "../shell/message";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import { answersQuery, caseQuery, documentsQuery, plateQuery } from "./data";
import css from "./review.module.css";

type Paper = Schemas["DocumentOut"];

const HANDLERS = ["handler", "commander"];
const SIGNERS = ["signer"];
type Kind = Paper["kind"];
/** Where each paper may be issued, as the server has it; what its form asks for beside plate and owner. */
const KINDS: Record<Kind, { states: readonly string[]; asks: readonly string[] }> = {
  notice: { states: ["CONFIRMED", "OWNER", "NOTICED", "NORESP", "MOVED"], asks: ["preventive"] },
  result: { states: ["CONFIRMED", "OWNER", "NOTICED", "NORESP", "WARNED", "MOVED", "RECORD"], asks: ["operator"] },
  record: { states: ["OWNER", "NOTICED", "NORESP", "WARNED", "MOVED", "RECORD", "EXPLAIN"], asks: ["preventive", "opinions"] },
  decision: { states: ["RECORD", "EXPLAIN", "TOSIGN", "SIGNED"], asks: ["verified", "explanation", "aggravating", "mitigating", "decider", "pay_where"] },
};
const APPEARING = new Set<Kind>(["notice", "record"]);
/** They name who rode or drove; the others go to whom the vehicle belongs to. */
const OF_OFFENDER = new Set<Kind>(["record", "decision"]);
/** States in which a case has no papers yet. */
export const BEFORE_PAPERS = new Set(["NEW", "CHECK", "MORE", "SECOND", "REJECTED", "DUP"]);
const CHANNELS = ["vnetraffic", "vneid", "registry", "payment"] as const;
const COLOURS = ["unknown", "white", "yellow", "blue", "red"] as const;

export function DocumentsPanel({ item }: { item: CaseDetail }) {
  const { t } = useWords();
  const session = useSession();
  const client = useQueryClient();
  const papers = useQuery(documentsQuery(item.id)).data ?? [];
  const answers = useQuery(answersQuery(item.id)).data ?? [];
  const held = answers.some((row) => row.waiting && row.kind === "not_driver");
  const driver = answers.findLast((row) => row.dealing === "driver_found")?.dealing_note ?? "";
  const [code, setCode] = useState("");
  const mayIssue = HANDLERS.includes(session.role) && !BEFORE_PAPERS.has(item.state);
  const carryOut = async <T,>(work: () => Promise<T>): Promise<T | null> => {
    try {
      return await work();
    } catch (error) {
      tellRefusal(error);
      return null;
    } finally {
      await client.invalidateQueries({ queryKey: documentsQuery(item.id).queryKey });
      void client.invalidateQueries({ queryKey: caseQuery(item.id).queryKey }); // what waits for a paper may be open now
    }
  };
  useKeys({ d: toPapers });
  useEffect(() => {
    if (code) document.getElementById("documents")?.scrollIntoView({ block: "start" }); // shown once; the form above it has closed
  }, [code]);
  if (papers.length === 0 && !mayIssue) return null;
  return (
    <section className="card" id="documents" tabIndex={-1}>
      <h2>{t("documents")}</h2>
      {code && <p className="warn">{t("document_code")} <b id="code">{code}</b></p>}
      {held && <p className="warn" id="papers-wait">{t("papers_wait")}</p>}
      <ul>{papers.map((paper) => <PaperLine key={paper.id} paper={paper} carryOut={carryOut} />)}</ul>
      {mayIssue && <IssueForm item={item} papers={papers} driver={driver} carryOut={carryOut} onIssued={(paper) => setCode(paper.code ?? "")} />}
    </section>
  );
}

/** To what this role does with papers: the passphrase of the first one to be signed, else the form of a new one. */
function toPapers(): void {
  const panel = document.getElementById("documents");
  const form = panel?.querySelector("details");
  if (form) form.open = true;
  const field = panel?.querySelector<HTMLElement>("[name=passphrase]") ?? panel?.querySelector<HTMLElement>("[name=kind]");
  panel?.scrollIntoView({ block: "start" });
  field?.focus();
}

/** The form that had the focus is gone; from the start of the page the next paper would be far away. */
function stayAtPapers(): void {
  document.getElementById("documents")?.focus({ preventScroll: true });
}

type CarryOut = <T>(work: () => Promise<T>) => Promise<T | null>;

function PaperLine({ paper, carryOut }: { paper: Paper; carryOut: CarryOut }) {
  const { t, say, time } = useWords();
  const session = useSession();
  const at = { params: { path: { case_id: paper.case_id, document_id: paper.id } } };
  const address = `/api/v1/cases/${encodeURIComponent(paper.case_id)}/documents/${encodeURIComponent(paper.id)}/pdf`;
  const sign = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const passphrase = String(new FormData(form).get("passphrase"));
    const signed = await carryOut(() => answer(api.POST("/api/v1/cases/{case_id}/documents/{document_id}/signature", { ...at, body: { passphrase } })));
    if (signed) {
      tell(t("document_signed_now"));
      stayAtPapers();
    } else form.reset(); // a secret that was refused stays on no screen
  };
  const holds = !paper.void && !paper.plate_differs;
  return (
    <li>
      {say("papers", paper.kind)} <b>{paper.number}</b> · {paper.plate_shown && `${paper.plate_shown} · `}{time(paper.issued_at)} ·{" "}
      <a href={address} download={`${paper.id}.pdf`}>PDF</a>
      {paper.signed_at && <> · <a href={`${address}?signed=true`} download={`${paper.id}-signed.pdf`}>{t("document_signed", { name: paper.signed_by ?? "" })}</a></>}
      {paper.void && (
        <p className="warn" data-void={paper.id}>
          {t("document_void", { name: paper.void.actor === "system" ? t("system") : paper.void.actor, action: say("actions", paper.void.action), at: time(paper.void.at) })}
        </p>
      )}
      {!paper.void && paper.plate_differs && <p className="warn" data-plate-differs={paper.id}>{t("document_plate_differs")}</p>}
      {holds && !paper.signed_at && SIGNERS.includes(session.role) && (
        <form className="row" onSubmit={sign}>
          <input name="username" autoComplete="username" value={session.name} readOnly hidden />
          <input name="passphrase" type="password" required autoComplete="off" aria-label={t("document_passphrase")} placeholder={t("document_passphrase")} />
          <Button type="submit">{t("document_sign")}</Button>
        </form>
      )}
      {paper.handed.length > 0 && (
        <ul className="quiet">
          {paper.handed.map((one) => (
            <li key={one.at} data-handed={one.channel}>
              {t(one.delivered ? "handed_delivered" : "handed_laid_out", { channel: say("channels", one.channel), name: one.by, at: time(one.at), reference: one.reference })}
            </li>
          ))}
        </ul>
      )}
      {holds && paper.signed_at && HANDLERS.includes(session.role) && <HandOver paper={paper} carryOut={carryOut} />}
    </li>
  );
}

/** Choosing a channel does nothing yet: what leaves the house is not taken back, so it asks for a press of its own. */
function HandOver({ paper, carryOut }: { paper: Paper; carryOut: CarryOut }) {
  const { t, say } = useWords();
  const [sending, setSending] = useState(false);
  const deliver = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (sending) return;
    const form = event.currentTarget;
    const channel = String(new FormData(form).get("channel")) as (typeof CHANNELS)[number];
    const path = { case_id: paper.case_id, document_id: paper.id };
    setSending(true);
    const receipt = await carryOut(() => answer(api.POST("/api/v1/cases/{case_id}/documents/{document_id}/deliveries", { params: { path }, body: { channel } })));
    setSending(false);
    if (!receipt) return;
    tell(t(receipt.delivered ? "handed_over_delivered" : "handed_over_laid_out", { channel: say("channels", receipt.channel), reference: receipt.reference }));
    form.reset();
    stayAtPapers();
  };
  return (
    <form className={`row ${css.handing}`} data-hand-over={paper.id} onSubmit={deliver}>
      <label>{t("document_hand_over")}{" "}
        <select name="channel" required defaultValue="">
          <option value="" disabled>–</option>
          {CHANNELS.map((channel) => <option key={channel} value={channel}>{say("channels", channel)}</option>)}
        </select>
      </label>
      <Button type="submit" isPending={sending}>{t("document_hand_over_now")}</Button>
    </form>
  );
}

interface IssueProps {
  item: CaseDetail;
  papers: Paper[];
  /** Who drove, as an officer noted it after the owner's answer; empty while nobody did. */
  driver: string;
  carryOut: CarryOut;
  onIssued: (paper: Paper) => void;
}

/**
 * A paper that holds, which a second one of its kind would contradict; of decisions the server knows more. One that
 * describes the vehicle makes way once a plate is established.
 */
const standingOf = (papers: Paper[], kind: Kind | undefined, established: string): Paper | undefined =>
  papers.find((paper) => paper.kind === kind && kind !== "decision" && !paper.void && !paper.plate_differs && (paper.plate !== "" || established === ""));

function IssueForm({ item, papers, driver, carryOut, onIssued }: IssueProps) {
  const { t, say } = useWords();
  const plate = useQuery(plateQuery(item.id)).data;
  const kinds = (Object.keys(KINDS) as Kind[]).filter((kind) => KINDS[kind].states.includes(item.state)
    && (kind !== "result" || item.source_kind === "device"));
  const established = plate?.established ? plate.shown : "";
  const [chosen, setChosen] = useState<Kind | null>(null);
  const open = kinds.filter((one) => !standingOf(papers, one, established));
  const next = driver && open.includes("record") ? "record" : open[0]; // who drove is known: the record names them
  const kind = chosen && kinds.includes(chosen) ? chosen : (next ?? kinds[0]);
  const standing = standingOf(papers, kind, established);
  const [appearAt, setAppearAt] = useState("");
  const [sending, setSending] = useState(false);
  /** A notice goes to the owner of a plate, so it needs one that an officer has read; other papers may do without. */
  const unread = established === "" && kind === "notice";
  const issue = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (sending) return;
    const page = event.currentTarget;
    const given = new FormData(page);
    const text = (name: string) => String(given.get(name) ?? "").trim();
    const appear = text("appear_at");
    const form = {
      plate: established, plate_colour: text("plate_colour"), marks: text("marks"),
      owner: { name: text("owner"), id_number: text("id_number"), address: text("address") },
      ...(kind && APPEARING.has(kind) ? { appear_at: appear ? `${appear}:00+07:00` : null, appear_where: text("appear_where") } : {}),
      ...Object.fromEntries((kind ? KINDS[kind].asks : []).map((name) => [name, text(name)])),
    };
    const body = { kind: text("kind"), form } as unknown as Schemas["DocumentIn"];
    const path = { case_id: item.id };
    setSending(true);
    const paper = await carryOut(() => answer(api.POST("/api/v1/cases/{case_id}/documents", { params: { path }, body })));
    setSending(false);
    if (!paper) return;
    onIssued(paper);
    page.reset();
    setChosen(null);
    setAppearAt("");
    stayAtPapers();
    page.closest("details")?.removeAttribute("open"); // a second press would issue a second paper that holds
  };
  const line = (name: string) => <label><span>{t(`document_${name}`)}</span><input name={name} /></label>;
  if (!kind) return null;
  return (
    <details className={css.choice}>
      <summary>{t("document_issue")}</summary>
      <form className={css.paper} id="issue" onSubmit={issue}>
        <label><span>{t("scene_kind")}</span>
          <select name="kind" value={kind} onChange={(event) => setChosen(event.target.value as Kind)}>
            {kinds.map((one) => <option key={one} value={one}>{say("papers", one)}</option>)}
          </select>
        </label>
        {standing && <p className={`warn ${css.across}`} id="paper-stands">{t("paper_stands", { number: standing.number })}</p>}
        <label><span>{t("paper_plate")}</span><output id="paper-plate">{established || t(unread ? "none" : "paper_no_plate")}</output></label>
        {unread && (
          <p className={`warn ${css.across}`} id="plate-first">{t("plate_first")} <Button onPress={() => document.getElementById("plate")?.focus()}><kbd>x</kbd> {t("plate_go")}</Button></p>
        )}
        <label><span>{t("document_plate_colour")}</span>
          <select name="plate_colour">{COLOURS.map((colour) => <option key={colour} value={colour}>{say("plate_colours", colour)}</option>)}</select>
        </label>
        {established === "" && !unread && line("marks")}
        {driver && OF_OFFENDER.has(kind) && <p className={`warn ${css.across}`} id="driver-named">{t("driver_named", { note: driver })}</p>}
        <label><span>{t(OF_OFFENDER.has(kind) ? "document_offender" : "document_owner")}</span><input name="owner" /></label>
        {line("id_number")}{line("address")}
        {APPEARING.has(kind) && <><DayField timed label={t("document_appear_at")} name="appear_at" value={appearAt} onChange={setAppearAt} />{line("appear_where")}</>}
        {KINDS[kind].asks.map((name) => <label key={name}><span>{t(`document_${name}`)}</span><input name={name} maxLength={300} /></label>)}
        <Button type="submit" id="issue-paper" isPending={sending} isDisabled={unread || standing !== undefined}>{t("document_issue")}</Button>
      </form>
    </details>
  );
}
