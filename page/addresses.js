// SPDX-License-Identifier: ISC
// Where this place is: the verdict on it, what changed and who followed, the sources, the table behind the picture.
import { api, clock, day, go, h, icon, known, lengthText, locale, rich, s, say, t, title, watch, when, now, id } from './app.js';

const RANGES = { day: 1, week: 7, month: 30, year: 365 };
const DAY = 86400000;
const LANES = 12;
const good = (e) => e.class === 'good' || e.class === 'nochg';

/* ---- what the picture shows ---- */

/** Blocks of one family: {from, to, text|null}. An event without a new value is a time without an answer. */
function blocks(events, family, from, to, sources) {
  const list = [];
  for (const e of events.filter((x) => x.kind === 'sensed' && x.family === family)) {
    const last = list.at(-1);
    if (!last && e.old && e.at > from) list.push({ from, to: e.at, text: e.old });
    const open = list.at(-1);
    if (open && open.text === (e.new ?? null)) continue;
    if (open) open.to = e.at;
    list.push({ from: Math.max(e.at, from), to, text: e.new ?? null });
  }
  // What is known now, when it has not changed since the history began.
  const known1 = sources.find((x) => x.family === family && x.state === 'known');
  if (!list.length && known1) list.push({ from: Math.max(known1.since ?? from, from), to, text: known1.addresses.join(', ') });
  return list.filter((b) => b.to > from);
}
/** One lane a hostname, those with trouble first. */
function lanes(events) {
  const byHost = new Map();
  for (const e of events) {
    if (e.kind !== 'outcome' || !e.id) continue;
    if (!byHost.has(e.id)) byHost.set(e.id, []);
    byHost.get(e.id).push(e);
  }
  const rank = { 'needs-you': 0, unknown: 1, waiting: 2, changing: 3, right: 4, paused: 5 };
  const all = [...known.hosts.values()].map((host) => {
    const own = byHost.get(host.id) ?? [];
    return { host, events: own, trouble: own.filter((e) => !good(e)).length };
  });
  all.sort((a, b) => rank[a.host.state] - rank[b.host.state] || b.trouble - a.trouble || a.host.hostname.localeCompare(b.host.hostname));
  return { shown: all.slice(0, LANES), rest: all.slice(LANES) };
}

/* ---- drawing ---- */

