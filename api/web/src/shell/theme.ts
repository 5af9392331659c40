// Dark for control rooms unless the officer chose light; kept in this browser.

const KEY = "phatnguoi.theme";

export function applyTheme(): void {
  document.documentElement.dataset.theme = localStorage.getItem(KEY) === "light" ? "light" : "dark";
}

export function switchTheme(): void {
  localStorage.setItem(KEY, document.documentElement.dataset.theme === "light" ? "dark" : "light");
  applyTheme();
}
