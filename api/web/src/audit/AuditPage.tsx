// The logs, for those who oversee: who decided, who read, what else was done; whether the chain holds; as files. Nothing
// can be changed here, and all of it is reached by keys.

import { useEffect, useState } from "react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { useLocation, useSearch } from "wouter";
import { Refusal, saveFile } from "../api/client";
import { useKeys } from "../shell/keys";
import { tell, tellRefusal } from "../shell/message";
import { Page } from "../shell/Page";
import { useReady } from "../shell/ready";
import { switchLanguage, useWords } from "../words/words";
import { Chain, useChain } from "./Chain";
import { fileAddress, type Log, LOGS, logQuery, type Terms, termsOf } from "./data";
import { LogTable } from "./LogTable";
import { TermsForm } from "./TermsForm";
import css from "../style/table.module.css";

const TYPING_PAUSE_MS = 300;

export default function AuditPage() {
  const { t } = useWords();
  const [, go] = useLocation();
  const search = useSearch();
  const [terms, setTerms] = useState<Terms>(() => termsOf(search));
  const [settled, setSettled] = useState(terms);
  const [chosen, setChosen] = useState(0);
  const [wrongFrom, setWrongFrom] = useState(false);
  const [wrongTo, setWrongTo] = useState(false);
  const [taking, setTaking] = useState(false);
  const chain = useChain();
  useEffect(() => {
    const timer = setTimeout(() => setSettled(terms), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [terms]);
  const pages = useInfiniteQuery({ ...logQuery(settled), placeholderData: keepPreviousData });
  const rows = pages.isPlaceholderData && settled.log !== terms.log ? [] : (pages.data?.pages.flatMap((page) => page.rows) ?? []);
  useReady(pages.isFetched, `${t("audit")} · ${t("title")}`);
  useEffect(() => {
    if (pages.error) tellRefusal(pages.error);
  }, [pages.error]);
  useEffect(() => setChosen(0), [settled]);
  const turn = (log: Log) => {
    const next = { ...terms, log, action: "" };
    setTerms(next);
    setSettled(next);
  };
  const choose = (index: number) => {
    const place = Math.max(0, Math.min(rows.length - 1, index));
    setChosen(place);
    document.getElementById("log-rows")?.children[place]?.scrollIntoView({ block: "nearest" });
  };
  const open = () => {
    const id = rows[chosen]?.case_id;
    if (id) go(`/cases/${encodeURIComponent(id)}`);
  };
  const more = () => {
    if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
  };
  const take = async () => {
    if (taking) return;
    if (wrongFrom || wrongTo) return tell(t("day_wrong", { form: t("day_form"), example: "05/12/2026" }), { bad: true });
    setTaking(true);
    await saveFile(fileAddress(terms), `nhat-ky-${terms.log}.csv`).catch((error: unknown) => {
      if (error instanceof Refusal && error.problem.code === "bad_query") tell(t("audit_too_many"), { bad: true });
      else tellRefusal(error);
    });
    setTaking(false);
  };
  const [down, up] = [() => choose(chosen + 1), () => choose(chosen - 1)];
  useKeys({
    ...Object.fromEntries(LOGS.map((log, index) => [String(index + 1), () => turn(log)])),
    j: down, ArrowDown: down, k: up, ArrowUp: up, Enter: open, n: more, c: chain.check, q: () => go("/"), v: switchLanguage,
    f: () => document.getElementById("audit-case")?.focus(), e: () => void take(),
    Escape: () => (document.activeElement as HTMLElement | null)?.blur(),
  });
  return (
    <Page title={t("audit")} keys={t("keys_audit")}>
      <div className={css.page}>
        <Chain chain={chain} />
        <div className={css.filters} role="group" aria-label={t("audit_log")}>
          {LOGS.map((log, index) => (
            <button key={log} type="button" data-log={log} aria-pressed={terms.log === log} onClick={() => turn(log)}><kbd>{index + 1}</kbd> {t(`audit_${log}`)}</button>
          ))}
        </div>
        <TermsForm terms={terms} onChange={setTerms} onWrongFrom={setWrongFrom} onWrongTo={setWrongTo}>
          <Button id="audit-file" isDisabled={wrongFrom || wrongTo || taking} onPress={() => void take()}><kbd>e</kbd> {t("audit_file")}</Button>
        </TermsForm>
        <section tabIndex={0} aria-label={t(`audit_${terms.log}`)}>
          <LogTable log={settled.log} rows={rows} chosen={chosen} />
          {pages.isSuccess && rows.length === 0 && <p className="quiet" id="no-rows">{t("audit_nothing")}</p>}
          {pages.hasNextPage && <p><Button id="more" onPress={more}><kbd>n</kbd> {t("more")}</Button></p>}
        </section>
      </div>
    </Page>
  );
}
