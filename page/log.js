// SPDX-License-Identifier: ISC
// The log, live: filter by text or /expression/, level, hostname; pause, download.
import { api, connect, dialog, go, h, icon, id, known, lengthText, locale, say, t, title, watch, whole } from './app.js';

const LEVELS = ['error', 'warning', 'notice', 'info', 'debug'];
const KEPT = 5000, SHOWN = 2000;
const stamp = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

/** The exchange that a line is about: request, answer, and what it means. */
async function showExchange(line) {
  const box = h('div', { class: 'd-body' }, h('p', { class: 'quiet' }, t('form.reading')));
  dialog(t('log.exchange'), {}, box);
  try {
    const x = await api('GET', `exchanges/${line.exchange}`);
    const host = [...known.hosts.values()].find((one) => one.hostname === x.about);
    const part = (key, ...nodes) => [h('h3', {}, t(key)), ...nodes];
    box.replaceChildren(h('p', { class: 'quiet' }, whole(x.at), ' · ', h('bdi', { translate: 'no' }, x.host), x.took == null ? '' : ` · ${t('log.took', { len: lengthText(x.took) })}`),
      ...part('log.request', h('code', { class: 'request' }, x.request)),
      ...part('log.answer', x.answer == null ? h('p', { class: 'quiet' }, t('log.noanswer')) : h('code', { class: 'request' }, x.answer)),
      ...(x.meaning ? part('log.means', h('p', {}, say(x.meaning), '. ', x.advice)) : []),
      host ? h('p', {}, h('a', { href: `#/h/${id(host.id)}` }, t('act.why'), ': ', h('bdi', { translate: 'no' }, host.unicode ?? host.hostname))) : '');
    box.querySelector('a')?.addEventListener('click', () => box.closest('dialog').close());
  } catch (refusal) {
    box.replaceChildren(h('p', {}, line.text), h('p', { class: 'quiet' }, refusal.status === 404 ? t('log.forgotten') : refusal.words));
  }
}

