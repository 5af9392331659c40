// Says on the body that a page has drawn its first data: what tests and screenshots wait for.

import { useEffect } from "react";

export function useReady(ready: boolean, title: string): void {
  useEffect(() => {
    document.body.dataset.ready = String(ready);
    document.title = title;
    return () => {
      document.body.dataset.ready = "false";
    };
  }, [ready, title]);
}
