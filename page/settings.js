// SPDX-License-Identifier: ISC
// The settings of homing itself and the defaults of all hostnames, from the table of settings.
import { api, canChange, h, has, icon, known, part, rich, settingHelp, t, title } from './app.js';

const GROUPS = ['service', 'addresses', 'sending', 'notify', 'page', 'other'];

class Settings {
  constructor(main) {
    title(t('nav.settings'));
    this.filter = h('input', { type: 'search', 'aria-label': t('set.filter'), placeholder: t('set.filter'), oninput: () => this.draw() });
    this.intro = h('p', {});
    this.box = h('div');
    main.append(h('div', { class: 'narrow' }, h('div', { class: 'verdict' }, h('div', { class: 'say' }, h('h1', {}, t('set.title')), this.intro)),
      h('div', { class: 'bar' }, h('div', { class: 'search' }, icon('search'), this.filter)), this.box, this.told = h('div'), this.access = h('div')));
    this.read();
    part(() => import('./notify.js')).then((m) => m && this.told.append(...m.notifyPart()));
    if (canChange()) {
      this.access.append(h('div', { class: 'sh' }, h('h2', {}, t('set.import'))),
        h('div', { class: 'sheet' }, h('div', { class: 'set' }, h('span', { class: 'help' }, t('set.import.text')), h('div', { class: 'line' }, h('a', { class: 'btn', href: '#/import' }, t('im.title'))))));
    }
    if (canChange() && known.session?.accounts) part(() => import('./access.js')).then((m) => m && this.access.append(...m.accessPart()));
  }
  async read() {
    try {
      this.doc = await api('GET', 'settings');
      if (!canChange()) this.intro.replaceChildren(...rich('set.readonly', { file: this.doc.file }));
      this.draw();
    } catch (refusal) {
      this.box.replaceChildren(h('p', { class: 'err' }, icon('needs-you'), refusal.words));
    }
  }
  draw() {
    const words = this.filter.value.toLowerCase();
    const items = this.doc.items.filter((i) => !words || `${i.name} ${has(`set.label.${i.name}`) ? t(`set.label.${i.name}`) : ''} ${settingHelp(i.name, i.help)}`.toLowerCase().includes(words));
    const group = (i) => (GROUPS.includes(i.group) ? i.group : 'other');
    this.box.replaceChildren(...GROUPS.flatMap((g) => {
      const own = items.filter((i) => group(i) === g);
      return own.length ? [h('div', { class: 'sh' }, h('h2', {}, t(`set.group.${g}`))), h('div', { class: 'sheet' }, own.map((i) => this.row(i)))] : [];
    }));
  }
  row(item) {
    const fieldId = `set-${item.name}`;
    const fixed = !canChange() || item.class === 'command' || item.class === 'file';
    const control = fixed ? h('span', { class: item.value == null ? 'quiet' : 'mono' }, this.shown(item)) : this.control(item, fieldId);
    const row = h('div', { class: 'set f' },
      fixed ? h('span', { class: 'lab' }, this.label(item)) : h('label', { for: fieldId }, this.label(item)),
      h('div', { class: 'line' }, control, h('span', { class: 'saved', role: 'status' })),
      h('span', { class: 'help', id: `${fieldId}-h` }, settingHelp(item.name, item.help), ' ', item.default == null || item.default === '' ? '' : t('set.default', { value: this.word(item, item.default) }),
        item.restart ? [' ', t('set.restart')] : '',
        !fixed && item.value != null && item.default != null && item.value !== item.default ? [' ', h('button', { class: 'link', type: 'button', onclick: () => this.save(item, null, row) }, t('set.back'))] : ''),
      item.line ? h('span', { class: 'help' }, t('set.file', { file: this.doc.file, line: String(item.line) }), fixed && canChange() ? `. ${t('set.fileonly')}` : '') : '',
      h('span', { class: 'err', hidden: true, id: `${fieldId}-e` }));
    return row;
  }
  label(item) {
    const key = `set.label.${item.name}`;
    return has(key) ? [t(key), ' ', h('small', { class: 'mono quiet' }, item.name)] : h('span', { class: 'mono' }, item.name);
  }
  word(item, value) {
    return item.type === 'bool' ? t(value === 'yes' ? 'set.on' : 'set.off') : String(value);
  }
  shown(item) {
    if (item.class === 'secret') return item.value == null ? t('set.unset') : t('set.secret');
    return item.value == null ? (item.default == null ? t('set.unset') : this.word(item, item.default)) : this.word(item, item.value);
  }
  control(item, fieldId) {
    const value = item.value ?? item.default ?? '';
    const common = { id: fieldId, 'aria-describedby': `${fieldId}-h ${fieldId}-e` };
    const save = (v) => (event) => this.save(item, v(event.target), event.target.closest('.set'));
    if (item.type === 'bool') return h('input', { type: 'checkbox', ...common, checked: value === 'yes', onchange: save((el) => (el.checked ? 'yes' : 'no')) });
    if (item.choices?.length) return h('select', { ...common, onchange: save((el) => el.value) }, [...new Set([value, ...item.choices])].map((c) => h('option', { value: c, selected: c === value }, c)));
    if (item.class === 'secret') return h('input', { type: 'password', ...common, autocomplete: 'new-password', placeholder: item.value ? t('set.secret') : '', onchange: save((el) => el.value) });
    return h('input', { type: 'text', ...common, value, spellcheck: 'false', onchange: save((el) => el.value) });
  }
  async save(item, value, row) {
    const error = row.querySelector('.err'), saved = row.querySelector('.saved'), field = row.querySelector('input, select');
    error.hidden = true;
    row.classList.remove('bad');
    try {
      const doc = await api('PATCH', 'settings', { settings: { [item.name]: value } }, { version: this.doc.version });
      if (doc?.version) this.doc.version = doc.version;
      item.value = value;
      saved.replaceChildren(icon('tick'), t('set.saved'));
      setTimeout(() => saved.replaceChildren(), 3000);
      if (value === null) this.read();
    } catch (refusal) {
      row.classList.add('bad');
      field?.setAttribute('aria-invalid', 'true');
      error.hidden = false;
      error.replaceChildren(icon('needs-you'), h('span', { role: 'alert' }, refusal.words));
      if (refusal.status === 409 || refusal.status === 412) this.read();
    }
  }
}
export default (main) => new Settings(main);
