/* The one stream of a browser: runs as a SharedWorker, so that all tabs hold a single connection between them. Where
   there are no SharedWorkers live.js runs it in the page itself. Pages only get messages: {type, data}. */
(function (scope) {
  'use strict';
  var QUIET_MS = 12000, PAUSES_MS = [500, 1000, 2000, 4000, 8000];

  /* A stream that tells `tell(type, data)`; it comes back by itself and asks for what it missed. */
  function open(tell) {
    var source = null, last = null, heardAt = Date.now(), failures = 0, waiting = null, state = { connected: false, since: null, asked: false };

    function say(connected, more) {
      var was = state.connected;
      if (connected === was && !more && state.asked) { return; }
      state = Object.assign({ connected: connected, since: connected ? null : (was || !state.since ? heardAt : state.since), asked: true }, more || {});
      tell('state', state);
    }

    function heard() { heardAt = Date.now(); failures = 0; }

    function connect() {
      clearTimeout(waiting);
      if (source) { source.close(); }
      source = new EventSource('/events' + (last === null ? '' : '?after=' + last));
      source.addEventListener('hello', function (event) {
        var data = JSON.parse(event.data), first = last === null;
        heard();
        last = Math.max(last || 0, data.last);
        say(true);
        tell('hello', data);
        if (first) { tell('reset', {}); }
      });
      source.addEventListener('happening', function (event) {
        var data = JSON.parse(event.data);
        heard();
        if (last !== null && data.id <= last) { return; }
        last = data.id;
        tell('happening', data);
      });
      source.addEventListener('changed', function (event) { heard(); tell('changed', JSON.parse(event.data)); });
      source.addEventListener('reset', function () { heard(); tell('reset', {}); });
      source.addEventListener('beat', function () { heard(); say(true); });
      source.onerror = again;
    }

    /* Not left to the browser: it gives up for good after some answers, and asks too often after others. */
    function again() {
      if (source) { source.close(); source = null; }
      clearTimeout(waiting);
      waiting = setTimeout(look, PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)] * (0.75 + Math.random() / 2));
      failures += 1;
      if (failures > 1) { say(false); }
    }

    function look() {
      fetch('/api/me', { cache: 'no-store', credentials: 'same-origin' }).then(function (answer) {
        if (answer.status === 401) { say(false, { signedOut: true }); again(); } else if (answer.ok) { connect(); } else { again(); }
      }, again);
    }

    setInterval(function () {
      if (source && Date.now() - heardAt > QUIET_MS) { say(false); again(); }
    }, 2000);
    connect();
    return { state: function () { return state; } };
  }

  if (typeof SharedWorkerGlobalScope === 'undefined' || !(scope instanceof SharedWorkerGlobalScope)) {
    (scope.yiping = scope.yiping || {}).openStream = open;
    return;
  }

  var ports = new Set(), stream = null, hello = null;
  function tellAll(type, data) {
    if (type === 'hello') { hello = data; }
    ports.forEach(function (port) { port.postMessage({ type: type, data: data }); });
  }
  scope.onconnect = function (event) {
    var port = event.ports[0];
    ports.add(port);
    port.onmessage = function (message) { if (message.data === 'bye') { ports.delete(port); } };
    if (!stream) { stream = open(tellAll); return; }
    port.postMessage({ type: 'state', data: stream.state() });
    if (hello) { port.postMessage({ type: 'hello', data: hello }); port.postMessage({ type: 'reset', data: {} }); }
  };
})(self);
