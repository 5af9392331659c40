// The rows of a log, newest first.

import { Link } from "wouter";
import { useWords, type Words } from "../words/words";
import type { Log, Row } from "./data";
import css from "./audit.module.css";

const HASH_SHOWN = 12;
/** Who acts without an account. */
const NOBODY = ["system", "citizen"];
const HEADS = ["audit_row", "audit_at", "audit_actor", "case", "audit_action"];

export function LogTable({ log, rows, chosen }: { log: Log; rows: Row[]; chosen: number }) {
  const words = useWords();
  const { t, say, time } = words;
  const heads = [...HEADS, ...(log === "decisions" ? ["audit_move"] : []), ...(log === "accesses" ? [] : ["audit_why"]), "audit_hash"];
  return (
    <table className={css.log}>
      <thead><tr>{heads.map((name) => <th key={name} scope="col">{t(name)}</th>)}</tr></thead>
      <tbody id="log-rows">
        {rows.map((row, index) => (
          <tr key={row.seq} data-seq={row.seq} data-chosen={index === chosen || undefined}>
            <td>{row.seq}</td>
            <td className={css.at}>{time(row.at)}</td>
            <td>{NOBODY.includes(row.actor) ? t(row.actor) : row.actor}</td>
            <td className={css.at}>{row.case_id && <Link href={`/cases/${encodeURIComponent(row.case_id)}`} aria-current={index === chosen ? "true" : undefined}>{row.case_id}</Link>}</td>
            <td>{log === "accesses" && row.told.length > 0 ? inWords(row, words) : doneOf(log, row.done, words)}</td>
            {log === "decisions" && <td>{row.from_state && row.from_state !== row.to_state && `${say("states", row.from_state)} → `}{say("states", row.to_state)}</td>}
            {log !== "accesses" && (
              <td>{row.reason && say("reasons", row.reason)}{row.note && ` “${row.note}”`}{log === "ledger" && <span className={css.details}>{inWords(row, words)}</span>}</td>
            )}
            <td><code title={row.hash}>{row.hash.slice(0, HASH_SHOWN)}</code></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function doneOf(log: Log, done: string, { act, say }: Words): string {
  if (log === "decisions") return act(done);
  return say(log === "ledger" ? "entries" : "views", done);
}

/** What the server tells of an entry; the file has its details whole. */
const inWords = (row: Row, { language }: Words): string => row.told.map((phrase) => phrase[language]).join(" · ");
