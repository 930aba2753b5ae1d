// SPDX-License-Identifier: ISC
// The list of hostnames: verdict, search, filters, the table (virtual from 701 px up), its menus and keys.
import { api, canChange, clock, go, h, icon, id, known, lengthText, live, menu, notice, now, part, rich, say, t, title, tryAgain, undoing, watch, when, day } from './app.js';

const RANK = { 'needs-you': 0, unknown: 1, waiting: 2, changing: 3, right: 4, paused: 5 };
const FILTERS = ['all', 'needs-you', 'unknown', 'at-work', 'right', 'paused'];
const FILTER_ICON = { 'needs-you': 'needs-you', unknown: 'unknown', 'at-work': 'changing', right: 'right', paused: 'paused' };
const inFilter = (host, filter) => filter === 'all' || (filter === 'at-work' ? host.state === 'changing' || host.state === 'waiting' : host.state === filter);
// Keys made once and compared as plain text: sorting 10,000 names with a collator takes a noticeable moment.
const plain = (text) => text.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/\d+/g, (d) => d.padStart(9, '0'));
const key = (host) => (host.key ??= plain(host.unicode ?? host.hostname));
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const byName = (a, b) => compare(key(a), key(b));
const SORTS = {
  name: byName,
  state: (a, b) => RANK[a.state] - RANK[b.state] || byName(a, b),
  prov: (a, b) => compare(a.provider?.name ?? '', b.provider?.name ?? '') || byName(a, b),
  last: (a, b) => (b.changed_at ?? 0) - (a.changed_at ?? 0) || byName(a, b),
};
const PHONE_ROWS = 100;
const ROW = 58, ROW_WALL = 66; // --row of page.css

/* ---- the verdict ---- */

export function verdictIcon(counts, service) {
  if (service === 'off') return 'paused';
  return ['needs-you', 'unknown', 'waiting', 'changing'].find((s) => counts?.[s] > 0) ?? (counts?.right ? 'right' : counts?.all ? 'paused' : 'unknown');
}
function verdictAction(action) {
  if (!action) return null;
  const where = action.id ? `#/${action.kind === 'password' || action.kind === 'token' ? 'modify' : 'h'}/${id(action.id)}`
    : action.kind === 'sources' ? '#/addresses' : '#/?show=needs-you';
  const words = action.message ? say(action.message) : t(`act.${action.kind}`);
  if (action.kind === 'on') {
    return canChange() ? h('button', { class: 'btn', onclick: () => api('PATCH', 'settings', { settings: { updates: 'yes' } }).catch((e) => notice(e.words)) }, words) : null;
  }
  if (action.kind === 'resume' && action.id) {
    return h('button', { class: 'btn you', onclick: () => act('resume', [action.id]) }, words);
  }
  return h('a', { class: 'btn you', href: where }, words);
}
function drawVerdict(box) {
  const v = known.verdict;
  if (live.state === 'lost' && (live.missing || Date.now() - live.since > 5000)) {
    box.replaceChildren(icon('unknown', 's-unknown'), h('div', { class: 'say' },
      h('h1', { 'aria-live': 'polite' }, t('verdict.lost', { len: lengthText(Date.now() - live.since), at: clock(live.since) }))),
      h('button', { class: 'btn', onclick: () => tryAgain().catch(() => {}) }, t('act.tryagain')));
    return;
  }
  if (!v) return;
  const state = verdictIcon(v.counts, v.service);
  let h1 = box.querySelector('h1');
  const words = say(v.message, true);
  if (h1?.textContent !== words) h1 = h('h1', { 'aria-live': 'polite' }, say(v.message)); // told once, not at every look
  box.replaceChildren(icon(state, `s-${state}${state === 'changing' ? ' spin' : ''}`),
    h('div', { class: 'say' }, h1, v.detail && h('p', {}, say(v.detail))), verdictAction(v.action) ?? '');
  title(v.counts?.['needs-you'] ? t('verdict.title', { count: v.counts['needs-you'] }) : '');
}

/* ---- acts ---- */

