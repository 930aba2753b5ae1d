// SPDX-License-Identifier: ISC
// The page's frame: elements, texts, time, the API, what is known and kept live, the views and who shows them.
// The views are modules of their own and import what they need from here.

/* ---- elements ---- */

const SVG = 'http://www.w3.org/2000/svg';

function fill(el, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value == null || value === false) continue;
    if (name.startsWith('on')) el.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'selected') el[name] = value;
    else el.setAttribute(name, value === true ? '' : value);
  }
  el.append(...children.flat(Infinity).filter((c) => c != null && c !== false));
  return el;
}
export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
export const s = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);
export const icon = (name, extra = '') =>
  s('svg', { class: `i ${extra}`, 'aria-hidden': 'true' }, s('use', { href: `#i-${name}` }));

/* ---- texts ---- */

export const LANGUAGES = { cs: 'Čeština', de: 'Deutsch', el: 'Ελληνικά', en: 'English', es: 'Español', fr: 'Français', hu: 'Magyar', it: 'Italiano',
  nl: 'Nederlands', pt: 'Português', ro: 'Română', ru: 'Русский', sl: 'Slovenščina', sv: 'Svenska', tr: 'Türkçe', uk: 'Українська' };
const kept = {
  get: (key) => { try { return localStorage.getItem(`homing.${key}`); } catch { return null; } },
  set: (key, value) => { try { value == null ? localStorage.removeItem(`homing.${key}`) : localStorage.setItem(`homing.${key}`, value); } catch { /* private mode */ } },
};
export const language = kept.get('language') in LANGUAGES ? kept.get('language')
  : (navigator.languages ?? ['en']).map((l) => l.slice(0, 2)).find((l) => l in LANGUAGES) ?? 'en';
export const locale = navigator.languages?.find((l) => l.startsWith(language)) ?? language;
/** Made at its first use: each formatter costs a noticeable part of the time before the first paint. */
const later = (make) => { let made; return () => (made ??= make()); };
const plurals = later(() => new Intl.PluralRules(locale));
const number = later(() => new Intl.NumberFormat(locale));
const list = later(() => new Intl.ListFormat(locale));
let texts = {};

function template(key, args) {
  let text = texts[key];
  if (text && typeof text === 'object') {
    const n = Number(args?.[text.by ?? 'count'] ?? 0);
    text = text[`=${n}`] ?? text[plurals().select(n)] ?? text.other; // 21 is "one" too in some languages
  }
  return text;
}
const formats = {
  n: (v) => number().format(v),
  mono: (v) => h('span', { class: 'mono', translate: 'no' }, String(v)),
  host: (v) => h('bdi', { translate: 'no' }, String(v)),
  list: (v) => list().format(v.map(String)),
  rel: (v) => when(v, 'rel'),
  clock: (v) => when(v, 'clock'),
  since: (v) => when(v, 'since'),
  took: (v) => lengthText(v),
};
function inserted(place, args) {
  const [name, format] = place.split('|');
  const value = args?.[name];
  if (value == null) return '';
  if (value?.code) return say(value, true); // words of homing's own inside of a sentence
  return format ? formats[format](value) : typeof value === 'number' ? number().format(value) : value instanceof Node ? value : String(value);
}
function parts(key, args) {
  const text = template(key, args);
  if (text == null) return [key];
  let last = '';
  return text.split(/(\{[^}]+\})/).filter(Boolean).map((piece) => {
    // What ends in a full stop itself, such as a time of the day in Greek, ends the sentence, too.
    if (piece[0] !== '{') return piece[0] === '.' && last.endsWith('.') ? piece.slice(1) : piece;
    const made = inserted(piece.slice(1, -1), args);
    last = made instanceof Node ? made.textContent : made;
    return made;
  });
}
/** A text of the catalogue. */
export const t = (key, args) => parts(key, args).map((p) => (p instanceof Node ? p.textContent : p)).join('');
/** The same with its elements (times, addresses, names). */
export const rich = (key, args) => parts(key, args);
export const has = (key) => key in texts;
/** A label or help that comes in English from a provider's file; what many files say has a translation. */
export const word = (text) => (has(`f.${text}`) ? t(`f.${text}`) : text);
/** "What the provider shows for dynamic DNS: user name, domain.": the sentence of many files, from labels that have translations. */
export function atHand(text) {
  const [, shows, list] = /^(What the provider shows for dynamic DNS): (.+)\.$/.exec(text) ?? [];
  const labels = ['Password, token or key', 'Number of the record', 'User name', 'Password', 'Domain'], found = [];
  let rest = list ?? '';
  for (const label of labels) {
    const at = rest.toLowerCase().indexOf(label.toLowerCase());
    if (at >= 0) { found.push([list.toLowerCase().indexOf(label.toLowerCase()), word(label)]); rest = rest.slice(0, at) + rest.slice(at + label.length); }
  }
  if (!shows || /[a-z]/.test(rest) || word(shows) === shows) return text;
  return `${word(shows)}: ${found.sort((a, b) => a[0] - b[0]).map(([, label]) => label).join(', ')}.`;
}
/** The sentence of a setting, from the table of settings. */
export const settingHelp = (name, text) => (has(`set.help.${name}`) ? t(`set.help.${name}`) : text);
/** A message of the daemon: {code, args, text}. Translated when the catalogue has its code. */
export function say(message, plain = false) {
  if (message == null) return plain ? '' : [];
  const key = `m.${message.code}`;
  if (!has(key)) return plain ? message.text : [message.text];
  return plain ? t(key, message.args) : rich(key, message.args);
}

