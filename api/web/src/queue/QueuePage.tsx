// The queue: filters kept in the address, pages by key, rows moved through with j and k.

import { useEffect, useMemo, useState } from "react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { Link, useLocation, useSearch } from "wouter";
import { answer, api, type CaseRow } from "../api/client";
import { useKeys } from "../shell/keys";
import { tell, tellRefusal } from "../shell/message";
import { Page } from "../shell/Page";
import { useReady } from "../shell/ready";
import { useSession } from "../shell/session";
import { switchLanguage, useWords } from "../words/words";
import { FilterForm } from "./FilterForm";
import { ANSWERS, type CaseQuery, type Filters, filtersOf, queryOf, searchOf } from "./filters";
import { begin, remember } from "./order";
import css from "./queue.module.css";

const COLUMNS = ["case", "time", "kind", "vehicle", "camera", "ward", "confidence", "state", "holder"];
const TYPING_PAUSE_MS = 250;
const EVERY_MS = 20_000;
const REVIEWERS = new Set(["officer", "handler", "commander"]);

function usePages(query: CaseQuery) {
  return useInfiniteQuery({
    queryKey: ["queue", query],
    queryFn: ({ pageParam }) => answer(api.GET("/api/v1/cases", { params: { query: { ...query, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: EVERY_MS,
  });
}

/** The value after it has stayed the same for a moment. */
function useSettled<T>(value: T, pauseMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  return settled;
}

export function QueuePage() {
  const words = useWords();
  const { t } = words;
  const session = useSession();
  const [, go] = useLocation();
  const search = useSearch();
  const [filters, setFilters] = useState(() => filtersOf(search, session.role));
  const settled = useSettled(filters, TYPING_PAUSE_MS);
  const query = useMemo(() => queryOf(settled, session.name, session.role), [settled, session.name, session.role]);
  const pages = usePages(query);
  const [chosen, setChosen] = useState(0);
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.cases) ?? [], [pages.data]);
  const first = pages.data?.pages[0];

  useReady(pages.isFetched, t("title"));
  useEffect(() => {
    if (pages.error) tellRefusal(pages.error);
  }, [pages.error]);
  useEffect(() => setChosen(0), [query]);
  useEffect(() => {
    const cursor = pages.data?.pages.at(-1)?.next_cursor ?? null;
    if (pages.data && !pages.isPlaceholderData) remember(rows.map((row) => row.id), query, cursor);
  }, [rows, query, pages.data, pages.isPlaceholderData]);

  const filter = (changed: Filters) => {
    setFilters(changed);
    window.history.replaceState(null, "", `/?${searchOf(changed)}`);
  };
  const choose = (index: number) => {
    const place = Math.max(0, Math.min(rows.length - 1, index));
    setChosen(place);
    document.getElementById("rows")?.children[place]?.scrollIntoView({ block: "nearest" });
  };
  const open = (index: number) => {
    const row = rows[index];
    if (row) go(`/cases/${row.id}`);
  };
  const more = () => {
    if (pages.hasNextPage && !pages.isFetchingNextPage) void pages.fetchNextPage();
  };
  const start = () => begin().then((first) => (first ? go(`/cases/${first}`) : tell(t("last_case"))), tellRefusal);
  const mayReview = REVIEWERS.has(session.role);
  const down = () => choose(chosen + 1);
  const up = () => choose(chosen - 1);
  useKeys({
    j: down, ArrowDown: down, k: up, ArrowUp: up, Enter: () => open(chosen), n: more, v: switchLanguage, r: () => mayReview && void start(),
    Escape: () => (document.activeElement as HTMLElement | null)?.blur(),
  });

  const total = first && t(first.total_is_exact ? "total" : "total_more", { n: words.number(first.total) });
  return (
    <Page title={t("queue")} aside={<><span id="total" >{total}</span>{pages.dataUpdatedAt > 0 && <span id="told-at">{` · ${t("told_at", { at: words.time(new Date(pages.dataUpdatedAt).toISOString(), undefined, false) })}`}</span>}{mayReview && first && first.answers_waiting > 0 && filters.state !== ANSWERS && <> <Button id="answers-waiting" onPress={() => filter({ ...filters, state: ANSWERS })}>{t("answers_count", { n: words.number(first.answers_waiting) })}</Button></>}{mayReview && <> <Button id="start" onPress={start}><kbd>r</kbd> {t("begin")}</Button></>}</>} keys={t("keys_queue")}>
      <FilterForm filters={filters} onChange={filter} />
      <div className={css.listing}>
        <table aria-label={t("queue")}>
          <thead><tr>{COLUMNS.map((name) => <th key={name} scope="col">{t(name)}</th>)}</tr></thead>
          <tbody id="rows">
            {rows.map((row, index) => <Row key={row.id} row={row} chosen={index === chosen} onOpen={() => open(index)} />)}
          </tbody>
        </table>
        {pages.isSuccess && rows.length === 0 && <p className="quiet" id="empty">{t("empty")}</p>}
        {pages.hasNextPage && <p><Button id="more" onPress={more}>{t("more")}</Button></p>}
      </div>
    </Page>
  );
}

function Row({ row, chosen, onOpen }: { row: CaseRow; chosen: boolean; onOpen: () => void }) {
  const { t, say, time, zone } = useWords();
  return (
    <tr data-id={row.id} data-chosen={chosen || undefined} onClick={onOpen}>
      <td><Link href={`/cases/${row.id}`} aria-current={chosen ? "true" : undefined}>{row.id}</Link></td>
      <td title={row.occurred_at ? zone(row.occurred_at, row.timezone) : undefined}>{row.occurred_at ? time(row.occurred_at, row.timezone) : t("time_unknown")}</td>
      <td>{say("kinds", row.kind)}{row.reminder_only && <span className="tag">{t("reminder_only")}</span>}</td>
      <td>{say("vehicles", row.vehicle ?? "none")}</td>
      <td>{row.camera_name || row.camera_id}</td>
      <td>{row.ward}</td>
      <td>{row.confidence > 0 ? `${Math.round(row.confidence * 100)} %` : t("by_eye")}</td>
      <td>{say("states", row.state)}</td>
      <td>{row.claim?.holder ?? ""}</td>
    </tr>
  );
}
