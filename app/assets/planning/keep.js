/* What is kept: questions by name, the link, and long work in the background that one can leave and come back to. */
(function () {
  'use strict';
  var yiping = window.yiping, page = yiping.page, planning = yiping.planning, deeds = yiping.deeds;
  if (!planning.here) { return; }
  var LOOK_MS = 1500, looking = null, waitingFor = {};

  function make(tag, about, inside) {
    var element = document.createElement(tag);
    Object.keys(about).forEach(function (key) { if (about[key] != null) { element.setAttribute(key, about[key]); } });
    element.append.apply(element, inside || []);
    return element;
  }
  function get(url) {
    return fetch(url, { credentials: 'same-origin', cache: 'no-store' }).then(function (answer) { return answer.ok ? answer.json() : null; }, function () { return null; });
  }
  function nothing(key) { return make('li', { class: 'quiet kept-name' }, [planning.words(key)]); }
  function cross(deed, id, name) {
    var label = planning.words('forget', { name: name });
    return make('button', { type: 'button', class: 'plain', 'data-do': deed, 'data-id': id, title: label, 'aria-label': label }, ['×']);
  }

  /* ---- questions by name ---- */
  function questions() {
    return get('/api/questions').then(function (answer) {
      var list = document.getElementById('my-questions'), found = (answer && answer.questions) || [];
      list.replaceChildren.apply(list, found.length ? found.map(function (it) {
        var link = make('a', { href: it.address, class: 'kept-name' }, [it.name]);
        var more = make('span', { class: 'kept-more' }, [it.mine ? it.saved_at.slice(5, 10) : it.by]);
        return make('li', { 'data-question': it.name }, it.mine ? [link, more, cross('plan-forget', it.id, it.name)] : [link, more]);
      }) : [nothing('nothing_saved')]);
    });
  }

  /* Whoever opens the link sees the shape too. */
  function lend() {
    return page.state.shape ? yiping.send('/api/shapes/' + page.state.shape, { shared: true }, 'PATCH') : Promise.resolve();
  }

  deeds['plan-save'] = function (about, form) {
    var name = form.elements.name.value.trim();
    if (!name) { return; }
    yiping.once(form.querySelector('[type="submit"]'), lend().then(function () {
      return yiping.send('/api/questions', { name: name, address: page.link(), shared: false });
    }).then(function (answer) {
      yiping.say(form, answer.ok ? planning.words('saved') : answer.said);
      if (answer.ok) { form.reset(); questions(); }
    }));
  };
  deeds['plan-forget'] = function (about, element) { yiping.once(element, yiping.send('/api/questions/' + about.id, null, 'DELETE').then(questions)); };

  deeds['plan-copy'] = function (about, element) {
    var told = function (key) {
      element.querySelector('span').textContent = planning.words(key);
    };
    yiping.once(element, lend().then(function () {
      return navigator.clipboard ? navigator.clipboard.writeText(location.origin + page.link()) : Promise.reject();
    }).then(function () { told('copied'); }, function () { told('copy_failed'); }));
  };

  /* ---- jobs ---- */
  function share(job) { return job.progress == null ? '' : Math.round(job.progress * 100) + '%'; }

  function row(job) {
    var english = page.state.lang === 'en', title = (job.title && job.title[english ? 1 : 0]) || (job.title && (english ? job.title.en : job.title.zh)) || job.kind;
    var open = job.state === 'waiting' || job.state === 'running';
    var said = job.state === 'failed' && job.reason ? job.reason : planning.words('job_' + job.state, { share: share(job), step: job.step || '' }).trim();
    var parts = [make('span', { class: 'kept-name' }, [job.name || title]), make('span', { class: 'kept-more' }, [said])];
    if (job.download) { parts.push(make('a', { class: 'more', href: job.download, download: '' }, [planning.words('job_open')])); }
    if (job.state === 'done' && !job.download && job.kind !== 'upload_shape') {
      parts.push(make('button', { type: 'button', class: 'more', 'data-do': 'plan-job-open', 'data-id': job.id }, [planning.words('job_show')]));
    }
    if (open) {
      parts.push(make('button', { type: 'button', class: 'more', 'data-do': 'plan-job', 'data-id': job.id }, [planning.words('job_stop')]));
      parts.push(make('span', { class: 'job-bar' }, [make('i', { style: 'width:' + (job.progress || 0) * 100 + '%' })]));
    }
    return make('li', { 'data-job': job.id, 'data-state': job.state }, parts);
  }

  planning.jobs = function () {
    clearTimeout(looking);
    return get('/api/jobs').then(function (answer) {
      var list = document.getElementById('my-jobs'), found = (answer && answer.jobs) || [];
      var open = found.filter(function (job) { return job.state === 'waiting' || job.state === 'running'; });
      document.getElementById('jobs-open').textContent = open.length || '';
      list.replaceChildren.apply(list, found.length ? found.slice(0, 12).map(row) : [nothing('no_jobs')]);
      found.forEach(function (job) {
        if (waitingFor[job.id] && open.indexOf(job) < 0) { waitingFor[job.id](job); delete waitingFor[job.id]; }
      });
      if (open.length) { looking = setTimeout(planning.jobs, LOOK_MS); }
    });
  };

  /* Be told when a job ends. */
  planning.ended = function (id) {
    return new Promise(function (tell) {
      waitingFor[id] = tell;
      planning.jobs();
    });
  };

  deeds['plan-job'] = function (about, element) { yiping.once(element, yiping.send('/api/jobs/' + about.id + '/cancel', {}).then(planning.jobs)); };

  deeds['plan-job-open'] = function (about) {
    document.getElementById('jobs').open = false;
    planning.show('/fragments/planning/job/' + about.id);
  };
  deeds['plan-job-ask'] = function (about, element) {
    var query = planning.query(page.state);
    query.set('vs', page.state.vs);
    ask(about, element, query, { kind: about.kind, options: {} });
  };

  function ask(about, element, query, body) {
    yiping.once(element, yiping.send('/api/jobs?' + query, body).then(function (answer) {
      document.getElementById('take-away').open = false;
      document.getElementById('jobs').open = true;
      return planning.jobs().then(function () { if (!answer.ok) { document.getElementById('my-jobs').prepend(make('li', { class: 'kept-name late' }, [answer.said])); } });
    }));
  }

  /* A file made in the background: one may leave, and find it here. */
  deeds['plan-export'] = function (about, element) {
    var query = planning.query(page.state);
    query.set('vs', page.state.vs);
    ask(about, element, query, { kind: 'export', options: { kind: about.kind, level: page.state.level, lang: page.state.lang } });
  };

  /* A file about many months is made in the background. */
  var LONG_DAYS = 200;
  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('[data-export]'), state = page.state;
    if (!link || !state || (Date.parse(state.to) - Date.parse(state.from)) / 864e5 < LONG_DAYS) { return; }
    event.preventDefault();
    deeds['plan-export']({ kind: link.dataset.export }, link);
  });

  document.addEventListener('toggle', function (event) {
    if (event.target.id === 'saved' && event.target.open) { questions(); }
    if (event.target.id === 'jobs' && event.target.open) { planning.jobs(); }
  }, true);
  planning.ears.push(function (state, before) { if (!before) { planning.jobs(); } });

  /* Tables of many small buttons are one stop of the Tab key; arrows walk in them. */
  document.addEventListener('drawn', function (event) {
    event.target.querySelectorAll('[data-roving]').forEach(function (table) {
      var first = table.querySelector('button');
      if (first) { first.tabIndex = 0; }
    });
  });
  document.addEventListener('keydown', function (event) {
    var step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    var table = step && event.target.closest && event.target.closest('[data-roving]');
    if (!table || event.target.nodeName !== 'BUTTON') { return; }
    event.preventDefault();
    var line = event.target.parentElement, place = Array.prototype.indexOf.call(line.children, event.target), next = null;
    if (step[0]) {
      for (var other = step[0] > 0 ? line.nextElementSibling : line.previousElementSibling; other && !next; other = step[0] > 0 ? other.nextElementSibling : other.previousElementSibling) {
        next = other.children[place] && other.children[place].nodeName === 'BUTTON' ? other.children[place] : null;
      }
    } else {
      for (var at = event.target; (at = step[1] > 0 ? at.nextElementSibling : at.previousElementSibling);) {
        if (at.nodeName === 'BUTTON') { next = at; break; }
      }
    }
    if (next) { event.target.tabIndex = -1; next.tabIndex = 0; next.focus(); }
  });
})();