/* ---- time ---- */

const dates = (format) => later(() => new Intl.DateTimeFormat(locale, format));
const clockFormat = dates({ hour: '2-digit', minute: '2-digit' });
const dayFormat = dates({ day: 'numeric', month: 'short' });
const yearFormat = dates({ day: 'numeric', month: 'short', year: 'numeric' });
const weekdayFormat = dates({ weekday: 'long' });
const wholeFormat = dates({ dateStyle: 'full', timeStyle: 'medium' });
export const whole = (ms) => wholeFormat().format(ms);
export const clock = (ms) => clockFormat().format(ms);
/* Where the name of a weekday stands behind "since" as it is; elsewhere it would be declined. */
const WEEKDAYS = new Set(['en', 'de', 'fr', 'it', 'nl', 'pt', 'sv']);
let clockOffset = 0; // the daemon's clock minus ours
export const now = () => Date.now() + clockOffset;

const sameDay = (a, b) => new Date(a).toDateString() === new Date(b).toDateString();
export const day = (ms) => (new Date(ms).getFullYear() === new Date(now()).getFullYear() ? dayFormat : yearFormat)().format(ms);
export function lengthText(ms) {
  if (ms < 1000) return t('len.ms', { n: Math.round(ms) });
  if (ms < 60000) return t('len.s', { n: Math.round(ms / 1000) });
  if (ms < 3600000) return t('len.min', { n: Math.round(ms / 60000) });
  if (ms < 86400000) return t('len.h', { n: Math.round(ms / 3600000) });
  return t('len.d', { n: Math.round(ms / 86400000) });
}
function timeWords(ms, style) {
  const at = now(), far = Math.abs(ms - at);
  if (style === 'clock') return sameDay(ms, at) ? clock(ms) : t('time.dayclock', { day: day(ms), clock: clock(ms) });
  if (style === 'since') return sameDay(ms, at) ? clock(ms) : at - ms < 6 * 86400000 && WEEKDAYS.has(language) ? weekdayFormat().format(ms) : day(ms);
  if (far < 3600000) {
    const len = far < 1000 ? t('len.s', { n: 0 }) : lengthText(far);
    return ms > at ? t('time.in', { len }) : far < 1500 ? t('time.now') : t('time.ago', { len });
  }
  return sameDay(ms, at) ? clock(ms) : day(ms);
}
/** A <time>: "rel" (12 s ago), "clock" (14:30), "since" (Tuesday). Relative ones go on by themselves. */
export function when(ms, style = 'rel') {
  if (typeof ms !== 'number') return String(ms);
  return h('time', { datetime: new Date(ms).toISOString(), title: whole(ms), 'data-at': ms, 'data-as': style }, timeWords(ms, style));
}
setInterval(() => {
  if (document.hidden) return;
  for (const el of document.querySelectorAll('time[data-as=rel]')) {
    const words = timeWords(Number(el.dataset.at), 'rel');
    if (el.textContent !== words) el.textContent = words;
  }
  if (live.state === 'lost') showLive();
}, 1000);

/* ---- the API ---- */

