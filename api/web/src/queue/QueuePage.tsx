// The queue: filters kept in the address, pages by key, rows moved through with j and k.

import { useEffect, useMemo, useState } from "react";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
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
import { ANSWERS, type CaseQuery, type Filters, filtersOf, NO_FILTERS, queriesOf, searchOf } from "./filters";
import { begin, remember } from "./order";
import css from "./queue.module.css";

const COLUMNS = ["case", "time", "kind", "vehicle", "camera", "ward", "confidence", "state", "holder"];
const TYPING_PAUSE_MS = 250;
const EVERY_MS = 20_000;
const REVIEWERS = new Set(["officer", "handler", "commander"]);

/** Which of the lists that follow each other, and where in it. */
interface Place {
  part: number;
  cursor: string | undefined;
}

/** The pages of lists that follow each other as if they were one. */
function usePages(queries: CaseQuery[]) {
  return useInfiniteQuery({
    queryKey: ["queue", queries],
    queryFn: ({ pageParam }) => answer(api.GET("/api/v1/cases", { params: { query: { ...queries[pageParam.part], cursor: pageParam.cursor } } })),
    initialPageParam: { part: 0, cursor: undefined } as Place,
    getNextPageParam: (last, _pages, at): Place | undefined => {
      if (last.next_cursor) return { part: at.part, cursor: last.next_cursor };
      return at.part + 1 < queries.length ? { part: at.part + 1, cursor: undefined } : undefined;
    },
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: EVERY_MS,
  });
}

const placeOf = (data: { pageParams: unknown[] } | undefined, index: number): Place => (data?.pageParams.at(index) ?? { part: 0 }) as Place;

/** How many complaints wait for a commander; null for all others. */
function useComplaints(role: string): number | null {
  const { data } = useQuery({
    queryKey: ["queue", "complaints"],
    queryFn: () => answer(api.GET("/api/v1/cases", { params: { query: { state: ["APPEAL"], limit: 1 } } })),
    enabled: role === "commander",
    refetchInterval: EVERY_MS,
  });
  return data?.total ?? null;
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
  const queries = useMemo(() => queriesOf(settled, session.name, session.role), [settled, session.name, session.role]);
  const pages = usePages(queries);
  const [chosen, setChosen] = useState(0);
  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.cases) ?? [], [pages.data]);
  const toSign = useMemo(() => new Set(pages.data?.pages.filter((_, index) => queries[placeOf(pages.data, index).part]?.papers).flatMap((page) => page.cases)), [pages.data, queries]);
  const first = pages.data?.pages[0];
  const counted = pages.data?.pages.filter((_, index) => placeOf(pages.data, index).cursor === undefined) ?? [];
  const partEnds = pages.hasNextPage && pages.data?.pages.at(-1)?.next_cursor === null;

  useReady(pages.isFetched, t("title"));
  useEffect(() => {
    if (pages.error) tellRefusal(pages.error);
  }, [pages.error]);
  useEffect(() => setChosen(0), [queries]);
  const { fetchNextPage } = pages;
  useEffect(() => {
    if (partEnds && !pages.isFetching && !pages.isPlaceholderData) void fetchNextPage(); // the next list begins at once
  }, [partEnds, pages.isFetching, pages.isPlaceholderData, fetchNextPage]);
  useEffect(() => {
    const cursor = pages.data?.pages.at(-1)?.next_cursor ?? null;
    const query = queries[placeOf(pages.data, -1).part] ?? {};
    if (pages.data && !pages.isPlaceholderData) remember(rows.map((row) => row.id), query, cursor);
  }, [rows, queries, pages.data, pages.isPlaceholderData]);

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
  const complaints = useComplaints(session.role);
  const mayReview = REVIEWERS.has(session.role);
  const down = () => choose(chosen + 1);
  const up = () => choose(chosen - 1);
  useKeys({
    j: down, ArrowDown: down, k: up, ArrowUp: up, Enter: () => open(chosen), n: more, v: switchLanguage, r: () => mayReview && void start(),
    Escape: () => (document.activeElement as HTMLElement | null)?.blur(),
  });

  const exact = counted.every((page) => page.total_is_exact);
  const total = first && t(exact ? "total" : "total_more", { n: words.number(counted.reduce((sum, page) => sum + page.total, 0)) });
  const answersWait = mayReview && first !== undefined && first.answers_waiting > 0 && filters.state !== ANSWERS;
  return (
    <Page title={t("queue_place")} aside={<span id="total">{total}</span>} keys={t("keys_queue")}
      note={pages.dataUpdatedAt > 0 && <span id="told-at">{t("told_at", { at: words.time(new Date(pages.dataUpdatedAt).toISOString(), undefined, false) })}</span>}>
      <FilterForm filters={filters} onChange={filter}>
        {complaints !== null && complaints > 0 && filters.state !== "todo" && (
          <Button id="complaints-waiting" onPress={() => filter({ ...NO_FILTERS, state: "todo" })}>{t("complaints_count", { n: words.number(complaints) })}</Button>
        )}
        {answersWait && <Button id="answers-waiting" onPress={() => filter({ ...NO_FILTERS, state: ANSWERS })}>{t("answers_count", { n: words.number(first.answers_waiting) })}</Button>}
        {mayReview && <Button id="start" onPress={start}><kbd>r</kbd> {t("begin")}</Button>}
      </FilterForm>
      <div className={css.listing}>
        <table aria-label={t("queue")}>
          <thead><tr>{COLUMNS.map((name) => <th key={name} scope="col">{t(name)}</th>)}</tr></thead>
          <tbody id="rows">
            {rows.map((row, index) => <Row key={row.id} row={row} toSign={toSign.has(row)} chosen={index === chosen} onOpen={() => open(index)} />)}
          </tbody>
        </table>
        {pages.isSuccess && rows.length === 0 && <p className="quiet" id="empty">{t("empty")}</p>}
        {pages.hasNextPage && <p><Button id="more" onPress={more}>{t("more")}</Button></p>}
      </div>
    </Page>
  );
}

function Row({ row, toSign, chosen, onOpen }: { row: CaseRow; toSign: boolean; chosen: boolean; onOpen: () => void }) {
  const { t, say, time, zone } = useWords();
  return (
    <tr data-id={row.id} data-chosen={chosen || undefined} onClick={onOpen}>
      <td><Link href={`/cases/${row.id}`} aria-current={chosen ? "true" : undefined}>{row.id}</Link></td>
      <td title={row.occurred_at ? zone(row.occurred_at, row.timezone) : undefined}>{row.occurred_at ? time(row.occurred_at, row.timezone) : t("time_unknown")}</td>
      <td>{say("kinds", row.kind)}{row.reminder_only && <span className="tag">{t("reminder_only")}</span>}{row.track === "citizen" && <span className="tag">{t("citizen_case")}</span>}</td>
      <td>{say("vehicles", row.vehicle ?? "none")}</td>
      <td>{row.camera_name || row.camera_id}</td>
      <td>{row.ward}</td>
      <td>{row.confidence > 0 ? `${Math.round(row.confidence * 100)} %` : t("by_eye")}</td>
      <td>{say("states", row.state)}{toSign && <span className="tag" data-to-sign={row.id}>{t("paper_waits")}</span>}</td>
      <td>{row.claim?.holder ?? ""}</td>
    </tr>
  );
}
