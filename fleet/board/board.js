'use strict';
// The page of the fleet. Every page is a list of sections; a section asks one
// question by name and draws its rows as bars over time or as a table.

const el = (name, attributes, ...children) => {
  const e = name === 'svg' || name === 'rect' || name === 'text' || name === 'line' || name === 'title'
    ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [k, v] of Object.entries(attributes || {})) e.setAttribute(k, v);
  e.append(...children.filter(c => c !== null && c !== undefined).map(c => c instanceof Node ? c : String(c)));
  return e;
};

const bytes = n => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let i = 0;
  for (n = Number(n); n >= 1024 && i < units.length - 1; i++) n /= 1024;
  return (i && n < 100 ? n.toFixed(1) : Math.round(n)) + ' ' + units[i];
};

const ask = async (name, values) => {
  let json;
  try {
    json = await (await fetch('ask/' + name + '?' + new URLSearchParams(values || {}))).json();
  } catch {
    throw new Error('`fleet board`, which serves this page, does not answer.');
  }
  if (json.error) throw new Error(json.error);
  return Object.assign(json.rows, { columns: json.columns, limit: json.limit });
};

const link = (page, values, text) => el('a', { href: '#' + page + '?' + new URLSearchParams(values) }, text);

// How a column is written: a cell's text, or a link to the page that tells more.
const cells = {
  down: r => bytes(r.down), up: r => bytes(r.up),
  agent: r => link('router', { agent: r.agent }, r.agent),
  device: r => r.agent ? link('device', { agent: r.agent, device: r.device }, r.device) : r.device,
  application: r => link('application', { application: r.application }, r.application || 'unknown'),
  label: r => link('application', { application: r.label }, r.label || 'unknown'),
};
const numbers = new Set(['down', 'up', 'agents', 'devices', 'flows', 'missing', 'lost', 'batches', 'estimated']);

const table = (rows, more) => {
  if (!rows.length) return el('p', { class: 'soft' }, 'Nothing.');
  const columns = rows.columns;
  const cut = rows.limit && rows.length >= rows.limit ? el('p', { class: 'soft' }, 'The first ' + rows.length + ' rows. ',
    columns.includes('agent') ? link('router', {}, 'A router by its name') : null) : null;
  rows = rows.map(r => Object.assign({}, more, r));
  const most = Math.max(...rows.map(r => Number(r.down || 0) + Number(r.up || 0)));
  return el('div', {}, cut, el('table', {},
    el('thead', {}, el('tr', {}, ...columns.map(c => el('th', { class: numbers.has(c) ? 'number' : '' }, c)), most ? el('th') : null)),
    el('tbody', {}, ...rows.map(r => el('tr', {},
      ...columns.map(c => el('td', { class: numbers.has(c) ? 'number' : '' }, cells[c] ? cells[c](r) : r[c])),
      most ? el('td', { class: 'bar' }, el('meter', { max: most, value: Number(r.down || 0) + Number(r.up || 0) })) : null)))));
};

const bars = (rows, time) => {
  if (!rows.length) return el('p', { class: 'soft' }, 'Nothing.');
  const most = Math.max(1, ...rows.map(r => Number(r.down) + Number(r.up)));
  const width = 1000 / rows.length, height = 150;
  const svg = el('svg', { viewBox: '0 0 1000 180', role: 'img', 'aria-label': 'bytes over time, at most ' + bytes(most) });
  rows.forEach((r, i) => {
    const down = r.down / most * height, up = r.up / most * height;
    const what = r[time] + ': ' + bytes(r.down) + ' down, ' + bytes(r.up) + ' up';
    svg.append(el('rect', { class: 'down', x: i * width + 1, width: Math.max(1, width - 2), y: height - down, height: down }, el('title', {}, what)),
      el('rect', { class: 'up', x: i * width + 1, width: Math.max(1, width - 2), y: height - down - up, height: up }, el('title', {}, what)));
  });
  svg.append(el('line', { x1: 0, x2: 1000, y1: height, y2: height }), el('text', { x: 2, y: 170 }, rows[0][time]),
    el('text', { x: 998, y: 170, 'text-anchor': 'end' }, rows[rows.length - 1][time]), el('text', { x: 2, y: 12 }, bytes(most)));
  return svg;
};

