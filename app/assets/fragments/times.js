/* Times that run: <time data-since="ms"> says how long ago, <time data-until="ms"> how long still; words are in the
   page's data-words. The server's first text stands until then. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});

  function put(words, key, n) { return (words[key] || '{n}').replace('{n}', n); }

  function length(words, seconds) {
    if (seconds < 60) { return put(words, 'for-seconds', Math.max(0, Math.floor(seconds))); }
    if (seconds < 3600) { return put(words, 'for-minutes', Math.floor(seconds / 60)); }
    return put(words, seconds < 172800 ? 'for-hours' : 'for-days', Math.floor(seconds / (seconds < 172800 ? 3600 : 86400)));
  }

  function since(words, seconds) { return seconds < 10 ? words['since-now'] : put(words, 'since', length(words, seconds)); }

  yiping.tick = function () {
    var words = null, now = Date.now();
    document.querySelectorAll('time[data-since], time[data-until]').forEach(function (element) {
      words = words || yiping.words();
      if (!words['since-now']) { return; }
      var from = +element.dataset.since, to = +element.dataset.until, text;
      if (to) { text = to > now ? length(words, (to - now) / 1000) : words['until-past']; } else { text = since(words, (now - from) / 1000); }
      if (element.textContent !== text) { element.textContent = text; }
    });
  };
  setInterval(yiping.tick, 1000);
})();
