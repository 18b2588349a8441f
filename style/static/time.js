// Shows `<time data-relative>` relative to now for up to seven days, then as a
// date; the exact time goes into the tooltip. The server writes the exact time
// in UTC, which stays when this script does not run.
(() => {
  const minute = 60;
  const hour = 60 * minute;
  const day = 24 * hour;
  const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
  const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

  const words = (then) => {
    const seconds = (then - Date.now()) / 1000;
    const size = Math.abs(seconds);
    if (size < minute) return "just now";
    if (size < hour) return relative.format(Math.trunc(seconds / minute), "minute");
    if (size < day) return relative.format(Math.trunc(seconds / hour), "hour");
    if (size < 7 * day) return relative.format(Math.trunc(seconds / day), "day");
    return date.format(then);
  };

  // Only the text of the node that is there changes: hydration and later updates hold on to it.
  const show = (time) => {
    const text = time.firstChild;
    const then = Date.parse(time.dateTime);
    if (text?.nodeType !== Node.TEXT_NODE || Number.isNaN(then)) return;
    if (!time.title) time.title = text.data.trim();
    const now = words(then);
    if (text.data !== now) text.data = now;
  };
  const showAll = () => document.querySelectorAll("time[data-relative]").forEach(show);

  const added = (records) => {
    if (records.some((record) => record.addedNodes.length > 0)) showAll();
  };
  addEventListener("DOMContentLoaded", () => {
    showAll();
    new MutationObserver(added).observe(document.body, { childList: true, subtree: true });
    setInterval(showAll, 30_000);
  });
})();
