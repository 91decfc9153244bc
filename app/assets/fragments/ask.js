/* Asks the server for pieces of the page and sends it what was pressed.

   yiping.ask(key, url, take): one question a key at a time; what is asked meanwhile is asked once more afterwards.
   yiping.send(url, body): a promise of {ok, status, said, data}; `said` is one calm sentence when it was refused.
   yiping.sentence(status, problem): that sentence. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var asking = {};

  function english() { return document.documentElement.lang === 'en'; }

  yiping.words = function () { // sentences the server laid out for the scripts of this page
    var box = document.querySelector('[data-words]');
    return box ? JSON.parse(box.dataset.words) : {};
  };

  yiping.inLanguage = function (url) {
    return url + (url.indexOf('?') < 0 ? '?' : '&') + 'lang=' + (english() ? 'en' : 'zh');
  };

  yiping.ask = function (key, url, take) {
    var mine = asking[key];
    if (mine && mine.busy) { mine.again = { url: url, take: take }; return mine.promise; }
    mine = asking[key] = { busy: true, again: null };
    mine.promise = fetch(yiping.inLanguage(url), { credentials: 'same-origin', cache: 'no-store' }).then(function (answer) {
      return answer.text().then(function (html) { take(html, answer.status); });
    }).catch(function () { take(null, 0); }).then(function () {
      mine.busy = false;
      if (mine.again) { return yiping.ask(key, mine.again.url, mine.again.take); }
    });
    return mine.promise;
  };

  function sentence(status, problem) {
    var words = yiping.words();
    if (english() && problem && problem.detail) { return problem.detail; }
    var kind = problem && problem.type ? problem.type.split(':').pop() : '';
    return (problem && problem.detail_zh) || words['said-' + kind] || words['said-' + status] || words['said-else'] || '';
  }

  yiping.sentence = sentence;

  yiping.send = function (url, body, method) {
    var form = body instanceof FormData, about = { method: method || 'POST', credentials: 'same-origin' };
    if (body) { about.body = form ? body : JSON.stringify(body); }
    if (body && !form) { about.headers = { 'Content-Type': 'application/json' }; }
    return fetch(url, about).then(function (answer) {
      return answer.json().catch(function () { return null; }).then(function (data) {
        return { ok: answer.ok, status: answer.status, data: data, said: answer.ok ? '' : sentence(answer.status, data) };
      });
    }, function () { return { ok: false, status: 0, data: null, said: sentence(0, null) }; });
  };
})();
