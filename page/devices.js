// SPDX-License-Identifier: ISC
// The devices that tell their addresses: what each told and who uses it, a new one with what its router wants to know.
import { api, canChange, dialog, h, icon, id, notice, rich, t, title, when } from './app.js';

const mono = (words) => h('span', { class: 'mono', translate: 'no' }, words);
const cell = (key, ...children) => h('td', { role: 'cell', 'data-l': t(key) }, ...children);

/** Where a router reaches homing: not by the name that only this machine knows it by. */
function base(listen) {
  const host = /^(localhost|127\.|\[?::1\]?$)/.test(location.hostname) ? t('dev.thismachine') : location.hostname;
  return `http${listen.tls ? 's' : ''}://${host}:${listen.port}`;
}
/** What stands in which field of whose form: [[router, [[field, value]]]]. */
function forms(listen, made, host) {
  const where = base(listen), query = `hostname=${host}`;
  const own = [[t('dev.field.host'), host], [t('dev.field.user'), made.name], [t('dev.field.password'), made.password]];
  return [
    ['FRITZ!Box', [[t('dev.field.url'), `${where}/nic/update?hostname=<domain>&myip=<ipaddr>&myipv6=<ip6addr>&ip6lanprefix=<ip6lanprefix>`], ...own]],
    ['UniFi', [[t('dev.field.server'), `${where.replace(/^https?:\/\//, '')}/nic/update?hostname=%h&myip=%i`], ...own]],
    ['OpenWrt', [[t('dev.field.url'), `${where.replace('://', '://[USERNAME]:[PASSWORD]@')}/nic/update?hostname=[DOMAIN]&myip=[IP]`], ...own]],
    [t('dev.other'), [[t('dev.field.url'), `${where}/nic/update?${query}&myip=…`], ...own.slice(1)]],
  ];
}

/** The password, this once. */
function showPassword(made, doc, host) {
  const facts = h('dl', { class: 'facts' });
  const draw = (rows) => facts.replaceChildren(...rows.flatMap(([field, value]) => [h('dt', {}, field), h('dd', {}, mono(value))]));
  const list = doc.listen ? forms(doc.listen, made, host || 'home.example.org') : [[t('dev.other'), [[t('dev.field.user'), made.name], [t('dev.field.password'), made.password]]]];
  const pick = h('select', { 'aria-label': t('dev.router'), onchange: (e) => draw(list[e.target.value][1]) }, list.map(([name], i) => h('option', { value: i }, name)));
  draw(list[0][1]);
  const box = dialog(t('dev.made', { name: made.name }), {},
    h('div', { class: 'd-body' }, h('p', {}, t('dev.once')), list.length > 1 ? h('div', { class: 'f' }, pick) : '', facts,
      doc.listen ? '' : h('p', { class: 'help' }, rich('dev.off', { setting: mono('listen-push=') })),
      h('p', { class: 'help' }, rich('dev.use', { settings: mono(`usev4=pushed, pushed=${made.name}`) }))),
    h('div', { class: 'd-foot' }, h('span', { class: 'sp' }), h('button', { type: 'button', class: 'btn primary', onclick: () => box.close() }, t('dev.noted'))));
}

/** Asks before something that cannot be taken back. */
function sure(words, button, act) {
  const error = h('p', { class: 'err', hidden: true, role: 'alert' });
  const box = dialog(button, {}, h('form', { onsubmit: async (event) => {
    event.preventDefault();
    try {
      await act();
      box.close();
    } catch (refusal) {
      error.hidden = false;
      error.replaceChildren(icon('needs-you'), h('span', {}, refusal.words));
    }
  } }, h('div', { class: 'd-body' }, h('p', {}, words), error),
  h('div', { class: 'd-foot' }, h('span', { class: 'sp' }), h('button', { type: 'button', class: 'btn bare', onclick: () => box.close() }, t('cancel')), h('button', { class: 'btn you fill' }, button))));
}

