// The law table in force with its certainty marks; administrators propose a row, another one approves or refuses it.

import { useState } from "react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, Refusal } from "../api/client";
import { Page } from "../shell/Page";
import { useReady } from "../shell/ready";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import css from "../style/table.module.css";
import { Changes, changesQuery } from "./Changes";
import { Proposal } from "./Proposal";
import type { Offence } from "./row";

const lawQuery = queryOptions({ queryKey: ["law"], queryFn: () => answer(api.GET("/api/v1/law")) });
const SEE_CHANGES = ["administrator", "commander", "auditor"];

export default function LawPage() {
  const { t, say, day, codes } = useWords();
  const session = useSession();
  const law = useQuery(lawQuery);
  const [kind, setKind] = useState("");
  const [edited, setEdited] = useState<Offence | null>(null);
  const isAdministrator = session.role === "administrator";
  /** `2026-11-22+3`: the shipped table's day, and how many approved changes lie over it. */
  const versionOf = (version: string) => {
    const [shipped = "", changes] = version.split("+");
    return changes ? t("law_version_changed", { day: day(shipped), n: changes }) : t("law_version_plain", { day: day(shipped) });
  };
  /** Back to the row that was chosen: the form goes, and the focus would start at the top of the page. */
  const close = () => {
    const row = edited && document.querySelector<HTMLElement>(`[data-edit="${CSS.escape(edited.id)}"]`);
    (row ?? document.getElementById("law-kind"))?.focus();
    setEdited(null);
  };
  useReady(law.isFetched, `${t("law")} · ${t("title")}`);
  const rows = (law.data?.offences ?? []).filter((row) => kind === "" || (row.kinds as string[]).includes(kind));
  return (
    <Page title={t("law")}>
      <div className={css.page}>
        <div className={css.filters}>
          <label><span>{t("kind")}</span>
            <select id="law-kind" value={kind} onChange={(event) => setKind(event.target.value)}>
              <option value="">{t("any")}</option>
              {codes("kinds").map((code) => <option key={code} value={code}>{say("kinds", code)}</option>)}
            </select>
          </label>
          <span className="quiet" id="law-version">{law.data && versionOf(law.data.version)}</span>
        </div>
        {law.error instanceof Refusal && <Stopped problem={law.error.problem} onMend={isAdministrator ? setEdited : null} />}
        {isAdministrator && edited && <Proposal key={edited.id} row={edited} onDone={close} />}
        {SEE_CHANGES.includes(session.role) && <Changes mayDecide={isAdministrator} />}
        <section tabIndex={0} aria-label={t("law")}>
          <Offences rows={rows} onEdit={isAdministrator ? setEdited : null} />
        </section>
      </div>
    </Page>
  );
}

/** Why there is no table, and the way out of it: the row in whose place the unfit one came, to be proposed anew. */
function Stopped({ problem, onMend }: { problem: Refusal["problem"]; onMend: ((row: Offence) => void) | null }) {
  const { t, problem: told } = useWords();
  const changes = useQuery({ ...changesQuery, enabled: onMend !== null }).data ?? [];
  const before = changes.find((one) => one.status === "approved" && one.offence_id === problem.row)?.before;
  const row = before && { ...before, number: problem.row, organisation_own: before.organisation_vnd !== null };
  return (
    <section className="card" id="law-stopped" role="alert">
      <p className="warn">{told(problem)}</p>
      {onMend && row && <Button onPress={() => onMend(row as unknown as Offence)}>{t("law_mend")}</Button>}
    </section>
  );
}

function Offences({ rows, onEdit }: { rows: Offence[]; onEdit: ((row: Offence) => void) | null }) {
  const { t, say, day, number, language } = useWords();
  const range = (pair: number[] | null) => (pair ? pair.map((amount) => number(amount, 0)).join(" – ") : "–");
  const heads = ["law_clause", "law_act", "vehicle", "law_person", "law_organisation", "law_points_head", "law_certainty", "law_since"];
  return (
    <table>
      <thead><tr>{heads.map((name) => <th key={name} scope="col">{t(name)}</th>)}{onEdit && <th scope="col">{t("scene_open")}</th>}</tr></thead>
      <tbody id="offences">
        {rows.map((row) => (
          <tr key={row.id}>
            <td title={row.provision}>{row.number}</td>
            <td>{row.act[language]}{row.note && <div className="quiet">{row.note}</div>}</td>
            <td className={css.narrow}>{row.vehicles.map((name) => say("vehicles", name)).join(", ")}</td>
            <td className={css.number}>{range(row.person_vnd)}</td>
            <td className={css.number}>{range(row.organisation_vnd)}</td>
            <td className={css.number}>{row.points || ""}</td>
            <td className={css.narrow}>{t(`certainty_${row.certainty.toLowerCase()}`)}</td>
            <td className={css.day}>{day(row.from)}{row.to && ` – ${day(row.to)}`}</td>
            {onEdit && <td><Button data-edit={row.id} aria-label={`${t("law_edit")} ${row.number}`} onPress={() => onEdit(row)}>{t("law_edit")}</Button></td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