export class Refusal extends Error {
  constructor(status, error, doc) {
    super(error?.text ?? t('net.odd', { status }));
    Object.assign(this, { status, code: error?.code ?? 'odd', args: error?.args, field: error?.field, doc });
  }
  get words() {
    const key = has(`e.${this.code}`) ? `e.${this.code}` : 'e.refused'; // the English catalogue has none: they come in English
    return has(key) ? t(key, { ...this.args, text: this.message }) : this.message;
  }
}
/** Calls the API; a lost session is asked for and the call repeated, so nothing typed is lost. */
export async function api(method, path, body, { version, quiet } = {}) {
  let reply;
  const headers = method === 'GET' ? {} : { 'Homing-Request': '1' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (version) headers['If-Match'] = `"${version}"`;
  try {
    reply = await fetch(`api/v1/${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Refusal(0, { code: 'unreachable', text: t('net.unreachable') });
  }
  const sent = Date.parse(reply.headers.get('Date') ?? '');
  if (sent && Math.abs(sent - Date.now()) > 5000) clockOffset = sent - Date.now();
  const doc = await reply.json().catch(() => null);
  if (reply.ok) return doc;
  if (reply.status === 401 && !quiet && known.session?.accounts) {
    const { signIn } = await import('./sign.js');
    await signIn(t('sign.again'));
    return api(method, path, body, { version, quiet });
  }
  throw new Refusal(reply.status, doc?.error, doc);
}
export const id = encodeURIComponent;

/* ---- what is known, and its changes ---- */

export const known = { hosts: new Map(), total: 0, verdict: null, session: null, version: '', event: '' };
const listeners = new Set();
/** fn(kind, detail): "hosts" (detail: ids, or null for all), "verdict", "source", "log", "live". Returns how to stop. */
export function watch(fn) {
  listeners.add(fn);
  return () => listeners.delete(fn);
}
const tell = (kind, detail) => listeners.forEach((fn) => fn(kind, detail));

export const canChange = () => known.session?.level === 'full';

function takeHosts(doc, fresh) {
  if (fresh) known.hosts = new Map();
  for (const host of doc.items) known.hosts.set(host.id, host);
  known.total = doc.total;
}
let loading = 0;
async function loadRest(run) {
  let told = known.hosts.size; // the list is arranged anew when it has doubled, not for each thousand of a fleet
  for (let offset = known.hosts.size; offset < known.total && run === loading; offset += 1000) {
    const doc = await api('GET', `hostnames?offset=${offset}&limit=1000`);
    if (run !== loading) return;
    takeHosts(doc, false);
    if (known.hosts.size < 2 * told && offset + 1000 < known.total) continue;
    told = known.hosts.size;
    tell('hosts', null);
  }
}
export async function load() {
  const run = ++loading;
  const doc = await api('GET', 'start', undefined, { quiet: true });
  Object.assign(known, { session: doc.session, version: doc.version, event: doc.event });
  if (doc.session.level === 'none') return false;
  known.verdict = doc.verdict;
  takeHosts(doc.hostnames, true);
  tell('verdict');
  tell('hosts', null);
  loadRest(run).catch(() => {});
  return true;
}

/* ---- live ---- */

// missing: a part of the page could not be fetched; a browser may not ask for it twice, so the page is loaded anew when homing is back.
export const live = { state: 'wait', since: Date.now(), source: null, log: false, missing: false };

function setLive(state) {
  if (state === 'on' && live.missing) {
    location.reload();
    return;
  }
  if (live.state !== state) {
    live.state = state;
    live.since = Date.now();
    tell('live');
  }
  showLive();
}
function showLive() {
  const el = document.getElementById('live');
  if (!el) return;
  el.className = `live ${live.state === 'lost' ? 'lost' : live.state === 'wait' ? 'wait' : ''}`;
  el.textContent = live.state === 'lost' ? t('live.lost', { len: lengthText(Date.now() - live.since) }) : t(`live.${live.state}`);
}
const handlers = {
  hostname(host) {
    const fresh = !known.hosts.has(host.id);
    known.hosts.set(host.id, host);
    if (fresh) known.total = Math.max(known.total, known.hosts.size);
    tell('hosts', fresh ? null : [host.id]);
  },
  gone({ id: gone }) {
    if (known.hosts.delete(gone)) known.total--;
    tell('hosts', null);
  },
  verdict(verdict) { known.verdict = verdict; tell('verdict'); },
  source(source) { tell('source', source); },
  log(line) { tell('log', line); },
  reset() {
    if (known.total <= 1000) reload();
    else resetting ??= setTimeout(() => { resetting = null; reload(); }, 3000); // a fleet at work may say it again and again
  },
};
let resetting = null;
async function reload() {
  try {
    const before = known.version;
    if (!(await load())) location.reload();
    if (before !== known.version) location.reload(); // a newer daemon brings a newer page
    route();
  } catch { setTimeout(reload, 3000); }
}
export function connect({ log = live.log } = {}) {
  live.source?.close();
  live.log = log;
  const source = new EventSource(`api/v1/events?after=${id(known.event)}${log ? '&log=1' : ''}`);
  live.source = source;
  source.onopen = () => setLive('on');
  source.onerror = () => {
    setLive('lost');
    if (source.readyState === EventSource.CLOSED && live.source === source) setTimeout(reconnect, 3000);
  };
  for (const [name, fn] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => {
      if (event.lastEventId) known.event = event.lastEventId;
      fn(JSON.parse(event.data));
    });
  }
}
/*
 * A browser keeps six connections to a server, and a stream takes one. A page that was left behind (and is kept for
 * going back) must not hold its own; one that nobody sees lets go of it after a minute and asks once a minute.
 */
let unseen = null;
async function lookUnseen() {
  live.source?.close();
  known.verdict = await api('GET', 'verdict', undefined, { quiet: true }).catch(() => known.verdict);
  tell('verdict');
}
function onSeen() {
  clearInterval(unseen);
  if (document.hidden) unseen = setInterval(lookUnseen, 60000);
  else if (live.source?.readyState === EventSource.CLOSED && live.state === 'on') connect();
}
async function reconnect() {
  try {
    await api('GET', 'verdict');
    connect();
  } catch { setTimeout(reconnect, 5000); }
}
/** A module of the page; null when homing is gone, which the page then says. */
export async function part(fetched) {
  try {
    return await fetched();
  } catch (error) {
    if (await api('GET', 'verdict', undefined, { quiet: true }).then(() => true, (e) => e.status !== 0)) throw error;
    live.missing = true;
    setLive('lost');
    tell('live');
    setTimeout(reconnect, 3000);
    return null;
  }
}
/** In the place of a view that could not be fetched. */
function lostView() {
  return h('div', { class: 'verdict' }, icon('unknown', 's-unknown'),
    h('div', { class: 'say' }, h('h1', { role: 'alert' }, t('verdict.gone')), h('p', {}, t('net.unreachable'))),
    h('button', { class: 'btn', onclick: () => tryAgain().catch(() => {}) }, t('act.tryagain')));
}
export async function tryAgain() {
  await load();
  connect();
}

/* ---- notices ---- */

let noticeTimer;
/** One line at the bottom for 8 s, with a way back. Never for errors. */
export function notice(words, act) {
  const el = document.getElementById('notice');
  el.replaceChildren(h('span', {}, words), ...(act ? [h('button', { class: 'link', onclick: () => { el.hidden = true; act.fn(); } }, act.words)] : []));
  el.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => { el.hidden = true; }, 8000);
}

/** Takes a change of homing.conf back, unless the file was changed again since. */
export const undo = (reply, then) => api('POST', 'undo', {}, { version: reply.version }).then(() => { notice(t('done.undo')); then?.(); }, (refusal) => notice(refusal.words));
/** What notice() offers after such a change. */
export const undoing = (reply) => (reply?.version ? { words: t('act.undo'), fn: () => undo(reply) } : null);

/* ---- menus ---- */

let closeMenu = null;
/** items: [{words, icon, key, fn, danger}] or nodes; "-" is a line. */
export function menu(anchor, items) {
  closeMenu?.();
  const box = h('div', { class: 'menu', role: 'menu' }, items.map((item) => item === '-' ? h('hr')
    : item instanceof Node ? item
      : h('button', { type: 'button', role: 'menuitem', class: item.danger ? 'danger' : '', onclick: () => { closeMenu?.(); anchor.focus(); item.fn(); } },
        item.icon && icon(item.icon), h('span', {}, item.words), item.key && h('kbd', { 'aria-hidden': 'true' }, item.key))));
  document.body.append(box);
  const at = anchor.getBoundingClientRect();
  const down = at.bottom + box.offsetHeight + 8 < innerHeight || at.top < box.offsetHeight;
  box.style.left = `${Math.max(12, Math.min(at.right - box.offsetWidth, innerWidth - box.offsetWidth - 12)) + scrollX}px`;
  box.style.top = `${(down ? at.bottom + 4 : at.top - box.offsetHeight - 4) + scrollY}px`;
  anchor.setAttribute('aria-expanded', 'true');
  const focusable = () => [...box.querySelectorAll('button, select, a')];
  const outside = (event) => { if (!box.contains(event.target)) closeMenu?.(); };
  const keys = (event) => {
    const list = focusable(), i = list.indexOf(document.activeElement);
    if (event.key === 'Escape' || event.key === 'Tab') { event.preventDefault(); event.stopPropagation(); closeMenu(); anchor.focus(); }
    else if (document.activeElement?.tagName !== 'SELECT' && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      list[(i + (event.key === 'ArrowDown' ? 1 : list.length - 1)) % list.length]?.focus();
    }
  };
  closeMenu = () => {
    box.remove();
    anchor.setAttribute('aria-expanded', 'false');
    document.removeEventListener('pointerdown', outside, true);
    removeEventListener('resize', closeMenu);
    closeMenu = null;
  };
  box.addEventListener('keydown', keys);
  document.addEventListener('pointerdown', outside, true);
  addEventListener('resize', closeMenu); // its place is not the same any more
  focusable()[0]?.focus();
}

/* ---- head ---- */

const PAGES = [['', 'hostnames'], ['addresses', 'addresses'], ['devices', 'devices'], ['log', 'log'], ['settings', 'settings'], ['about', 'about']];

function setTheme(theme) {
  kept.set('theme', theme === 'system' ? null : theme);
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
function choice(label, value, options, onchange) {
  const select = h('select', { onchange: (e) => onchange(e.target.value) }, Object.entries(options).map(([v, words]) => h('option', { value: v, selected: v === value }, words)));
  return h('label', { class: 'row' }, label, select);
}
function personMenu(event) {
  const items = [
    choice(t('you.language'), language, LANGUAGES, (v) => { kept.set('language', v); location.reload(); }),
    choice(t('you.appearance'), kept.get('theme') ?? 'system', { system: t('you.system'), light: t('you.light'), dark: t('you.dark') }, setTheme),
    '-',
    { words: t('you.keys'), key: '?', fn: showKeys },
  ];
  if (known.session?.accounts && known.session.level !== 'none') {
    items.push('-', { words: t('you.out'), fn: () => leave('session') }, { words: t('you.outall'), fn: () => leave('session/all') });
  }
  menu(event.currentTarget, items);
}
async function leave(what) {
  await api('DELETE', what, undefined, { quiet: true }).catch(() => {});
  location.reload();
}
function drawHead() {
  const head = document.getElementById('head');
  head.firstElementChild.append(
    h('nav', { class: 'nav', 'aria-label': t('nav.label') }, PAGES.map(([path, key]) => h('a', { href: `#/${path}`, 'data-page': path }, t(`nav.${key}`)))),
    h('div', { class: 'end' }, h('span', { class: 'live wait', id: 'live' }, t('live.wait')),
      h('button', { class: 'btn bare icon', 'aria-label': t('you.label'), 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: personMenu }, icon('person', 'l'))));
}

/* ---- keys ---- */

export const keysOn = () => kept.get('keys') !== 'off';
let goPressed = 0;
function typing(el) {
  return el?.closest?.('input, select, textarea, [contenteditable]') && el.type !== 'checkbox' && el.type !== 'radio';
}
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector('dialog[open], .menu')) return;
  if (!keysOn()) return;
  const pages = { h: '', a: 'addresses', l: 'log', s: 'settings' };
  if (Date.now() - goPressed < 1500 && event.key in pages) {
    goPressed = 0;
    go(pages[event.key]);
  } else if (event.key === 'g') goPressed = Date.now();
  else if (event.key === '?') showKeys();
  else if (event.key === 'c' && canChange()) go('create');
  else if (current.view?.key?.(event)) { /* done there */ }
  else return;
  event.preventDefault();
}
/** A dialog with a title; returns it. The focus goes back to where it was, or to its row drawn anew, or to the content. */
export function dialog(title, props, ...children) {
  const back = document.activeElement, row = back?.closest('tr')?.dataset.id;
  const again = () => (back?.isConnected ? back : (row && document.querySelector(`tr[data-id="${CSS.escape(row)}"] .c-menu button`)) || document.getElementById('main'));
  const titleId = `d${Math.random().toString(36).slice(2)}`;
  const box = h('dialog', { 'aria-labelledby': titleId, ...props },
    h('div', { class: 'd-head' }, h('h2', { id: titleId }, title),
      h('button', { type: 'button', class: 'btn bare icon', 'aria-label': t('close'), onclick: () => box.dispatchEvent(new Event('cancel', { cancelable: true })) && box.close() }, icon('close'))),
    ...children);
  box.addEventListener('close', () => { box.remove(); again().focus(); });
  document.body.append(box);
  box.showModal();
  return box;
}
function showKeys() {
  const rows = ['/', 'c', 'j k', 'Enter', 'e', 'u', 'p', 'x', 'Esc', 'g h a l s', '?'];
  const toggle = h('input', { type: 'checkbox', checked: keysOn(), onchange: (e) => kept.set('keys', e.target.checked ? null : 'off') });
  dialog(t('keys.title'), {}, h('div', { class: 'd-body' },
    h('dl', { class: 'facts' }, rows.flatMap((k) => [h('dt', {}, k.split(' ').map((c) => [h('kbd', {}, c), ' '])), h('dd', {}, t(`keys.${k}`))])),
    h('label', { class: 'check' }, toggle, h('span', {}, t('keys.toggle')))));
}