class Log {
  constructor(main, where) {
    this.lines = [];
    this.waiting = [];
    this.paused = false;
    this.unseen = 0;
    this.filterBox = h('input', { type: 'search', 'aria-label': t('log.filter'), placeholder: t('log.filter'), spellcheck: 'false', oninput: () => this.changed() });
    this.level = h('select', { 'aria-label': t('log.level'), onchange: () => this.changed() }, LEVELS.map((l) => h('option', { value: l }, t(`log.level.${l}`))));
    this.host = h('select', { 'aria-label': t('log.host'), onchange: () => this.changed() });
    this.pauseButton = h('button', { class: 'btn', 'aria-pressed': 'false', onclick: () => this.pause() }, t('log.pause'));
    this.error = h('span', { class: 'err', role: 'status' });
    this.list = h('ol');
    this.newer = h('div', { class: 'newer' });
    this.box = h('div', { class: 'log sheet', tabindex: '0', role: 'log', 'aria-label': t('nav.log'), 'aria-live': 'off', onscroll: () => this.scrolled() }, this.list, this.newer);
    main.append(h('h1', { class: 'vh' }, t('nav.log')), h('div', { class: 'crumb' }),
      h('div', { class: 'bar' }, h('div', { class: 'search' }, icon('search'), this.filterBox), this.level, this.host, this.pauseButton,
        h('button', { class: 'btn', onclick: () => this.download() }, icon('down'), t('log.download')), this.error), this.box);
    title(t('nav.log'));
    this.read(where.query);
    this.stop = watch((kind, line) => { if (kind === 'log') this.line(line); else if (kind === 'hosts' && !line) this.hosts(); else if (kind === 'live') this.fetch(); });
    connect({ log: true });
    this.fetch();
  }
  unmount() {
    this.stop();
    connect({ log: false });
  }
  read(query) {
    this.filterBox.value = query.get('q') ?? '';
    this.level.value = LEVELS.includes(query.get('level')) ? query.get('level') : 'info';
    this.wantedHost = query.get('host') ?? '';
    this.hosts();
    this.test();
  }
  update(where) { this.read(where.query); this.draw(); }
  hosts() {
    const names = [...new Set([...known.hosts.values()].map((x) => x.hostname))].sort();
    const chosen = this.wantedHost;
    if (chosen && !names.includes(chosen)) names.push(chosen);
    this.host.replaceChildren(h('option', { value: '' }, t('log.host.all')), ...names.slice(0, 2000).map((n) => h('option', { value: n, selected: n === chosen }, n)));
  }
  changed() {
    this.wantedHost = this.host.value;
    const query = new URLSearchParams();
    if (this.filterBox.value) query.set('q', this.filterBox.value);
    if (this.level.value !== 'info') query.set('level', this.level.value);
    if (this.wantedHost) query.set('host', this.wantedHost);
    go('log', query, true);
    if (this.test()) this.draw();
  }
  /** Makes the test of a line; false while an expression is not whole. */
  test() {
    const text = this.filterBox.value, most = LEVELS.indexOf(this.level.value), host = this.wantedHost;
    const expression = /^\/(.+?)\/?$/.exec(text);
    let fits = (line) => `${line.about ?? ''} ${line.text}`.toLowerCase().includes(text.toLowerCase());
    this.error.replaceChildren();
    if (expression) {
      try {
        const compiled = new RegExp(expression[1], 'iu');
        fits = (line) => compiled.test(`${line.about ?? ''} ${line.text}`);
      } catch {
        this.error.append(t('log.badregex'));
        return false;
      }
    }
    this.fits = (line) => LEVELS.indexOf(line.level) <= most && (!host || line.about === host) && (!text || fits(line));
    return true;
  }
  async fetch() {
    const after = this.lines.at(-1)?.id ?? 0;
    const doc = await api('GET', `log?level=debug&limit=${SHOWN}&after=${after}`).catch(() => null);
    if (!doc) return;
    const last = this.lines.at(-1)?.id ?? 0;
    if (last && doc.lines.length === 0) return;
    this.lines.push(...doc.lines.filter((l) => l.id > last));
    this.draw();
  }
  line(line) {
    if (line.id <= (this.lines.at(-1)?.id ?? 0)) return;
    this.lines.push(line);
    if (this.lines.length > KEPT) this.lines.splice(0, this.lines.length - KEPT);
    if (this.paused) { this.waiting.push(line); this.count(); return; }
    if (!this.fits(line)) return;
    this.list.querySelector('.nothing')?.remove();
    this.list.append(this.row(line));
    if (this.list.childElementCount > SHOWN) this.list.firstChild.remove();
    if (this.atEnd) this.toEnd();
    else { this.unseen++; this.count(); }
  }
  row(line) {
    const word = ['error', 'warning', 'debug'].includes(line.level) ? h('span', { class: 'lv' }, `${t(`log.word.${line.level}`)} `) : '';
    return h('li', { class: `lv-${line.level}` }, h('time', { title: whole(line.at) }, stamp.format(line.at)), h('span', { class: 'who', title: line.about ?? '' }, line.about ?? ''),
      h('span', { class: 'what' }, line.exchange ? h('button', { type: 'button', class: 'link plain', 'aria-haspopup': 'dialog', onclick: () => showExchange(line) }, word, line.text) : [word, line.text]));
  }
  draw() {
    if (this.paused) return;
    const shown = this.lines.filter(this.fits).slice(-SHOWN);
    this.list.replaceChildren(...(shown.length ? shown.map((l) => this.row(l)) : [h('p', { class: 'nothing' }, t(this.lines.length ? 'log.nomatch' : 'log.empty'))]));
    this.toEnd();
  }
  get atEnd() { return this.end !== false; }
  scrolled() {
    this.end = this.box.scrollTop + this.box.clientHeight >= this.box.scrollHeight - 24;
    if (this.end && this.unseen) { this.unseen = 0; this.count(); }
  }
  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
    this.end = true;
    this.unseen = 0;
    this.count();
  }
  count() {
    const n = this.paused ? this.waiting.length : this.unseen;
    this.newer.replaceChildren(...(n ? [h('button', { class: 'btn', onclick: () => (this.paused ? this.pause() : this.toEnd()) }, icon('down'), t('log.newer', { count: n }))] : []));
  }
  pause() {
    this.paused = !this.paused;
    this.pauseButton.setAttribute('aria-pressed', String(this.paused));
    this.pauseButton.textContent = t(this.paused ? 'log.resume' : 'log.pause');
    if (!this.paused) { this.waiting = []; this.draw(); }
  }
  download() {
    const text = this.lines.filter(this.fits).map((l) => `${new Date(l.at).toISOString()} ${l.level}: ${l.about ? `${l.about}: ` : ''}${l.text}\n`).join('');
    const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    h('a', { href: url, download: `homing-${new Date().toISOString().slice(0, 10)}.log` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  }
}
export default (main, where) => new Log(main, where);