// A column that comes in many rows a time is added up for the bars.
const added = (rows, time) => {
  const sums = new Map();
  for (const r of rows) {
    const s = sums.get(r[time]) || { [time]: r[time], down: 0, up: 0 };
    s.down += Number(r.down); s.up += Number(r.up);
    sums.set(r[time], s);
  }
  return [...sums.values()];
};

const pages = {
  today: { title: 'Fleet today', sections: () => [
    ['The last 24 hours', 'fleet-hours', {}, r => bars(r, 'hour')],
    ['Applications', 'fleet-today', {}, r => table(r)],
    ['Routers', 'routers', {}, r => table(r)],
    ['Most yesterday', 'used-most', {}, r => table(r)] ] },
  router: { title: 'Router', wants: ['agent'], sections: v => [
    ['The last 48 hours', 'router', { agent: v.agent }, r => bars(r, 'hour')],
    ['This month', 'household-month', { agent: v.agent }, r => table(r, { agent: v.agent })] ] },
  device: { title: 'Device', wants: ['agent', 'device'], sections: v => [
    ['The last 31 days', 'device', { agent: v.agent, device: v.device }, r => bars(added(r, 'day'), 'day')],
    ['By day and application', 'device', { agent: v.agent, device: v.device }, r => table(r, { agent: v.agent })] ] },
  application: { title: 'Application', wants: ['application'], sections: v => [
    ['The last 90 days', 'application-trend', { application: v.application }, r => bars(r, 'day')],
    ['By day', 'application-trend', { application: v.application }, r => table(r)] ] },
  losses: { title: 'Losses', sections: () => [
    ['Missing batches and lost rows', 'losses', {}, r => table(r)],
    ['Silent routers', 'silent-routers', {}, r => table(r)],
    ['Wrong clocks', 'wrong-clocks', {}, r => table(r)],
    ['Alerts', 'alerts', {}, r => table(r)],
    ['New devices', 'new-devices', {}, r => table(r)] ] },
};

const show = async () => {
  const [name, query] = location.hash.slice(1).split('?');
  const id = pages[name] ? name : 'today', page = pages[id];
  const values = Object.fromEntries(new URLSearchParams(query || ''));
  document.getElementById('pages').replaceChildren(...Object.entries(pages).map(([n, p]) =>
    el('a', Object.assign({ href: '#' + n }, n === id ? { 'aria-current': 'page' } : {}), p.title)));
  const main = document.getElementById('page');
  const missing = (page.wants || []).filter(w => !values[w]);
  if (missing.length) {
    const form = el('form', {}, ...page.wants.map(w => el('input', { name: w, placeholder: w, 'aria-label': w, value: values[w] || '', required: '' })), el('button', {}, 'Show'));
    form.addEventListener('submit', e => { e.preventDefault(); location.hash = id + '?' + new URLSearchParams(new FormData(form)); });
    main.replaceChildren(el('section', {}, el('h2', {}, page.title), form));
    return;
  }
  const what = (page.wants || []).map(w => values[w]).join(' · ');
  main.replaceChildren(...(what ? [el('section', {}, el('h2', {}, page.title + ' ' + what))] : []), ...page.sections(values).map(([title, question, asked, draw]) => {
    const body = el('div', { class: 'soft' }, '…');
    ask(question, asked).then(rows => body.replaceWith(draw(rows)), e => body.replaceChildren(el('p', { class: 'bad' }, e.message)));
    return el('section', { id: question }, el('h2', {}, title), body);
  }));
};

addEventListener('hashchange', show);
show();
