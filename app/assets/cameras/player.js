/* Moving and still pictures of one camera tile. Nothing is asked while the tile is out of sight. */
(() => {
  const cameras = ((window.yiping ??= {}).cameras ??= {});
  const LIBRARY = "/assets/vendor/hls.light.min.js?m=1.7.4";
  const STILL_MS = 4000;
  const DRAWN_MS = 8000; // nothing moves in a drawing but its clock
  const AGAIN_MS = 10000;
  const STILLS_AT_ONCE = 2; // a browser has six connections to a host: slow cameras must not keep a press waiting
  let library = null;
  let asked = 0;
  const waiting = [];

  /* A still picture's turn; whoever is stopped meanwhile gives it on. */
  const turn = () => new Promise((go) => { if (asked < STILLS_AT_ONCE) { asked += 1; go(); } else waiting.push(go); });
  const done = () => { const next = waiting.shift(); if (next) next(); else asked -= 1; };
  const inTurn = async (ask) => {
    await turn();
    try { return await ask(); } finally { done(); }
  };

  /* hls.js is large and few pages show a stream: it comes when the first one does. */
  const loadLibrary = () => (library ??= new Promise((resolve, reject) => {
    if (window.Hls) { resolve(window.Hls); return; }
    const script = document.createElement("script");
    script.src = LIBRARY;
    script.onload = () => resolve(window.Hls);
    script.onerror = () => { library = null; reject(new Error("hls")); };
    document.head.append(script);
  }));

  class Player {
    constructor(tile) {
      this.tile = tile;
      this.video = tile.querySelector("video");
      this.image = tile.querySelector("img");
      this.nothing = tile.querySelector(".camera-nothing");
      this.time = tile.querySelector("[data-camera-time]");
      this.why = tile.querySelector("[data-camera-why]");
      const grid = tile.closest("[data-camera-words]");
      this.words = JSON.parse(grid?.dataset.cameraWords ?? "{}");
      this.zone = grid?.dataset.zone;
      this.on = false;
      this.timer = 0;
      this.shownAt = null;
    }

    address(rest) {
      const { alert, handed } = this.tile.dataset;
      const about = alert ? `?${new URLSearchParams(handed ? { alert, handed } : { alert })}` : "";
      return `/api/cameras/${encodeURIComponent(this.tile.dataset.camera)}/${rest}${about}`;
    }

    start() {
      if (this.on || this.tile.dataset.picture === "none") return;
      this.on = true;
      if (this.tile.dataset.picture === "hls") this.stream();
      else this.still();
    }

    stop() {
      if (!this.on) return;
      this.on = false;
      clearTimeout(this.timer);
      this.asking?.abort();
      this.endStream();
      if (this.shownAt) this.say("kept", this.shownAt);
    }

    again(what, after) {
      clearTimeout(this.timer);
      if (this.on) this.timer = setTimeout(() => this.on && what.call(this), after);
    }

    /* What a camera shows now: its answer, painted when it is good; nothing when the tile was stopped meanwhile. */
    ask(name) {
      return inTurn(async () => {
        if (!this.on) return null;
        this.asking = new AbortController();
        const limit = setTimeout(() => this.asking?.abort(), 12000);
        try {
          const answer = await fetch(this.address(name), { signal: this.asking.signal, cache: "no-store" });
          if (answer.ok) await this.paint(await answer.blob());
          return answer;
        } finally {
          clearTimeout(limit);
        }
      });
    }

    /* Still pictures, one after the other. */
    async still() {
      const drawn = this.tile.dataset.picture === "drawn";
      try {
        const answer = await this.ask(drawn ? "drawing.svg" : "snapshot.jpg");
        if (!answer || !this.on) return;
        if (!answer.ok) { this.refused(answer.status); return; }
        const told = answer.headers.get("x-picture-at");
        this.show(this.image);
        this.say(drawn ? "drawn" : "at", told ? new Date(told) : new Date());
        this.again(this.still, drawn ? DRAWN_MS : STILL_MS);
      } catch (_) {
        if (this.on) { this.fail("no_answer"); this.again(this.still, AGAIN_MS); }
      }
    }

    refused(status) {
      if (status === 401 || status === 403) this.fail("denied");
      else if (status === 404) this.fail("no_stream");
      else {
        this.fail("no_answer");
        this.again(this.tile.dataset.picture === "hls" ? this.stream : this.still, AGAIN_MS);
      }
    }

    async paint(blob) {
      const address = URL.createObjectURL(blob);
      const old = this.image.src;
      this.image.src = address;
      try { await this.image.decode(); } finally { if (old.startsWith("blob:")) URL.revokeObjectURL(old); }
    }

    /* Moving pictures; where they fail, stills until they are back. */
    async stream() {
      let Hls;
      try { Hls = await loadLibrary(); } catch (_) { this.fall(); return; }
      if (!this.on) return;
      this.endStream();
      this.video.muted = true;
      this.video.playsInline = true;
      if (!Hls.isSupported()) { this.fall(); return; }
      this.hls = new Hls({ maxBufferLength: 12, backBufferLength: 10, liveSyncDurationCount: 2, capLevelToPlayerSize: true });
      this.hls.on(Hls.Events.ERROR, (_, about) => {
        if (!about.fatal) return;
        if (about.type === Hls.ErrorTypes.MEDIA_ERROR && !this.mended) { this.mended = true; this.hls.recoverMediaError(); return; }
        const status = about.response?.code;
        if (status === 401 || status === 403) { this.endStream(); this.fail("denied"); } else this.fall();
      });
      this.hls.on(Hls.Events.MANIFEST_PARSED, () => this.video.play().catch(() => {}));
      this.video.ontimeupdate = () => {
        if (!this.on || this.video.currentTime === 0) return;
        this.mended = false;
        this.show(this.video);
        this.say("live", this.hls?.playingDate ?? new Date());
      };
      this.hls.loadSource(this.address("hls/index.m3u8"));
      this.hls.attachMedia(this.video);
    }

    fall() {
      this.endStream();
      if (!this.on) return;
      this.fallback();
      this.again(this.stream, AGAIN_MS);
    }

    async fallback() {
      try {
        const answer = await this.ask("snapshot.jpg");
        if (!answer || !this.on) return;
        if (!answer.ok) { this.fail(answer.status === 403 ? "denied" : "no_answer"); return; }
        const told = answer.headers.get("x-picture-at");
        this.show(this.image);
        this.say("at", told ? new Date(told) : new Date());
      } catch (_) { this.fail("no_answer"); }
    }

    endStream() {
      this.hls?.destroy();
      this.hls = null;
      this.video.ontimeupdate = null;
    }

    show(what) {
      for (const one of [this.video, this.image, this.nothing]) one.hidden = one !== what;
      this.tile.dataset.showing = what === this.video ? "video" : "image";
    }

    fail(word) {
      this.tile.dataset.showing = "nothing";
      this.why.textContent = this.words[word] ?? "";
      for (const one of [this.video, this.image]) one.hidden = true;
      this.nothing.hidden = false;
      this.time.textContent = "";
      this.shownAt = null;
    }

    say(word, at) {
      this.shownAt = at;
      const time = at.toLocaleTimeString("en-GB", { hour12: false, timeZone: this.zone });
      const text = (this.words[word] ?? "{time}").replace("{time}", time);
      if (this.time.textContent !== text) this.time.textContent = text;
    }
  }

  cameras.Player = Player;
})();
