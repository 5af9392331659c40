// The case as one signed file that leaves the house: for its owner or, by a commander, for a court; what is in it, and
// where the log says that it was taken.

import { type FormEvent, useState } from "react";
import { Button } from "react-aria-components";
import { Link } from "wouter";
import { answer, api, type CaseDetail, hand } from "../api/client";
import { tell, tellRefusal } from "../shell/message";
import { useSession } from "../shell/session";
import { useWords } from "../words/words";
import css from "./review.module.css";

/** For whom each role may take a case out, as the server has it. */
const PURPOSES: Record<string, readonly Purpose[]> = { handler: ["owner"], commander: ["owner", "court"] };
const OVERSEERS = ["commander", "auditor"];
type Purpose = "owner" | "court";

export function ExportPanel({ item }: { item: CaseDetail }) {
  const { t } = useWords();
  const { role } = useSession();
  const [purpose, setPurpose] = useState<Purpose>("owner");
  const [taking, setTaking] = useState(false);
  const [taken, setTaken] = useState("");
  const purposes = PURPOSES[role] ?? [];
  if (purposes.length === 0) return null;
  const take = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (taking) return;
    const form = event.currentTarget;
    const reason = String(new FormData(form).get("reason")).trim();
    setTaking(true);
    try {
      const [path, body] = [{ case_id: item.id }, { purpose, reason }];
      const file = await answer(api.POST("/api/v1/cases/{case_id}/exports", { params: { path }, body, parseAs: "blob" }));
      const name = `${item.id}-${purpose}.zip`;
      hand(file as Blob, name);
      setTaken(name);
      tell(t("export_taken", { name }));
      form.reset();
    } catch (error) {
      tellRefusal(error);
    }
    setTaking(false);
  };
  return (
    <details className={`card ${css.choice}`} id="export">
      <summary>{t("export")}</summary>
      <form onSubmit={take}>
        {purposes.map((one) => (
          <label key={one} className={css.purpose}>
            <input type="radio" name="purpose" value={one} checked={purpose === one} onChange={() => setPurpose(one)} />
            <span><b>{t(`export_${one}`)}</b><br /><span className={one === "court" ? "warn" : "quiet"}>{t(`export_${one}_holds`)}</span></span>
          </label>
        ))}
        <label><span>{t("export_reason")}</span><input id="export-reason" name="reason" required maxLength={500} pattern=".*\S.*" autoComplete="off" /></label>
        <p className="row"><Button type="submit" id="export-take" isDisabled={taking}>{t(taking ? "export_taking" : "export_take")}</Button></p>
        <p className="quiet" id="export-log">
          {t("export_logged")}{" "}
          {OVERSEERS.includes(role) && <Link href={`/audit?log=ledger&action=export&case_id=${encodeURIComponent(item.id)}`}>{t("export_log")}</Link>}
        </p>
        {taken && <p className="good" id="export-taken">{t("export_taken", { name: taken })}</p>}
      </form>
    </details>
  );
}
