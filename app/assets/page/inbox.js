/* A team's inbox: asked again after every happening; answers are sent, and the next big button comes. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var deeds = (yiping.deeds = yiping.deeds || {});

  function tasks() { return document.getElementById('tasks'); }

  function refresh() {
    return yiping.ask('inbox', '/fragments/inbox', function (html, status) {
      if (html === null || (status !== 200 && status !== 403)) { return; }
      tasks().classList.remove('waiting');
      yiping.morph(tasks(), html);
      yiping.tick();
    });
  }

  var before = deeds['dispatch-answer'];
  deeds['dispatch-answer'] = function (about, element, event) {
    if (!tasks()) { if (before) { before(about, element, event); } return; }
    var field = element.elements && element.elements.why, button = field ? element.querySelector('[type="submit"]') : element;
    var body = field ? { why: field.value.trim() } : null;
    yiping.once(button, yiping.send('/api/dispatches/' + about.id + '/' + about.move, body).then(function (answer) {
      return refresh().then(function () {
        yiping.say(document.querySelector('[data-task="' + about.id + '"]'), answer.said);
        return answer;
      });
    }));
  };

  function begin() {
    if (!tasks()) { return; }
    refresh();
    yiping.live.on('happening', function (happening) {
      if (happening.kind === 'dispatch' || happening.kind === 'incident') { refresh(); }
    });
    yiping.live.on('reset', refresh);
    document.addEventListener('visibilitychange', function () { if (!document.hidden) { refresh(); } });
  }
  if (document.readyState === 'loading') { document.addEventListener('DOMContentLoaded', begin); } else { begin(); }
})();
