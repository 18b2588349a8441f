// Light, dark or auto (as the system). Loaded in the head and before the first
// paint, so that no page flashes. The choice stays in this browser.
(() => {
  const root = document.documentElement;
  const key = "gc-theme";

  const chosen = () => {
    try {
      const theme = localStorage.getItem(key);
      return theme === "light" || theme === "dark" ? theme : "auto";
    } catch {
      return "auto"; // storage is forbidden here
    }
  };

  const show = () => {
    const theme = chosen();
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const radio of document.querySelectorAll('input[name="theme"]')) {
      radio.checked = radio.value === theme;
    }
  };

  show();
  addEventListener("DOMContentLoaded", show);
  addEventListener("pageshow", show); // from the browser's page cache
  addEventListener("storage", (event) => event.key === key && show()); // chosen in another tab

  // Delegated: the switch may be rendered by the server or later by the application.
  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.('input[name="theme"]')) return;
    try {
      localStorage.setItem(key, target.value);
    } catch {
      // The choice holds for this page only.
    }
    if (target.value === "auto") delete root.dataset.theme;
    else root.dataset.theme = target.value;
  });
})();