class Devices {
  constructor(main) {
    title(t('dev.title'));
    this.lead = h('p', {});
    this.list = h('div');
    main.append(h('div', { class: 'verdict' }, h('div', { class: 'say' }, h('h1', {}, t('dev.title')), this.lead)), this.list);
    if (canChange()) this.drawForm(main);
    this.fetch();
    this.timer = setInterval(() => { if (!document.hidden && !document.querySelector('dialog[open]')) this.fetch(); }, 10000);
  }
  unmount() { clearInterval(this.timer); }
  async fetch() {
    try {
      this.doc = await api('GET', 'devices');
    } catch (refusal) {
      this.lead.replaceChildren(refusal.words);
      return;
    }
    this.lead.replaceChildren(...(this.doc.listen ? [t('dev.on', { port: String(this.doc.listen.port) })] : rich('dev.off', { setting: mono('listen-push=') })));
    const heads = ['dev.col.name', 'dev.col.tells', 'dev.col.told', 'dev.col.keeps'];
    const focus = document.activeElement?.dataset?.act;
    this.list.replaceChildren(this.doc.items.length ? h('div', { class: 'sheet' }, h('table', { class: 'plain', role: 'table', 'aria-label': t('dev.title') },
      h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, heads.map((k) => h('th', { role: 'columnheader' }, t(k))), canChange() ? h('th', { role: 'columnheader', 'aria-label': t('dev.col.do') }) : '')),
      h('tbody', { role: 'rowgroup' }, this.doc.items.map((d) => this.row(d))))) : h('div', { class: 'sheet nothing' }, t('dev.none')));
    if (focus) this.list.querySelector(`[data-act="${CSS.escape(focus)}"]`)?.focus();
  }
  row(d) {
    const told = Math.max(0, ...d.addresses.map((a) => a.told ?? 0));
    const says = d.addresses.map((a) => h('div', {}, a.address ? [mono(a.address), ' ', h('span', { class: 'help' }, rich('dev.since', { at: a.since }))] : '',
      a.refused ? h('div', { class: 'help' }, icon('needs-you', 's-needs-you'), ' ', t('dev.refused', { ...a.refused, kind: { code: a.refused.code, text: a.refused.kind } })) : ''));
    return h('tr', { role: 'row' }, h('td', { role: 'cell' }, h('b', { translate: 'no' }, d.name)),
      cell('dev.col.tells', says.length ? says : h('span', { class: 'quiet' }, t('dev.nothing'))),
      cell('dev.col.told', told ? when(told) : ''),
      cell('dev.col.keeps', d.hostnames.length ? h('bdi', { translate: 'no' }, d.hostnames.slice(0, 6).join(', ') + (d.hostnames.length > 6 ? ` … (${d.hostnames.length})` : '')) : h('span', { class: 'quiet' }, t('dev.unused'))),
      canChange() ? h('td', { role: 'cell' }, h('button', { type: 'button', class: 'link', 'data-act': `p ${d.name}`, onclick: () => sure(t('dev.renew.sure', { name: d.name }), t('dev.renew'), async () => showPassword(await api('POST', `devices/${id(d.name)}/password`, {}), this.doc, d.hostnames[0])) }, t('dev.renew')), ' ',
        h('button', { type: 'button', class: 'link', 'data-act': `r ${d.name}`, onclick: () => sure(t('dev.remove.sure', { name: d.name }), t('dev.remove'), async () => {
          await api('DELETE', `devices/${id(d.name)}`);
          notice(t('dev.removed', { name: d.name }));
          this.fetch();
        }) }, t('dev.remove'))) : '');
  }
  drawForm(main) {
    const name = h('input', { type: 'text', id: 'dev-name', spellcheck: 'false', autocomplete: 'off', 'aria-describedby': 'dev-name-e', maxlength: 48 });
    const hosts = h('input', { type: 'text', id: 'dev-hosts', spellcheck: 'false', autocomplete: 'off', 'aria-describedby': 'dev-hosts-h' });
    const error = h('span', { class: 'err', id: 'dev-name-e', hidden: true });
    const field = h('div', { class: 'f' }, h('label', { for: 'dev-name' }, t('dev.name')), name, h('span', { class: 'help' }, t('dev.name.help')), error);
    main.append(h('div', { class: 'sh' }, h('h2', {}, t('dev.add'))), h('div', { class: 'sheet' }, h('form', { class: 'set', novalidate: true, onsubmit: async (event) => {
      event.preventDefault();
      error.hidden = true;
      field.classList.remove('bad');
      const list = hosts.value.split(/[\s,]+/).filter(Boolean);
      try {
        const made = await api('POST', 'devices', { name: name.value.trim(), hosts: list });
        name.value = hosts.value = '';
        await this.fetch();
        showPassword(made, this.doc, list[0]);
      } catch (refusal) {
        field.classList.add('bad');
        error.hidden = false;
        error.replaceChildren(icon('needs-you'), h('span', { role: 'alert' }, refusal.words));
        name.focus();
      }
    } }, field, h('div', { class: 'f' }, h('label', { for: 'dev-hosts' }, t('dev.hosts'), ' ', h('small', { class: 'quiet' }, t('optional'))), hosts, h('span', { class: 'help', id: 'dev-hosts-h' }, t('dev.hosts.help'))),
    h('div', {}, h('button', { class: 'btn' }, t('dev.add.button'))))));
  }
}
export default (main) => new Devices(main);
