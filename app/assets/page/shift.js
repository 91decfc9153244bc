/* The shift's log: asked again when something happened; what is typed stands outside of what is asked. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var deeds = (yiping.deeds = yiping.deeds || {});

  function book() { return document.getElementById('shift'); }

  function refresh() {
    return yiping.ask('shift', '/fragments/shift', function (html) {
      if (html === null) { return; }
      book().classList.remove('waiting');
      yiping.morph(book(), html);
      yiping.tick();
    });
  }

  deeds['shift-note'] = function (about, form) {
    var body = { body: form.elements.body.value.trim(), to: form.elements.to.value.trim() || null };
    yiping.once(form.querySelector('[type="submit"]'), yiping.send('/api/shift-log', body).then(function (answer) {
      return refresh().then(function () { if (answer.ok) { form.reset(); } yiping.say(form, answer.said); return answer; });
    }));
  };

  function begin() {
    if (!book()) { return; }
    refresh();
    yiping.live.on('happening', refresh);
    yiping.live.on('reset', refresh);
  }
  if (document.readyState === 'loading') { document.addEventListener('DOMContentLoaded', begin); } else { begin(); }
})();
