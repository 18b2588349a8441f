// Small things of every page, delegated to the document so that they work on
// what the server rendered and on what the application renders later.
(() => {
  // Copies what `data-copy` carries and says so for two seconds, to the ear as well.
  const copy = async (button) => {
    const name = button.querySelector(".sr-only");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return; // no permission; the text is on the page
    }
    if (!name || button.dataset.copied !== undefined) return;
    const text = name.firstChild;
    const was = text.data;
    button.dataset.copied = "";
    name.setAttribute("role", "status");
    text.data = "Copied";
    setTimeout(() => {
      delete button.dataset.copied;
      name.removeAttribute("role");
      text.data = was;
    }, 2000);
  };

  // `commandfor` for browsers that do not know it yet.
  const commands = "commandForElement" in HTMLButtonElement.prototype;
  const command = (button) => {
    const dialog = document.getElementById(button.getAttribute("commandfor"));
    if (!(dialog instanceof HTMLDialogElement)) return;
    const name = button.getAttribute("command");
    if (name === "show-modal" && !dialog.open) dialog.showModal();
    if (name === "close") dialog.close(button.value);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-copy], button[commandfor]");
    if (!button) return;
    if (button.dataset.copy !== undefined) copy(button);
    if (!commands && button.hasAttribute("commandfor")) command(button);
  });

  // Ctrl or Cmd with Enter sends the form a person writes in.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
    event.target.closest?.("textarea, input")?.form?.requestSubmit();
  });
})();
