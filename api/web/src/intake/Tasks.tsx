// What can be done with a report: open a case by eye, run its videos through the detectors, close it with a reason and
// words for the citizen, or, for a commander, learn who sent it.

import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { Link } from "wouter";
import { answer, api, type Schemas } from "../api/client";
import { camerasQuery } from "../scenes/data";
import { isPlain, useKeys } from "../shell/keys";
import { tell, tellRefusal } from "../shell/message";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import { analysisQuery, type Box, isPhoto, type Media, type Report, stillOf } from "./data";
import css from "./intake.module.css";

const REVIEWERS = ["officer", "handler", "commander"];
const DRAWERS = ["operator", "commander"];
const VEHICLES = ["", "motorcycle", "car", "truck", "bus", "bicycle"] as const;
const CORNERS = ["x1", "y1", "x2", "y2"] as const;

type Task = "case" | "analysis" | "close" | "reporter";

interface Props {
  report: Report;
  file: Media | undefined;
  opened: boolean;
  box: Box | null;
  film: React.RefObject<HTMLVideoElement | null>;
  onBox: (box: Box | null) => void;
}

export function Tasks(props: Props) {
  const { report } = props;
  const { t } = useWords();
  const session = useSession();
  const [task, setTask] = useState<Task | null>(null);
  useEffect(() => setTask(null), [report.id, report.state]);
  const open = report.state !== "CLOSED";
  const tasks: Task[] = [
    ...(open && REVIEWERS.includes(session.role) ? (["case", "analysis", "close"] as const) : []),
    ...(session.role === "commander" ? (["reporter"] as const) : []),
  ];
  const digits = Object.fromEntries(tasks.map((one, index) => [String(index + 1), () => setTask(one)]));
  useKeys(task === null ? digits : {});
  useKeys(task === null ? {} : { Escape: () => { setTask(null); (document.activeElement as HTMLElement | null)?.blur(); } });
  if (tasks.length === 0) return null;
  return (
    <section className="card" id="tasks">
      <h2>{t("actions")}</h2>
      <div className={css.tasks}>
        {tasks.map((one, index) => (
          <Button key={one} data-task={one} aria-pressed={task === one} onPress={() => setTask(task === one ? null : one)}>
            <kbd>{index + 1}</kbd> {t(`intake_do_${one}`)}
          </Button>
        ))}
      </div>
      {task === "case" && <OpenCase {...props} onDone={() => setTask(null)} />}
      {task === "analysis" && <Analysis report={report} />}
      {task === "close" && <Close report={report} />}
      {task === "reporter" && <Reporter report={report} />}
    </section>
  );
}

/** Runs a change and reads the lists again; tells refusals. */
function useChange(): (work: () => Promise<unknown>, said?: string) => Promise<boolean> {
  const client = useQueryClient();
  return async (work, said) => {
    try {
      await work();
      if (said) tell(said);
      return true;
    } catch (error) {
      tellRefusal(error);
      return false;
    } finally {
      await client.invalidateQueries({ queryKey: ["citizen-reports"] });
    }
  };
}

function OpenCase({ report, file, opened, box, film, onBox, onDone }: Props & { onDone: () => void }) {
  const { t, say, codes } = useWords();
  const change = useChange();
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  if (!file || !opened) return <p className="warn" id="open-first">{t("intake_open_first")}</p>;
  const corner = (index: number) => (event: { target: HTMLInputElement }) => {
    const next: Box = [...(box ?? [0, 0, 0, 0])];
    next[index] = event.target.valueAsNumber || 0;
    onBox(next);
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!box) return tell(t("intake_mark_first"), { bad: true });
    const given = new FormData(event.currentTarget);
    const vehicle = String(given.get("vehicle")) || null;
    const video = isPhoto(file) ? null : film.current;
    const body = {
      kind: String(given.get("kind")), vehicle, file: file.name, xyxy: box, place: String(given.get("place")), t_s: video?.currentTime ?? 0,
    } as unknown as Schemas["PromoteIn"];
    const path = { report_id: report.id };
    let id = "";
    const done = await change(async () => {
      if (video) Object.assign(body, { still_jpeg: stillOf(video) });
      id = (await answer(api.POST("/api/v1/citizen-reports/{report_id}/cases", { params: { path }, body }))).case_id;
    });
    if (!done) return undefined;
    tell(t("intake_case_opened", { id }));
    return onDone();
  };
  return (
    <form className={css.form} id="open-case" onSubmit={submit}>
      <label><span>{t("kind")}</span>
        <select name="kind" ref={first} defaultValue={report.what}>{codes("kinds").map((code) => <option key={code} value={code}>{say("kinds", code)}</option>)}</select>
      </label>
      <label><span>{t("vehicle")}</span>
        <select name="vehicle">{VEHICLES.map((code) => <option key={code} value={code}>{say("vehicles", code || "none")}</option>)}</select>
      </label>
      <label><span>{t("intake_case_place")}</span>
        <input id="case-place" name="place" required maxLength={200} autoComplete="off" />
      </label>
      <p className="quiet">{t("intake_mark")}</p>
      <div className="row">
        {CORNERS.map((name, index) => (
          <label key={name}><span>{name}</span>
            <input id={`corner-${name}`} type="number" min={0} size={5} value={box?.[index] ?? ""} onChange={corner(index)}
              onFocus={(event) => event.target.select()} />
          </label>
        ))}
      </div>
      <Button type="submit" id="make-case"><kbd>Enter</kbd> {t("intake_do_case")}</Button>
    </form>
  );
}