function marks(range, from, to, width) {
  const list = [], at = new Date(from);
  const step = { day: 3, week: 24, month: 24 * 7, year: 24 * 30 }[range];
  at.setMinutes(0, 0, 0);
  if (range !== 'day') at.setHours(0);
  else at.setHours(Math.ceil(at.getHours() / 3) * 3);
  if (range === 'month') at.setDate(at.getDate() + ((8 - at.getDay()) % 7));
  if (range === 'year') at.setMonth(at.getMonth() + 1, 1);
  const format = { day: { hour: '2-digit', minute: '2-digit' }, week: { weekday: 'short', day: 'numeric' }, month: { weekday: 'short', day: 'numeric', month: 'short' }, year: { month: 'short' } }[range];
  const words = new Intl.DateTimeFormat(locale, format);
  let next = -100; // where the one before ends
  while (at < to) {
    const x = ((at - from) / (to - from)) * width, text = words.format(at), long = Math.max(62, text.length * 7 + 10);
    const fits = x > next && x < width - long - 8;
    list.push({ x, text: fits ? text : '' });
    if (fits) next = x + long;
    if (range === 'year') at.setMonth(at.getMonth() + 1);
    else at.setHours(at.getHours() + step);
  }
  return list;
}
function fitText(text, room) {
  const most = Math.floor((room - 14) / 7.3);
  return most < 6 ? '' : text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

class Picture {
  constructor(events, sources, range, to, width) {
    this.sources = sources;
    this.range = range;
    this.to = to;
    this.from = to - RANGES[range] * DAY;
    this.narrow = width < 560;
    this.left = this.narrow ? 0 : Math.min(230, width * 0.24);
    this.width = width - this.left - 2;
    this.events = [...events].sort((a, b) => a.at - b.at).filter((e) => e.at <= to);
    this.walk = [];
    this.y = 22;
  }
  x(at) { return this.left + ((Math.max(this.from, at) - this.from) / (this.to - this.from)) * this.width; }
  name(words, strong) {
    const text = s('text', { class: strong ? 'ln strong' : 'ln', x: 0, y: this.narrow ? this.y + 13 : this.y + (strong ? 22 : 13) }, words);
    if (this.narrow) this.y += 20;
    return text;
  }
  family(key, family) {
    const list = blocks(this.events, family, this.from, this.to, this.sources), out = [this.name(t(key), true)];
    list.forEach((b, i) => {
      const x = this.x(b.from), w = Math.max(2, this.x(b.to) - x - 1.5), last = i === list.length - 1;
      const cls = b.text == null ? 'unk' : last ? 'cur' : `b${i % 2}`;
      out.push(s('rect', { class: cls, x, y: this.y, width: w, height: 34, rx: 4 }, s('title', {}, t('addr.block', { address: b.text ?? t('addr.legend.dn'), from: `${day(b.from)} ${clock(b.from)}`, to: last ? t('addr.now') : `${day(b.to)} ${clock(b.to)}` }))));
      if (b.text) out.push(s('text', { class: `addr ${last ? 'on' : ''}`, x: x + 8, y: this.y + 21 }, fitText(b.text, w)));
      if (b.from > this.from) this.changes.push(x);
    });
    this.y += 48;
    return out;
  }
  lane({ host, events }) {
    const name = host.unicode ?? host.hostname;
    const out = [this.name(this.narrow ? name : fitText(name, this.left + 6) || name)];
    out[0].append(s('title', {}, name));
    const y = this.y + 8, first = events[0]?.at ?? this.to;
    const begin = Math.min(first, this.to);
    out.push(s('line', { class: 'base', x1: this.x(begin), x2: this.left + this.width, y1: y, y2: y }));
    const lastBad = events.findLast((e) => !good(e));
    if (host.state === 'needs-you') out.push(s('line', { class: 'st', x1: this.x(lastBad?.at ?? this.to - DAY / 24), x2: this.left + this.width, y1: y, y2: y }));
    if (host.state === 'unknown') out.push(s('line', { class: 'uk', x1: this.x(events.at(-1)?.at ?? this.to - RANGES[this.range] * DAY * 0.03), x2: this.left + this.width, y1: y, y2: y }));
    if (host.state === 'paused') {
      const x = this.x(events.at(-1)?.at ?? this.from);
      out.push(s('rect', { class: 'pz', x, y: y - 5, width: Math.max(4, this.left + this.width - x), height: 10, rx: 3 }));
    }
    for (const e of events.filter((v) => v.at >= this.from)) {
      const x = this.x(e.at), words = t(good(e) ? 'addr.event.ok' : 'addr.event.ko', { name, at: `${day(e.at)}, ${clock(e.at)}`, text: e.text ?? '' });
      this.walk.push({ x, y, words, at: e.at });
      out.push(good(e) ? s('rect', { class: 'ok', x: x - 2, y: y - 7, width: 4, height: 14, rx: 1.5 }, s('title', {}, words))
        : s('path', { class: 'ko', d: `M${x - 5} ${y - 5}l10 10m0 -10l-10 10` }, s('title', {}, words)));
    }
    this.y += this.narrow ? 24 : 28;
    return out;
  }
  rest(list) {
    const out = [this.name(t('addr.others', { count: list.length }))];
    const slots = Array(Math.max(12, Math.floor(this.width / 24))).fill(0), y = this.y + 12;
    for (const e of list.flatMap((l) => l.events)) if (e.at >= this.from) slots[Math.min(slots.length - 1, Math.floor(((e.at - this.from) / (this.to - this.from)) * slots.length))]++;
    const most = Math.max(1, ...slots), w = this.width / slots.length;
    slots.forEach((n, i) => { if (n) out.push(s('rect', { class: 'ok', x: this.left + i * w + 1, y: y - (n / most) * 12, width: Math.max(2, w - 2), height: (n / most) * 12 })); });
    out.push(s('line', { class: 'base', x1: this.left, x2: this.left + this.width, y1: y, y2: y }));
    this.y += 28;
    return out;
  }
  draw() {
    this.changes = [];
    const grid = marks(this.range, this.from, this.to, this.width);
    const body = [this.family('addr.v4', 'IPv4'), this.family('addr.v6', 'IPv6')];
    this.y += 6;
    const { shown, rest } = lanes(this.events);
    body.push(shown.map((l) => this.lane(l)));
    if (rest.length) body.push(this.rest(rest));
    const bottom = this.y, end = this.left + this.width;
    this.walk.sort((a, b) => a.at - b.at);
    return s('svg', { role: 'img', tabindex: '0', 'aria-label': t('addr.picture.label'), height: bottom + 4, viewBox: `0 0 ${this.left + this.width + 2} ${bottom + 4}` },
      s('defs', {}, s('pattern', { id: 'hatch', width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' }, s('rect', { width: 6, height: 6 }), s('line', { x1: 0, y1: 0, x2: 0, y2: 6 }))),
      grid.map((m) => [s('line', { class: 'grid', x1: this.left + m.x, x2: this.left + m.x, y1: 18, y2: bottom }), m.text ? s('text', { class: 'ax', x: this.left + m.x + 5, y: 13 }, m.text) : '']),
      this.changes.map((x) => s('line', { class: 'chg', x1: x, x2: x, y1: 20, y2: bottom })),
      body, s('line', { class: 'now', x1: end, x2: end, y1: 18, y2: bottom }), s('text', { class: 'ax nowt', x: end, y: 13, 'text-anchor': 'end' }, t('addr.now')));
  }
}

/* ---- the view ---- */

const cell = (label, ...children) => h('td', { role: 'cell', 'data-l': label }, ...children);
function table(label, heads, rows) {
  return h('div', { class: 'sheet' }, h('table', { class: 'plain', role: 'table', 'aria-label': label },
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, heads.map((k) => h('th', { role: 'columnheader' }, t(k))))),
    h('tbody', { role: 'rowgroup' }, rows)));
}
function sourceRow(src) {
  const says = src.state === 'known' ? src.addresses.map((a, i) => [i ? ', ' : '', h('span', { class: 'mono', translate: 'no' }, a)])
    : src.state === 'none' ? h('span', { class: 'quiet' }, t('addr.none'))
      : h('div', { class: 'state' }, icon('unknown', 'l s-unknown'), h('div', {}, h('span', { class: 'l1' }, t('addr.unknown')), h('span', { class: 'help' }, src.error || '')));
  return h('tr', { role: 'row' }, h('td', { role: 'cell' }, h('b', {}, src.name), src.kind && src.name.startsWith(src.kind) ? '' : [', ', src.kind]), h('td', { role: 'cell' }, says, src.state === 'known' && src.error ? h('div', { class: 'help' }, src.error) : ''),
    cell(t('addr.col.since'), src.since ? when(src.since, 'clock') : ''), cell(t('addr.col.took'), src.state === 'unknown' ? t('addr.noanswer') : src.took ? lengthText(src.took) : t('addr.atonce')),
    cell(t('addr.col.used'), src.used_by ? t('addr.used', { family: src.family, count: src.used_by }) : t('addr.unused')));
}
/** An address that could be the one, with why it is not. */
function candidateRow(c) {
  const where = c.interface ? h('span', { class: 'mono' }, c.interface) : c.from === 'outside' ? t('addr.outside') : t('addr.told', { from: c.from });
  return h('tr', { role: 'row' }, h('td', { role: 'cell' }, h('span', { class: 'mono', translate: 'no' }, c.address)), cell(t('addr.col.where'), where), cell(t('addr.col.why'), c.taken ? t('addr.taken') : say({ code: c.code, text: c.why })));
}
const LEGEND = [['ok', () => s('rect', { class: 'ok', x: 7, y: 0, width: 4, height: 14, rx: 1.5 })], ['ko', () => s('path', { class: 'ko', d: 'M4 2l10 10m0-10-10 10' })],
  ['st', () => s('line', { class: 'st', x1: 0, x2: 18, y1: 7, y2: 7 })], ['uk', () => s('line', { class: 'uk', x1: 0, x2: 18, y1: 7, y2: 7 })],
  ['pz', () => s('rect', { class: 'pz', x: 1, y: 2, width: 16, height: 10, rx: 3 })], ['dn', () => s('rect', { class: 'unk', x: 1, y: 1, width: 16, height: 12, rx: 3 })]];

class Addresses {
  constructor(main, where) {
    this.verdict = h('div', { class: 'verdict' });
    this.seg = h('div', { class: 'seg', role: 'radiogroup', 'aria-label': t('addr.range') });
    this.pic = h('div');
    this.line = h('p', { class: 'help', role: 'status' });
    this.sources = h('div');
    this.candidates = h('div');
    this.events = h('div');
    main.append(this.verdict, h('div', { class: 'sh' }, h('h2', {}, t('addr.picture')), this.seg),
      h('figure', { class: 'sheet pic' }, this.pic, this.line, h('div', { class: 'legend' }, LEGEND.map(([key, shape]) => h('span', {}, s('svg', { viewBox: '0 0 18 14', 'aria-hidden': 'true' }, shape()), t(`addr.legend.${key}`))))),
      h('div', { class: 'sh' }, h('h2', {}, t('addr.sources'))), this.sources,
      h('div', { class: 'sh' }, h('h2', {}, t('addr.candidates'))), this.candidates,
      h('div', { class: 'sh' }, h('h2', {}, t('addr.table'))), this.events);
    title(t('nav.addresses'));
    this.read(where.query);
    this.stop = watch((kind) => { if (kind === 'source') this.later(); });
    this.resized = new ResizeObserver(() => this.drawPicture());
    this.resized.observe(this.pic);
  }
  unmount() { this.gone = true; this.stop(); this.resized.disconnect(); clearTimeout(this.timer); }
  update(where) { this.read(where.query); }
  later() { this.timer ??= setTimeout(() => { this.timer = null; this.fetch(); }, 500); }
  read(query) {
    const fallback = matchMedia('(max-width: 700px)').matches ? 'week' : 'month';
    this.chosen = query.get('range') in RANGES;
    this.range = this.chosen ? query.get('range') : fallback;
    this.drawRanges();
    this.fetch();
  }
  /** A young history is shown at its own length, as long as nobody chose another. */
  fit() {
    if (this.chosen) return;
    const first = Math.min(this.to, ...this.doc.history.map((e) => e.at), ...this.doc.sources.map((x) => x.since ?? this.to));
    const widest = this.range;
    this.range = Object.keys(RANGES).find((r) => this.to - first < RANGES[r] * DAY) ?? widest;
    if (RANGES[this.range] > RANGES[widest]) this.range = widest;
    this.chosen = true;
    this.drawRanges();
  }
  drawRanges() {
    this.seg.replaceChildren(...Object.keys(RANGES).map((r) => h('label', {}, h('input', { type: 'radio', name: 'range', checked: r === this.range, onchange: () => go('addresses', new URLSearchParams({ range: r }), true) || this.read(new URLSearchParams({ range: r })) }), t(`addr.range.${r}`))));
  }
  async fetch() {
    const to = Math.round(now());
    try {
      this.doc = await api('GET', `addresses?from=${to - RANGES[this.range] * DAY}&to=${to}`);
    } catch (refusal) {
      this.verdict.replaceChildren(h('div', { class: 'say' }, h('h1', {}, refusal.words)));
      return;
    }
    if (this.gone) return; // somebody went on while it was asked
    this.to = to;
    this.fit();
    const known4 = this.doc.sources.some((x) => x.state === 'known');
    this.verdict.replaceChildren(icon(known4 ? 'right' : 'unknown', known4 ? 's-right' : 's-unknown'), h('div', { class: 'say' }, h('h1', {}, this.doc.place ? say(this.doc.place) : t('addr.title')), this.doc.detail ? h('p', {}, say(this.doc.detail)) : ''));
    this.sources.replaceChildren(this.doc.sources.length ? table(t('addr.sources'), ['addr.col.source', 'addr.col.says', 'addr.col.since', 'addr.col.took', 'addr.col.used'], this.doc.sources.map(sourceRow))
      : h('div', { class: 'sheet nothing' }, t('addr.nosources')));
    const candidates = this.doc.candidates ?? [];
    this.candidates.previousElementSibling.hidden = !candidates.length;
    this.candidates.replaceChildren(candidates.length ? table(t('addr.candidates'), ['addr.col.address', 'addr.col.where', 'addr.col.why'], candidates.map(candidateRow)) : '');
    this.drawEvents();
    this.drawPicture();
  }
  drawEvents() {
    const list = this.doc.history.filter((e) => e.kind === 'sensed' || e.kind === 'outcome').slice(0, 200);
    const about = (e) => (e.id ? h('a', { href: `#/h/${id(e.id)}` }, known.hosts.get(e.id)?.hostname ?? e.id) : e.family ?? '');
    this.events.replaceChildren(list.length ? table(t('addr.table'), ['addr.col.when', 'addr.col.about', 'addr.col.what', 'addr.col.from', 'addr.col.to'], list.map((e) => h('tr', { role: 'row' },
      h('td', { role: 'cell' }, when(e.at, 'clock')), cell(t('addr.col.about'), about(e)), cell('', t(`kind.${e.kind}`), e.text ? `: ${e.text}` : ''),
      cell(t('addr.col.from'), h('span', { class: 'mono' }, e.old ?? '')), cell(t('addr.col.to'), h('span', { class: 'mono' }, e.new ?? '')))))
      : h('div', { class: 'sheet nothing' }, t('addr.noevents')));
  }
  drawPicture() {
    const width = this.pic.clientWidth;
    if (!this.doc || !width) return;
    const picture = new Picture(this.doc.history, this.doc.sources, this.range, this.to, width), focus = this.pic.contains(document.activeElement);
    const svg = picture.draw();
    svg.addEventListener('keydown', (event) => this.step(event, picture, svg));
    this.pic.replaceChildren(svg);
    if (focus) svg.focus();
  }
  /** Arrow keys walk the events; the line below reads each aloud. */
  step(event, picture, svg) {
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!by || !picture.walk.length) return;
    event.preventDefault();
    event.stopPropagation();
    const last = picture.walk.length - 1;
    this.at = Math.max(0, Math.min(last, (this.at ?? (by > 0 ? -1 : last + 1)) + by));
    const e = picture.walk[this.at];
    svg.querySelector('.here')?.remove();
    svg.append(s('circle', { class: 'here', cx: e.x, cy: e.y, r: 10 }));
    this.line.textContent = e.words;
  }
}
export default (main, where) => new Addresses(main, where);