/* ---- the views ---- */

const VIEWS = {
  '': () => import('./hostnames.js'),
  h: () => import('./why.js'),
  addresses: () => import('./addresses.js'),
  devices: () => import('./devices.js'),
  log: () => import('./log.js'),
  settings: () => import('./settings.js'),
  about: () => import('./about.js'),
};
const DIALOGS = { create: () => import('./form.js'), modify: () => import('./form.js'), delete: () => import('./remove.js'), import: () => import('./import.js') };
const current = { name: null, view: null, dialog: null, list: '' };

/** Where the address leads: {name, id, query}. */
function parse() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, ...rest] = path.split('/');
  return { name, id: rest.length ? decodeURIComponent(rest.join('/')) : null, query: new URLSearchParams(query) };
}
export function go(path, query, replace = false) {
  const q = query?.toString();
  const hash = `#/${path}${q ? `?${q}` : ''}`;
  if (replace) {
    history.replaceState(null, '', hash);
    if (path === '' || path === undefined) current.list = q ?? '';
  } else location.hash = hash;
}
/** Back to the list as it was: closing a dialog. */
export const goList = () => go('', current.list);

export function title(words) {
  document.title = words ? `${words} · homing` : 'homing';
}
let routing = 0;
async function route() {
  const run = ++routing; // a part that comes late must not take the place of the page that was asked for since
  const where = parse();
  const isDialog = where.name in DIALOGS;
  const name = isDialog ? '' : where.name in VIEWS ? where.name : '';
  if (name === '' && !isDialog) current.list = where.query.toString();
  current.dialog?.close?.();
  current.dialog = null;
  const main = document.getElementById('main');
  const key = name === 'h' ? `h/${where.id}` : name;
  if (current.name !== key) {
    const module = await part(VIEWS[name]);
    if (run !== routing) return;
    current.view?.unmount?.();
    current.view = null;
    current.name = module && key;
    main.replaceChildren(...(module ? [] : [lostView()]));
    for (const a of document.querySelectorAll('.nav a')) {
      if (a.dataset.page === (name === 'h' ? '' : name)) {
        a.setAttribute('aria-current', 'page');
        a.parentNode.scrollLeft = a.offsetLeft - (a.parentNode.clientWidth - a.offsetWidth) / 2; // on a phone not all of them fit
      } else a.removeAttribute('aria-current');
    }
    if (!module) return;
    current.view = module.default(main, { ...where, query: isDialog ? new URLSearchParams(current.list) : where.query });
    if (!isDialog) scrollTo(0, 0);
  } else if (!isDialog) {
    current.view?.update?.(where);
  }
  if (!isDialog) return;
  const opened = await part(DIALOGS[where.name]);
  if (run === routing) current.dialog = opened?.default(where);
}

async function begin() {
  if (kept.get('theme')) setTheme(kept.get('theme'));
  document.documentElement.lang = language;
  const claim = /^#claim=([\w-]+)$/.exec(location.hash)?.[1];
  const [catalogue, english] = await Promise.all([import(`./text-${language}.js`), load().then((ok) => ok, (e) => e)]);
  texts = catalogue.default;
  document.getElementById('skip').textContent = t('skip');
  if (english instanceof Error || !english) {
    const sign = await import('./sign.js');
    if (!(await sign.welcome(document.getElementById('main'), english instanceof Error ? english : null, claim))) return;
  }
  drawHead();
  addEventListener('hashchange', route);
  addEventListener('keydown', onKey);
  await route();
  connect();
  addEventListener('pagehide', () => live.source.close());
  addEventListener('pageshow', (event) => { if (event.persisted) connect(); });
  document.addEventListener('visibilitychange', onSeen);
}
begin();
