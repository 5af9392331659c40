// Whether every row of every log still follows from the one before it; checked when somebody asks, for it reads them all.

import { useQuery } from "@tanstack/react-query";
import { Button } from "react-aria-components";
import { answer, api, type Schemas } from "../api/client";
import { tellRefusal } from "../shell/message";
import { useWords } from "../words/words";

interface Checked {
  state: Schemas["ChainOut"] | undefined;
  at: number;
  checking: boolean;
  check: () => void;
}

export function useChain(): Checked {
  const read = useQuery({ queryKey: ["chain"], queryFn: () => answer(api.GET("/api/v1/audit/chain")), enabled: false, retry: false });
  const check = () => {
    if (!read.isFetching) read.refetch({ throwOnError: true }).catch(tellRefusal);
  };
  return { state: read.data, at: read.dataUpdatedAt, checking: read.isFetching, check };
}

export function Chain({ chain }: { chain: Checked }) {
  const { t, time, number } = useWords();
  const { state, checking } = chain;
  const told = checking ? t("audit_checking") : !state ? t("audit_unchecked")
    : state.intact ? t("audit_whole", { at: time(new Date(chain.at).toISOString()) }) : t("audit_broken", { n: number(state.faults.length, 0) });
  return (
    <section className="card" aria-label={t("audit_check")}>
      <div className="row">
        <Button id="check-chain" onPress={chain.check} isDisabled={checking}><kbd>c</kbd> {t("audit_check")}</Button>
        <span id="chain" role="status" className={!state || checking ? "quiet" : state.intact ? "good" : "bad"}>{told}</span>
      </div>
      {state && !state.intact && <ul id="chain-faults">{state.faults.map((fault) => <li key={fault}>{fault}</li>)}</ul>}
    </section>
  );
}