export async function act(what, ids) {
  const host = known.hosts.get(ids[0]);
  const calls = { update: (x) => api('POST', 'update', { id: x }), pause: (x) => api('POST', `hostnames/${id(x)}/disable`, {}), resume: (x) => api('POST', `hostnames/${id(x)}/${known.hosts.get(x)?.enabled === 'no' ? 'enable' : 'resume'}`, {}) };
  try {
    const reply = await (ids.length > 1 ? api('POST', 'hostnames/many', { ids, act: what }) : calls[what](ids[0]));
    notice(t(`done.${what}`, { count: reply?.count ?? ids.length, name: host?.unicode ?? host?.hostname }), undoing(reply));
  } catch (refusal) {
    notice(refusal.words);
  }
}

/* ---- a row ---- */

function shortAddress(a) {
  return a.length <= 26 ? a : `${a.slice(0, 13)}…${a.slice(-10)}`;
}
const addressText = (a) => h('span', { title: a, translate: 'no' }, shortAddress(a));
const same = (a, b) => a && b && a.length === b.length && a.every((x, i) => x === b[i]);

/** Where the place is too small, the words give way to the address. */
function shouldBe(record) {
  const [address] = record.wanted;
  return h('span', { class: 'w', title: t('list.should', { address }) }, rich('list.should', { address: shortAddress(address) }).map((p) => (p instanceof Node ? p : h('span', {}, p))));
}
/** One line a family. Wrong: the old one struck, below what it should be. */
function addressLines(host) {
  const lines = [];
  for (const r of host.records) {
    const odd = r.state !== host.state && host.records.length > 1;
    const mark = odd ? icon(r.state, `s-${r.state}`) : null;
    if (r.published?.length) {
      const wrong = host.state !== 'paused' && r.wanted?.length && !same(r.wanted, r.published);
      lines.push(h('div', { class: 'a' }, mark, h('span', { class: wrong ? 'old' : '' }, r.published.map((a, i) => [i ? ', ' : '', addressText(a)]))));
      if (wrong) lines.push(h('div', { class: 'a' }, shouldBe(r)));
    } else if (r.wanted?.length && host.state !== 'paused') {
      lines.push(h('div', { class: 'a' }, mark, shouldBe(r)));
    }
  }
  if (lines.length === 1 && host.state === 'unknown') lines.push(h('div', { class: 'a w' }, t('list.kept')));
  if (lines.length === 1 && host.state === 'paused') lines.push(h('div', { class: 'a w' }, t('list.left')));
  return lines.length ? lines.slice(0, 2) : [h('div', { class: 'a w' }, t('list.none'))];
}
function stateCell(host) {
  const words = host.state === 'waiting' && host.next_at > now() ? rich('state.waiting.until', { at: host.next_at }) : t(`state.${host.state}`);
  const plain = host.state === 'right' ? 'plain' : `s-${host.state}`;
  const reason = say(host.reason);
  return h('div', { class: 'state' }, icon(host.state, `l s-${host.state}${host.state === 'changing' ? ' spin' : ''}`),
    h('div', { class: 'w2' }, h('span', { class: `l1 ${plain}` }, words),
      h('span', { class: 'l2', title: say(host.reason, true) }, host.state === 'needs-you' ? h('a', { href: `#/h/${id(host.id)}` }, reason) : reason)));
}
function nextCell(host) {
  if (host.state === 'needs-you' && canChange()) {
    const fix = host.next?.code === 'resume' ? h('button', { class: 'btn you small', onclick: () => act('resume', [host.id]) }, t('act.resume'))
      : h('a', { class: 'btn you small', href: `#/modify/${id(host.id)}` }, host.next ? say(host.next) : t('act.modify'));
    return [fix];
  }
  return [h('span', { class: 'l1 quiet' }, host.next ? say(host.next) : t('list.nothing')), host.next_at ? h('span', { class: 'l2' }, when(host.next_at, 'rel')) : null];
}
function rowMenu(event, host) {
  const items = [];
  if (canChange()) {
    items.push({ words: t('act.update'), key: 'u', fn: () => act('update', [host.id]) },
      { words: t('act.modify'), key: 'e', fn: () => go(`modify/${id(host.id)}`) },
      host.state === 'paused' ? { words: t('act.resume'), key: 'p', fn: () => act('resume', [host.id]) } : { words: t('act.pause'), key: 'p', fn: () => act('pause', [host.id]) });
  }
  items.push({ words: t('act.why'), fn: () => go(`h/${id(host.id)}`) });
  const address = host.records.flatMap((r) => r.published ?? [])[0];
  if (address && navigator.clipboard) items.push({ words: t('act.copy'), fn: () => navigator.clipboard.writeText(address).then(() => notice(t('done.copy', { address }))) });
  if (canChange()) items.push('-', { words: t('act.delete'), danger: true, fn: () => go(`delete/${id(host.id)}`) });
  menu(event.currentTarget, items);
}
function drawRow(host, list) {
  const name = host.unicode ?? host.hostname;
  const second = host.description || (host.unicode && host.unicode !== host.hostname ? host.hostname : '');
  const cell = (cls, ...children) => h('td', { role: 'cell', class: cls }, ...children);
  const row = h('tr', { role: 'row', class: `host ${host.state}`, 'data-id': host.id },
    list.pick ? cell('c-check', h('label', { class: 'tick' }, h('input', { type: 'checkbox', checked: list.selected.has(host.id), 'aria-label': t('list.select', { name }), onchange: (e) => list.toggle(host.id, e.target.checked) }))) : cell('c-check'),
    cell('c-name', h('span', { class: 'l1' }, h('a', { href: `#/h/${id(host.id)}`, title: name }, h('bdi', { translate: 'no' }, name))),
      h('span', { class: 'l2', title: second || null }, second, host.provider?.name && h('span', { class: 'also' }, `${second ? ' · ' : ''}${host.provider.name}`))),
    cell('c-state', stateCell(host)),
    cell('c-addr addr', addressLines(host)),
    cell('c-prov', h('span', { class: 'l1', title: host.provider?.name }, host.provider?.name ?? ''), h('span', { class: 'l2', title: host.account }, host.account ?? '')),
    cell('c-last', host.changed_at ? [h('span', { class: 'l1' }, day(host.changed_at)), h('span', { class: 'l2' }, h('time', { title: new Date(host.changed_at).toISOString() }, clock(host.changed_at)))] : h('span', { class: 'l1 quiet' }, t('list.never'))),
    cell('c-next', nextCell(host)),
    cell('c-menu', h('button', { class: 'btn bare icon', 'aria-label': t('list.more', { name }), 'aria-haspopup': 'menu', 'aria-expanded': 'false', onclick: (e) => rowMenu(e, host) }, icon('more'))));
  return row;
}

