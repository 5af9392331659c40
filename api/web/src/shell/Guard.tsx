// Catches a defect of a page, says so and offers to start again, instead of leaving the officer with an empty window.

import { Component, type ReactNode } from "react";
import { words } from "../words/words";

export class Guard extends Component<{ children: ReactNode }, { fault: string | null }> {
  override state = { fault: null };

  static getDerivedStateFromError(error: unknown): { fault: string } {
    return { fault: String(error) };
  }

  override render(): ReactNode {
    if (this.state.fault === null) return this.props.children;
    const { t } = words();
    return (
      <main className="card" role="alert">
        <p>{t("defect")}</p>
        <p className="quiet">{this.state.fault}</p>
        <button type="button" onClick={() => window.location.assign("/")}>{t("start_again")}</button>
      </main>
    );
  }
}
