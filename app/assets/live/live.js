/* `yiping.live`: what a page hears. on('happening' | 'changed' | 'state' | 'reset' | 'hello', fn) gives a way to stop.
   `reset` says: ask for everything anew; it comes once when the stream is first there, and when too much was missed. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var ears = {}, port = null, state = { connected: false, since: null }, version = null;
  var live = (yiping.live = { state: function () { return state; }, on: on, start: start });

  function on(type, fn) {
    (ears[type] = ears[type] || new Set()).add(fn);
    if (type === 'state' && state.asked) { fn(state); }
    start();
    return function () { ears[type].delete(fn); };
  }

  function tell(type, data) {
    if (type === 'state') { state = data; show(); }
    if (type === 'hello') { renewed(data.version); }
    (ears[type] || []).forEach(function (fn) {
      try { fn(data); } catch (fault) { console.error(fault); } // one deaf ear must not stop the others
    });
  }

  /* The server came back as another version: a page that nobody touches loads itself anew, the others offer it. */
  function renewed(now) {
    if (version && version !== now) {
      document.documentElement.classList.add('newer');
      if (document.querySelector('[data-reload="yes"]')) { location.reload(); }
    }
    version = now;
  }

  function clock(ms) {
    var zone = (document.querySelector('[data-zone]') || { dataset: {} }).dataset.zone;
    return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(ms);
  }

  /* Every [data-live-state] says whether the page is connected, and since when it is not. */
  function show() {
    document.documentElement.classList.toggle('cut-off', !state.connected);
    document.querySelectorAll('[data-live-state]').forEach(function (element) {
      element.dataset.liveState = state.connected ? 'on' : 'off';
      var words = state.connected ? element.dataset.on : state.signedOut ? element.dataset.out : element.dataset.off;
      element.textContent = (words || '').replace('{since}', state.since ? clock(state.since) : '');
    });
  }

  function start() {
    if (port || live.started) { return; }
    live.started = true;
    if (window.SharedWorker) {
      port = new SharedWorker('/assets/live/stream.js', { name: 'yiping' }).port;
      port.onmessage = function (message) { tell(message.data.type, message.data.data); };
      window.addEventListener('pagehide', function () { port.postMessage('bye'); });
      window.addEventListener('pageshow', function (event) { if (event.persisted) { location.reload(); } });
    } else {
      yiping.openStream(tell);
    }
  }

  live.refresh = show;
  new MutationObserver(function () { // pages are drawn late and anew: what appears is filled at once
    if (document.querySelector('[data-live-state=""]')) { start(); show(); }
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
