// Starts the console: words first, then the page of the address.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { applyTheme } from "./shell/theme";
import { loadCatalogue } from "./words/words";
import "./style/base.css";

applyTheme();
await loadCatalogue();
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(<StrictMode><App /></StrictMode>);
