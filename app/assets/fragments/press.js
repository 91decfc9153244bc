/* What buttons with data-do mean outside the map page's own deeds: files add to `yiping.deeds`, one listener carries
   them out. A form with data-do is carried out when it is sent. */
(function () {
  'use strict';
  var yiping = (window.yiping = window.yiping || {});
  var deeds = (yiping.deeds = yiping.deeds || {});

  /* While something is sent its button is off; a second press of an impatient finger does nothing. */
  yiping.once = function (element, promise) {
    if (!element) { return promise; }
    element.setAttribute('aria-busy', 'true');
    return promise.then(function (answer) { element.removeAttribute('aria-busy'); return answer; });
  };

  /* One sentence where the press was, read aloud, gone with the next change of that piece. */
  yiping.say = function (place, text) {
    var note = place && place.querySelector('.said-note');
    if (!note) { return; }
    note.textContent = text || '';
    note.hidden = !text;
  };

  function run(event, element) {
    var deed = deeds[element.dataset.do];
    if (!deed) { return; }
    event.preventDefault();
    if (element.getAttribute('aria-busy') === 'true') { return; }
    deed(element.dataset, element, event);
  }

  document.addEventListener('click', function (event) {
    var element = event.target.closest && event.target.closest('[data-do]');
    if (element && element.nodeName !== 'FORM') { run(event, element); }
  });
  document.addEventListener('submit', function (event) {
    if (event.target.dataset && event.target.dataset.do) { run(event, event.target); }
  });

  /* Open or close what belongs to a button: the element whose id stands in data-what. */
  deeds.unfold = function (about, element) {
    var part = document.getElementById(about.what), open = part.dataset.open !== 'yes';
    part.dataset.open = open ? 'yes' : 'no';
    element.setAttribute('aria-expanded', String(open));
    if (open) { var first = part.querySelector('input, textarea, select, button'); if (first) { first.focus(); } }
  };
})();
