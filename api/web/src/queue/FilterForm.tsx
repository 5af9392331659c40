// The row of filters above the queue.

import type { ReactNode } from "react";
import { DayField } from "../shell/DayField";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import { ANSWERS, type Filters, hasToDo, SORTS } from "./filters";
import css from "./queue.module.css";

interface Props {
  filters: Filters;
  onChange: (filters: Filters) => void;
  /** What can be begun, at the end of the row. */
  children: ReactNode;
}

export function FilterForm({ filters, onChange, children }: Props) {
  const { t, say, codes } = useWords();
  const { role } = useSession();
  const field = (name: keyof Filters) => ({
    name,
    value: filters[name],
    onChange: (event: { target: { value: string } }) => onChange({ ...filters, [name]: event.target.value }),
  });
  const list = (section: string) =>
    codes(section).map((code) => <option key={code} value={code}>{say(section, code)}</option>);
  return (
    <form className={css.filters} id="filters" onSubmit={(event) => event.preventDefault()}>
      <label><span>{t("state")}</span>
        <select id="state" {...field("state")}>
          <option value="">{t("open")}</option>{hasToDo(role) && <option value="todo">{t("to_do")}</option>}<option value={ANSWERS}>{t("answers_waiting")}</option>{list("states")}<option value="any">{t("any")}</option>
        </select>
      </label>
      <label><span>{t("kind")}</span>
        <select id="kind" {...field("kind")}><option value="">{t("any")}</option>{list("kinds")}</select>
      </label>
      <label><span>{t("ward")}</span><input type="text" {...field("ward")} /></label>
      <label><span>{t("camera")}</span><input type="text" {...field("camera")} /></label>
      <DayField label={t("from")} id="from" value={filters.from} onChange={(from) => onChange({ ...filters, from })} />
      <DayField label={t("to")} id="to" value={filters.to} onChange={(to) => onChange({ ...filters, to })} />
      <label><span>{t("sort")}</span>
        <select id="sort" {...field("sort")}>{SORTS.map((sort) => <option key={sort} value={sort}>{t(sort)}</option>)}</select>
      </label>
      <label className={css.tick}>
        <input type="checkbox" name="mine" checked={filters.mine !== ""}
          onChange={(event) => onChange({ ...filters, mine: event.target.checked ? "1" : "" })} />
        <span>{t("mine")}</span>
      </label>
      <span className={css.begin}>{children}</span>
    </form>
  );
}
