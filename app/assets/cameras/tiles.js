/* Finds camera tiles on whatever page, lets those in sight play, and makes one large on a press. */
(() => {
  const cameras = ((window.yiping ??= {}).cameras ??= {});
  const players = new Map();
  const inSight = new Set();
  let planned = false;

  const settle = () => {
    for (const [tile, player] of players) {
      if (inSight.has(tile) && !document.hidden) player.start();
      else player.stop();
    }
  };

  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) inSight[isIntersecting ? "add" : "delete"](target);
    settle();
  }, { threshold: 0.1 });

  const find = () => {
    planned = false;
    for (const [tile, player] of players) {
      if (tile.isConnected) continue;
      player.stop();
      sight.unobserve(tile);
      inSight.delete(tile);
      players.delete(tile);
    }
    for (const tile of document.querySelectorAll("[data-camera]")) {
      if (players.has(tile) || !tile.querySelector("video")) continue;
      players.set(tile, new cameras.Player(tile));
      sight.observe(tile);
    }
  };

  const plan = () => {
    if (planned) return;
    planned = true;
    setTimeout(find, 60);
  };

  const enlarge = (tile) => {
    const grid = tile.closest(".camera-grid");
    const large = tile.classList.toggle("is-large");
    grid.classList.toggle("has-large", large);
    for (const other of grid.querySelectorAll(".is-large")) if (other !== tile) other.classList.remove("is-large");
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-camera-enlarge]");
    if (button) enlarge(button.closest("[data-camera]"));
  });
  /* Esc makes a large picture small again and does no more: what lies below it, such as a card, stays open. */
  document.addEventListener("keydown", (event) => {
    const large = event.key === "Escape" ? document.querySelectorAll(".camera-tile.is-large") : [];
    if (!large.length) return;
    event.stopImmediatePropagation();
    for (const tile of large) enlarge(tile);
  }, true);
  document.addEventListener("visibilitychange", settle);
  new MutationObserver(plan).observe(document.documentElement, { childList: true, subtree: true });
  plan();

  cameras.players = players;
})();