function Analysis({ report }: { report: Report }) {
  const { t, language } = useWords();
  const change = useChange();
  const client = useQueryClient();
  const scenes = useQuery(camerasQuery).data ?? [];
  const known = useQuery(analysisQuery(report.id)).data ?? null;
  const own = scenes.some((one) => one.in_force !== null && one.camera_id === report.id && one.ward === report.ward);
  const mayDraw = DRAWERS.includes(useSession().role);
  const running = known !== null && ["waiting", "running"].includes(known.state);
  useEffect(() => {
    if (known?.state === "done") void client.invalidateQueries({ queryKey: ["citizen-reports"] });
  }, [client, known?.state]);
  const begin = async () => {
    const body = { camera_id: report.id };
    const path = { report_id: report.id };
    await change(() => answer(api.POST("/api/v1/citizen-reports/{report_id}/analysis", { params: { path }, body })));
    await client.invalidateQueries({ queryKey: ["analysis", report.id] });
  };
  const end = async () => {
    const path = { report_id: report.id };
    await change(() => answer(api.DELETE("/api/v1/citizen-reports/{report_id}/analysis", { params: { path } })));
    await client.invalidateQueries({ queryKey: ["analysis", report.id] });
  };
  if (!report.media.some((one) => !isPhoto(one))) return <p className="quiet" id="no-video">{t("intake_no_video")}</p>;
  return (
    <div id="analysis">
      <p className="quiet">{own ? t("intake_scene_there") : t("intake_scene_hint", { id: report.id, ward: report.ward })}{" "}
        {!own && mayDraw && <Link href={`/scenes/${encodeURIComponent(report.id)}`}>{t("intake_draw", { id: report.id })}</Link>}
      </p>
      <div className="row">
        {running && <Button id="end-analysis" onPress={end}>{t("intake_end_analysis")}</Button>}
        {own && !running && <Button id="analyse" autoFocus onPress={begin}>{t("intake_analyse")}</Button>}
      </div>
      {known && <p className={known.state === "failed" ? "bad" : "quiet"} role="status">{t(`intake_analysis_${known.state}`, { detail: known.told?.[language] ?? "" })}</p>}
    </div>
  );
}

function Close({ report }: { report: Report }) {
  const { t, say, codes } = useWords();
  const change = useChange();
  const [reason, setReason] = useState<string | null>(null);
  const words = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const field = words.current;
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }, [reason]);
  const reasons = codes("settled");
  useKeys(reason === null ? Object.fromEntries(reasons.map((code, index) => [String(index + 1), () => setReason(code)])) : {});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = { outcome: String(new FormData(event.currentTarget).get("outcome")), reason, cases: [] } as unknown as Schemas["SettleIn"];
    const path = { report_id: report.id };
    void change(() => answer(api.POST("/api/v1/citizen-reports/{report_id}/outcome", { params: { path }, body })), t("intake_closed"));
  };
  const sendOnEnter = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key !== "Enter" || event.shiftKey || !isPlain(event.nativeEvent)) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  };
  if (reason === null) {
    return (
      <div className={css.choices} id="reasons">
        {reasons.map((code, index) => <button key={code} type="button" onClick={() => setReason(code)}><kbd>{index + 1}</kbd>{say("settled", code)}</button>)}
      </div>
    );
  }
  return (
    <form className={css.form} id="close" onSubmit={submit}>
      <label><span>{t("intake_words")}</span>
        <textarea id="outcome" name="outcome" ref={words} rows={4} maxLength={2000} required defaultValue={say("settled_words", reason)} onKeyDown={sendOnEnter} />
      </label>
      <Button type="submit" id="send-outcome"><kbd>Enter</kbd> {t("intake_do_close")}</Button>
    </form>
  );
}

function Reporter({ report }: { report: Report }) {
  const { t } = useWords();
  const [told, setTold] = useState<Schemas["ReporterOut"] | null>(null);
  const reason = useRef<HTMLInputElement>(null);
  useEffect(() => reason.current?.focus(), []);
  const ask = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const body = { reason: String(new FormData(event.currentTarget).get("reason")) };
    const path = { report_id: report.id };
    await answer(api.POST("/api/v1/citizen-reports/{report_id}/reporter", { params: { path }, body })).then(setTold, tellRefusal);
  };
  if (told) return <p id="reporter">{told.reporter || told.contact ? `${told.reporter} · ${told.contact}` : t("intake_reporter_unknown")}</p>;
  return (
    <form className={css.form} id="ask-reporter" onSubmit={ask}>
      <label><span>{t("intake_reporter_why")}</span><input name="reason" ref={reason} required maxLength={500} /></label>
      <Button type="submit">{t("intake_do_reporter")}</Button>
    </form>
  );
}
