// SPDX-License-Identifier: ISC
// One hostname: what each record should be and is, why, what happened, and what would be sent now.
import { api, canChange, clock, day, go, goList, h, icon, id, known, rich, say, t, title, watch, when } from './app.js';
import { act } from './hostnames.js';

const GOOD = new Set(['good', 'nochg']);
const EVENT_ICON = (e) => (e.kind === 'outcome' ? (e.class === 'good' || e.class === 'nochg' ? 'right' : 'needs-you') : e.kind === 'sensed' ? 'changing' : e.kind === 'verified' ? 'right' : 'waiting');

function addresses(list) {
  if (list == null) return h('span', { class: 'quiet' }, t('why.unknown'));
  if (!list.length) return h('span', { class: 'quiet' }, t('why.noaddr'));
  return list.map((a, i) => [i ? h('br') : null, h('span', { class: 'mono', translate: 'no' }, a)]);
}
function dns(v) {
  if (!v) return h('span', { class: 'quiet' }, t('why.dns.never'));
  return [h('span', { class: v.state === 'differs' ? 's-needs-you' : '' }, t(`why.dns.${v.state}`, v)), v.at ? [' ', h('span', { class: 'quiet' }, when(v.at))] : null];
}
function records(host) {
  const cell = (label, ...children) => h('td', { role: 'cell', 'data-l': label }, ...children);
  const heads = ['record', 'wanted', 'published', 'dns', 'source'];
  return h('div', { class: 'sheet' }, h('table', { class: 'plain', role: 'table', 'aria-label': t('why.records') },
    h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, heads.map((k) => h('th', { role: 'columnheader' }, t(`why.col.${k}`))))),
    h('tbody', { role: 'rowgroup' }, host.records.map((r) => h('tr', { role: 'row' },
      h('td', { role: 'cell' }, h('div', { class: 'state' }, icon(r.state, `l s-${r.state}`), h('div', {}, h('span', { class: 'l1' }, `${r.family} (${r.type})`), h('span', { class: 'l2' }, say(r.reason))))),
      cell(t('why.col.wanted'), addresses(r.wanted)),
      cell(t('why.col.published'), addresses(r.published), r.published_at ? [h('br'), h('span', { class: 'quiet' }, rich('why.since', { at: r.published_at }))] : null),
      cell(t('why.col.dns'), dns(r.verified)),
      cell(t('why.col.source'), r.source ?? ''))))));
}
function history(events) {
  if (!events.length) return h('p', { class: 'nothing' }, t('why.nohistory'));
  return h('ol', { class: 'story' }, events.map((e) => h('li', {}, icon(EVENT_ICON(e), `l s-${EVENT_ICON(e)}`),
    h('div', {}, h('span', {}, has2(e), e.text || (e.kind === 'outcome' && e.class ? t(GOOD.has(e.class) ? `why.${e.class}` : 'addr.legend.ko') : '')), h('span', { class: 'l2' }, `${day(e.at)}, ${clock(e.at)}`, e.old || e.new ? [' · ', h('span', { class: 'mono' }, [e.old, e.new].filter(Boolean).join(' → '))] : null)))));
}
const has2 = (e) => h('b', {}, `${t(`kind.${e.kind}`)}${e.family ? `, ${e.family}` : ''}. `);

class Why {
  constructor(main, where) {
    this.id = where.id;
    this.main = main;
    this.box = h('div');
    main.append(this.box);
    this.read();
    this.stop = watch((kind, ids) => { if (kind === 'hosts' && (!ids || ids.includes(this.id))) this.read(); });
  }
  unmount() { this.stop(); }
  async read() {
    if (this.reading) { this.again = true; return; }
    this.reading = true;
    try {
      this.draw(await api('GET', `hostnames/${id(this.id)}/why`));
    } catch (refusal) {
      this.box.replaceChildren(this.crumb(), h('div', { class: 'blank' }, h('h1', {}, refusal.status === 404 ? t('why.gone') : refusal.words), h('a', { class: 'btn', href: '#/' }, t('why.back'))));
    }
    this.reading = false;
    if (this.again) { this.again = false; this.read(); }
  }
  crumb() {
    return h('div', { class: 'crumb' }, h('a', { href: '#/', onclick: (e) => { e.preventDefault(); goList(); } }, icon('back'), t('why.back')));
  }
  draw(doc) {
    const host = doc.host, name = host.unicode ?? host.hostname;
    title(name);
    const buttons = canChange() ? h('div', { class: 'acts' },
      h('button', { class: 'btn', onclick: () => act('update', [host.id]) }, t('act.update')),
      host.state === 'paused' ? h('button', { class: 'btn', onclick: () => act('resume', [host.id]) }, t('act.resume')) : h('button', { class: 'btn', onclick: () => act('pause', [host.id]) }, t('act.pause')),
      h('a', { class: 'btn', href: `#/modify/${id(host.id)}` }, t('act.modify'))) : '';
    const words = host.state === 'waiting' && host.next_at ? rich('state.waiting.until', { at: host.next_at }) : t(`state.${host.state}`);
    this.box.replaceChildren(...[this.crumb(),
      h('div', { class: 'verdict' }, icon(host.state, `s-${host.state}${host.state === 'changing' ? ' spin' : ''}`),
        h('div', { class: 'say' }, h('h1', {}, h('bdi', { translate: 'no' }, name)),
          h('p', {}, h('b', { class: host.state === 'right' ? '' : `s-${host.state}` }, words), '. ', say(host.reason), host.description && [' · ', host.description],
            host.provider?.name && [' · ', host.provider.name, host.account && `, ${host.account}`])), buttons),
      h('div', { class: 'sh' }, h('h2', {}, t('why.explain'))),
      h('div', { class: 'sheet' }, h('ol', { class: 'story' }, doc.explanation.map((m) => h('li', {}, icon('dot'), h('p', {}, say(m)))))),
      h('div', { class: 'sh' }, h('h2', {}, t('why.records'))), records(host),
      canChange() ? [h('div', { class: 'sh' }, h('h2', {}, t('why.plan')), h('button', { class: 'btn small', onclick: (e) => this.plan(e.target) }, t('why.plan.show'))), this.plans ??= h('div', {})] : '',
      h('div', { class: 'sh' }, h('h2', {}, t('why.history'))), h('div', { class: 'sheet' }, history(doc.history))].flat(Infinity));
  }
  async plan(button) {
    button.setAttribute('aria-busy', 'true');
    try {
      const doc = await api('POST', 'plan', { id: this.id });
      this.plans.replaceChildren(h('div', { class: 'sheet' }, h('div', { class: 'story' }, h('p', {}, say(doc.message)), doc.requests.map((r) => h('code', { class: 'request' }, r.text)))));
    } catch (refusal) {
      this.plans.replaceChildren(h('p', { class: 'err' }, icon('needs-you'), refusal.words));
    }
    button.removeAttribute('aria-busy');
  }
}
export default (main, where) => new Why(main, where);