/* ---- the table ---- */

/** Which rows, in which order, and which of them stand in the document. */
class Table {
  constructor(view) {
    this.view = view;
    this.selected = new Set();
    this.pick = canChange();
    this.rows = new Map();
    this.order = [];
    this.limit = PHONE_ROWS;
    this.body = h('tbody', { role: 'rowgroup' });
    this.above = h('tr', { class: 'gap', 'aria-hidden': 'true' }, h('td', { colspan: 8 }));
    this.below = h('tr', { class: 'gap', 'aria-hidden': 'true' }, h('td', { colspan: 8 }));
    this.all = h('input', { type: 'checkbox', onchange: (e) => this.toggleAll(e.target.checked) });
    this.head = {};
    const column = (cls, key, sort) => {
      const label = t(`list.col.${key}`);
      this.head[key] = h('th', { role: 'columnheader', class: cls }, sort ? h('button', { type: 'button', onclick: () => this.view.sortBy(key) }, label) : label);
      return this.head[key];
    };
    this.el = h('table', { class: 'hosts', role: 'table', 'aria-label': t('list.label') },
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' },
        h('th', { role: 'columnheader', class: 'c-check' }, this.pick ? h('label', { class: 'tick' }, this.all) : h('span', { class: 'vh' }, t('list.selected', { count: 0 }))),
        column('c-name', 'name', true), column('c-state', 'state', true), column('c-addr', 'addr'), column('c-prov', 'prov', true), column('c-last', 'last', true), column('c-next', 'next'),
        h('th', { role: 'columnheader', class: 'c-menu' }, h('span', { class: 'vh' }, t('list.col.more'))))),
      this.body);
    this.phone = matchMedia('(max-width: 700px)');
    this.wall = matchMedia('(min-width: 2200px)');
  }

  /** Chooses and sorts anew; the only place where rows change places. */
  arrange({ search, filter, sort, down }) {
    const words = search.toLocaleLowerCase();
    for (const host of known.hosts.values()) this.text(host); // made as they arrive, not at the first letter of a search
    const found = [...known.hosts.values()].filter((host) => inFilter(host, filter) && (!words || this.text(host).includes(words)));
    found.sort(SORTS[sort]);
    if (down) found.reverse();
    this.order = found.map((host) => host.id);
    for (const one of this.selected) if (!known.hosts.has(one)) this.selected.delete(one);
    for (const [key, th] of Object.entries(this.head)) {
      if (key === sort) th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      else th.removeAttribute('aria-sort');
      const button = th.querySelector('button');
      if (button) button.textContent = t(`list.col.${key}`) + (key === sort ? (down ? ' ↑' : ' ↓') : '');
    }
    this.el.setAttribute('aria-rowcount', this.order.length + 1);
    this.draw(true);
  }
  text(host) {
    host.search ??= [host.hostname, host.unicode, host.description, host.provider?.name, host.account, host.records.flatMap((r) => [r.published, r.wanted])].flat(3).filter(Boolean).join(' ').toLocaleLowerCase();
    return host.search;
  }

  /** The rows that can be seen, and a few around them. */
  draw(anew = false) {
    let from = 0, to = this.order.length, height = 0;
    if (this.phone.matches) to = Math.min(to, this.limit);
    else {
      height = this.wall.matches ? ROW_WALL : ROW;
      const top = scrollY ? this.el.getBoundingClientRect().top : 0; // measured where it matters: it costs a layout
      from = Math.max(0, Math.min(to, Math.floor(-top / height) - 6));
      to = Math.min(to, from + Math.ceil(innerHeight / height) + 12);
    }
    if (!anew && from === this.from && to === this.to) return;
    Object.assign(this, { from, to });
    const wanted = this.order.slice(from, to), had = this.rows;
    this.rows = new Map();
    const list = wanted.map((one, i) => {
      const host = known.hosts.get(one);
      const row = (had.get(one)?.host === host && had.get(one)?.row) || drawRow(host, this);
      row.setAttribute('aria-rowindex', from + i + 2);
      this.rows.set(one, { host, row });
      return row;
    });
    const focus = document.activeElement, inside = this.body.contains(focus);
    this.above.firstChild.style.height = `${from * height}px`;
    this.below.firstChild.style.height = `${(this.order.length - to) * height}px`;
    this.place([...(from ? [this.above] : []), ...list, ...(to < this.order.length && height ? [this.below] : [])]);
    if (inside && focus.isConnected && document.activeElement !== focus) focus.focus({ preventScroll: true });
    else if (inside && !focus.isConnected) this.keepFocus(Number(focus.closest('tr')?.getAttribute('aria-rowindex')) - 2);
    this.mark();
  }
  /** The row that had the focus is gone: it goes to the one in its place, not back to the page's beginning. */
  keepFocus(at) {
    const rows = [...this.rows.values()];
    const next = rows[Math.max(0, Math.min(at - this.from, rows.length - 1))];
    next?.row.querySelector('.c-name a').focus({ preventScroll: true });
  }
  /** Puts the rows in place and moves only those that are not there yet, so that the focus stays. */
  place(rows) {
    const stay = new Set(rows);
    for (const child of [...this.body.children]) if (!stay.has(child)) child.remove();
    let at = this.body.firstChild;
    for (const row of rows) {
      if (row === at) at = at.nextSibling;
      else this.body.insertBefore(row, at);
    }
  }
  /** These changed: redrawn where they stand, with one fading tint. */
  refresh(ids) {
    for (const one of ids) {
      const had = this.rows.get(one), host = known.hosts.get(one);
      if (!had || !host) continue;
      const row = drawRow(host, this);
      row.setAttribute('aria-rowindex', had.row.getAttribute('aria-rowindex'));
      row.classList.add('told');
      const focused = had.row.contains(document.activeElement) ? [...had.row.querySelectorAll('a, button, input')].indexOf(document.activeElement) : -1;
      had.row.replaceWith(row);
      if (focused >= 0) (row.querySelectorAll('a, button, input')[focused] ?? row.querySelector('a'))?.focus({ preventScroll: true });
      this.rows.set(one, { host, row });
    }
  }
  toggle(one, on) {
    if (on) this.selected.add(one);
    else this.selected.delete(one);
    this.view.drawBar();
    this.mark();
  }
  toggleAll(on) {
    for (const one of this.rows.keys()) on ? this.selected.add(one) : this.selected.delete(one);
    if (!on) this.selected.clear();
    this.draw(true);
    this.view.drawBar();
  }
  mark() {
    for (const [one, { row }] of this.rows) {
      const box = row.querySelector('.tick input');
      if (box) box.checked = this.selected.has(one);
    }
    this.all.setAttribute('aria-label', t('list.select.all', { count: this.rows.size }));
    this.all.checked = this.selected.size > 0 && this.selected.size >= this.order.length;
    this.all.indeterminate = this.selected.size > 0 && !this.all.checked;
  }
  /** The row with the focus: its place in the order, or -1. */
  get at() {
    const row = document.activeElement?.closest?.('tr.host');
    return row ? this.order.indexOf(row.dataset.id) : -1;
  }
  step(by) {
    const next = Math.max(0, Math.min(this.order.length - 1, this.at + by));
    if (!this.order.length) return;
    if (!this.phone.matches) {
      const height = parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row'));
      const y = this.body.getBoundingClientRect().top + next * height;
      if (y < 110) scrollBy(0, y - 110);
      else if (y + height > innerHeight) scrollBy(0, y + height - innerHeight + 8);
      this.draw();
    }
    this.rows.get(this.order[next])?.row.querySelector('.c-name a').focus({ preventScroll: true });
  }
}

