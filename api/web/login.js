// Name and password, then the queue.

import { byId, call, loadWords, switchLanguage, tellRefusal, translatePage } from "./common.js";

await loadWords();
translatePage();
byId("language").addEventListener("click", switchLanguage);
byId("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await call("/session", { method: "POST", body: { name: byId("name").value, password: byId("password").value } });
    location.assign("/");
  } catch (error) {
    byId("password").value = "";
    tellRefusal(error);
  }
});