/* ---- the view ---- */

class View {
  constructor(main, where) {
    this.verdict = h('div', { class: 'verdict' });
    this.search = h('input', { type: 'search', 'aria-label': t('list.search'), placeholder: t('list.search.short'), spellcheck: 'false', autocomplete: 'off', oninput: () => this.searched(), onkeydown: (e) => this.searchKey(e) });
    this.chips = h('div', { class: 'chips', role: 'radiogroup', 'aria-label': t('list.show') });
    this.bar = h('div', { class: 'bar' });
    this.sheet = h('div', { class: 'sheet' });
    this.foot = h('div', { class: 'foot' });
    this.table = new Table(this);
    this.read(where.query);
    main.append(this.verdict, this.bar, this.sheet, this.foot);
    drawVerdict(this.verdict);
    this.arrange();
    this.scroll = () => { this.pending ??= requestAnimationFrame(() => { this.pending = null; this.table.draw(); }); };
    addEventListener('scroll', this.scroll, { passive: true });
    addEventListener('resize', this.scroll);
    this.stop = watch((kind, detail) => this.told(kind, detail));
    this.timer = setInterval(() => { if (live.state === 'lost') drawVerdict(this.verdict); }, 1000);
  }
  unmount() {
    this.stop();
    clearInterval(this.timer);
    clearTimeout(this.chipsLater);
    removeEventListener('scroll', this.scroll);
    removeEventListener('resize', this.scroll);
  }
  read(query) {
    this.filter = FILTERS.includes(query.get('show')) ? query.get('show') : 'all';
    const sort = query.get('sort') ?? 'state';
    this.down = sort.startsWith('-');
    this.sort = sort.replace('-', '') in SORTS ? sort.replace('-', '') : 'state';
    if (this.search.value !== (query.get('q') ?? '')) this.search.value = query.get('q') ?? '';
  }
  /** The address keeps what is shown. */
  write(replace) {
    const query = new URLSearchParams();
    if (this.search.value) query.set('q', this.search.value);
    if (this.filter !== 'all') query.set('show', this.filter);
    if (this.sort !== 'state' || this.down) query.set('sort', (this.down ? '-' : '') + this.sort);
    go('', query, replace);
  }
  update(where) {
    this.read(where.query);
    this.arrange();
  }
  searched() {
    this.write(true);
    this.arrange();
    if (scrollY > this.bar.offsetTop) scrollTo(0, 0);
  }
  searchKey(event) {
    if (event.key === 'Escape' && this.search.value) {
      this.search.value = '';
      this.searched();
    } else if (event.key === 'Escape') this.search.blur();
    else if (event.key === 'ArrowDown') this.table.step(1);
    else return;
    event.preventDefault();
  }
  sortBy(key) {
    if (this.sort === key) this.down = !this.down;
    else Object.assign(this, { sort: key, down: false });
    this.write(true);
    this.arrange();
  }
  told(kind, detail) {
    if (kind === 'verdict' || kind === 'live') drawVerdict(this.verdict);
    if (kind !== 'hosts') return;
    if (detail) {
      this.table.refresh(detail);
      this.chipsLater ??= setTimeout(() => { this.chipsLater = null; this.drawChips(); }, Math.min(500, known.hosts.size / 100)); // they count all
    } else this.pendingAll ??= requestAnimationFrame(() => { this.pendingAll = null; this.arrange(); });
  }
  arrange() {
    const inside = this.sheet.contains(document.activeElement);
    this.table.arrange({ search: this.search.value.trim(), filter: this.filter, sort: this.sort, down: this.down });
    this.drawBar();
    const there = this.table.el.isConnected;
    this.drawSheet();
    if (known.hosts.size && !there) this.table.draw(true); // only now it has a place
    this.drawFoot();
    if (inside && document.activeElement === document.body) this.sheet.querySelector('a, button')?.focus(); // of what stands in the list's place
  }
  drawChips() {
    const counts = { all: known.hosts.size, 'at-work': 0 };
    for (const host of known.hosts.values()) {
      counts[host.state] = (counts[host.state] ?? 0) + 1;
      if (host.state === 'changing' || host.state === 'waiting') counts['at-work']++;
    }
    const shown = FILTERS.filter((f) => f === 'all' || counts[f] || f === this.filter);
    const signature = shown.map((f) => `${f}${counts[f]}`).join() + this.filter;
    if (signature === this.chipsDrawn) return;
    this.chipsDrawn = signature;
    const focused = this.chips.contains(document.activeElement);
    this.chips.replaceChildren(...shown.map((f) => h('label', {},
      h('input', { type: 'radio', name: 'show', value: f, checked: f === this.filter, onchange: () => { this.filter = f; this.write(true); this.arrange(); } }),
      FILTER_ICON[f] && icon(FILTER_ICON[f], `s-${FILTER_ICON[f]}`), f === 'all' || f === 'at-work' ? t(`filter.${f}`) : t(`state.${f}`), ' ', h('b', {}, t('list.number', { n: counts[f] ?? 0 })))));
    if (focused) this.chips.querySelector(':checked')?.focus();
  }
  drawBar() {
    const count = this.table.selected.size;
    if (!count) {
      if (!this.searchBox) {
        this.searchBox = h('div', { class: 'search' }, icon('search'), this.search, h('kbd', { 'aria-hidden': 'true' }, '/'));
        this.create = canChange() ? h('a', { class: 'btn primary push', href: '#/create' }, icon('plus'), t('list.create')) : null;
      }
      if (this.bar.firstChild !== this.searchBox) this.bar.replaceChildren(this.searchBox, this.chips, ...(this.create ? [this.create] : []));
      this.bar.hidden = known.hosts.size === 0;
      this.drawChips();
      return;
    }
    const ids = [...this.table.selected];
    const done = (what) => () => act(what, ids).then(() => { this.table.selected.clear(); this.table.draw(true); this.drawBar(); });
    const found = this.table.order.length;
    this.bar.replaceChildren(h('span', { class: 'picked' }, t('list.selected', { count })),
      h('button', { class: 'btn', onclick: done('update') }, t('act.update')), h('button', { class: 'btn', onclick: done('pause') }, t('act.pause')), h('button', { class: 'btn', onclick: done('resume') }, t('act.resume')),
      h('button', { class: 'btn', onclick: () => part(() => import('./remove.js')).then((m) => m?.removeMany(ids)) }, t('act.delete')),
      count < found ? h('button', { class: 'link', onclick: () => { this.table.order.forEach((one) => this.table.selected.add(one)); this.table.draw(true); this.drawBar(); } }, t('list.selectfound', { count: found })) : '',
      h('button', { class: 'link push', onclick: () => { this.table.selected.clear(); this.table.draw(true); this.drawBar(); } }, t('list.unselect')));
  }
  drawSheet() {
    const search = this.search.value.trim();
    if (known.hosts.size === 0) {
      const address = known.verdict?.detail?.args?.address ?? known.verdict?.message?.args?.address;
      this.verdict.hidden = true;
      this.foot.hidden = true;
      this.sheet.className = '';
      this.sheet.replaceChildren(h('div', { class: 'blank' }, icon('logo'), h('h1', {}, t('empty.title')),
        h('p', {}, rich(address ? 'empty.text.addr' : 'empty.text', { example: 'arthur-rimbaud.dyndns.org', address })),
        canChange() ? [h('a', { class: 'btn primary', href: '#/create' }, icon('plus'), t('empty.create')), h('a', { href: '#/import' }, t('empty.import'))] : h('p', {}, rich('empty.file', { file: 'homing.conf' }))));
      return;
    }
    this.verdict.hidden = false;
    this.foot.hidden = false;
    this.sheet.className = 'sheet';
    if (this.table.order.length) {
      const more = this.table.phone.matches && this.table.order.length > this.table.limit
        ? [h('div', { class: 'nothing' }, h('button', { class: 'btn', onclick: () => { this.table.limit += 200; this.table.draw(true); this.drawSheet(); } }, t('list.morerows')))] : [];
      if (this.sheet.firstChild !== this.table.el || this.sheet.childElementCount !== 1 + more.length) this.sheet.replaceChildren(this.table.el, ...more);
      return;
    }
    this.sheet.replaceChildren(h('div', { class: 'nothing' }, search ? t('list.noname', { search }) : t('list.nostate'),
      h('button', { class: 'btn', onclick: () => { this.search.value = ''; this.filter = 'all'; this.write(true); this.arrange(); this.search.focus(); } }, t('list.clear'))));
  }
  drawFoot() {
    const reading = known.hosts.size < known.total;
    this.foot.replaceChildren(...(reading ? [h('span', {}, t('list.loading', { count: known.hosts.size, total: known.total }))] : []),
      h('span', { class: 'keys' }, rich('list.keys', { c: h('kbd', {}, 'c'), q: h('kbd', {}, '?') })));
  }
  key(event) {
    const one = this.table.order[this.table.at];
    const host = known.hosts.get(one);
    const keys = {
      '/': () => this.search.focus(),
      j: () => this.table.step(1), ArrowDown: () => this.table.step(1),
      k: () => this.table.step(-1), ArrowUp: () => this.table.step(-1),
      Escape: () => { this.table.selected.size ? (this.table.selected.clear(), this.table.draw(true), this.drawBar()) : this.search.value && (this.search.value = '', this.searched()); },
    };
    if (host && canChange()) {
      Object.assign(keys, {
        e: () => go(`modify/${id(one)}`), u: () => act('update', [one]), p: () => act(host.state === 'paused' ? 'resume' : 'pause', [one]),
        x: () => this.table.toggle(one, !this.table.selected.has(one)),
      });
    }
    if (event.target.closest?.('.chips') && event.key.startsWith('Arrow')) return false;
    keys[event.key]?.();
    return event.key in keys;
  }
}

export default (main, where) => new View(main, where);
