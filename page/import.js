// SPDX-License-Identifier: ISC
// Moving in: another program's file, what would become of each line of it, and then the hostnames in homing.conf.
import { Refusal, api, dialog, goList, h, icon, notice, say, t, undoing } from './app.js';

const MOST = 900000; // bytes; the API takes a little more
const FATE = { taken: ['tick', 's-right'], there: ['right', 's-paused'], left: ['needs-you', 's-needs-you'], other: ['dot', 's-paused'] };

class Import {
  constructor() {
    this.file = h('input', { type: 'file', id: 'im-file', onchange: () => this.chosen() });
    this.text = h('textarea', { id: 'im-text', rows: 5, class: 'mono', spellcheck: 'false', autocapitalize: 'none', autocomplete: 'off', 'aria-describedby': 'im-e', oninput: () => this.typed() });
    this.paused = h('input', { type: 'checkbox' });
    this.error = h('p', { class: 'err', id: 'im-e', hidden: true });
    this.found = h('div', { class: 'found', role: 'status' });
    this.button = h('button', { class: 'btn primary' }, t('im.take.none'));
    const form = h('form', { novalidate: true, onsubmit: (e) => { e.preventDefault(); this.take(); } },
      h('div', { class: 'd-body' }, h('p', { class: 'quiet' }, t('im.what')),
        h('div', { class: 'f' }, h('label', { for: 'im-file' }, t('im.file')), this.file),
        h('div', { class: 'f' }, h('label', { for: 'im-text' }, t('im.paste')), this.text), this.error, this.found),
      h('div', { class: 'd-foot' }, h('label', { class: 'check' }, this.paused, h('span', {}, t('im.paused'))), h('span', { class: 'sp' }),
        h('button', { type: 'button', class: 'btn bare', onclick: () => this.box.close() }, t('cancel')), this.button));
    this.box = dialog(t('im.title'), {}, form);
    this.box.addEventListener('close', () => { clearTimeout(this.timer); if (!this.left) { this.left = true; goList(); } });
    this.file.focus();
  }
  close() { this.left = true; this.box.close(); }

  async chosen() {
    const file = this.file.files[0];
    if (!file) return;
    if (file.size > MOST) { this.wrong(t('im.toobig')); return; }
    this.text.value = '';
    this.content = await file.text();
    this.look();
  }
  typed() {
    this.file.value = '';
    this.content = this.text.value;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), 400);
  }
  wrong(words) {
    this.error.hidden = !words;
    this.error.replaceChildren(...(words ? [icon('needs-you'), h('span', { role: 'alert' }, words)] : []));
  }
  ask(apply) {
    return api('POST', 'import', { text: this.content, apply, paused: this.paused.checked });
  }
  /** What would become of it; nothing is written. */
  async look() {
    const content = this.content;
    this.wrong(null);
    if (!content?.trim()) { this.draw(null); return; }
    try {
      const doc = await this.ask(false);
      if (content === this.content) this.draw(doc);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.draw(null);
      this.wrong(refusal.words);
    }
  }
  line(row, what, why) {
    const [name, cls] = FATE[row.fate];
    return h('li', {}, icon(name, cls), h('div', {}, what, row.line ? h('span', { class: 'quiet' }, ` ${t('im.line', { line: String(row.line) })}`) : '', why.length ? h('div', { class: 'help' }, why) : ''));
  }
  draw(doc) {
    this.count = doc?.count ?? 0;
    this.button.textContent = t(this.count ? 'im.take' : 'im.take.none', { count: this.count });
    if (!doc) { this.found.replaceChildren(); return; }
    const why = (x) => say(x.why);
    this.found.replaceChildren(h('h3', {}, t(this.count ? 'im.found' : 'im.found.none', { count: this.count, file: doc.file })),
      h('ul', { class: 'story' }, doc.hostnames.map((x) => this.line(x, [h('b', {}, h('bdi', { translate: 'no' }, x.hostname)), ` ${t('im.at', { provider: x.at })}`], why(x))),
        doc.notes.map((x) => this.line(x, h('span', { class: 'mono' }, x.what), why(x)))));
  }
  async take() {
    if (!this.count) { this.wrong(t(this.content?.trim() ? 'im.nothing' : 'im.empty')); this.text.focus(); return; }
    if (this.taking) return;
    this.taking = true;
    this.wrong(null);
    try {
      const doc = await this.ask(true);
      this.box.close();
      notice(doc.in_use === false ? t('steps.notused') : t('im.done', { count: doc.count }), undoing(doc));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.wrong(refusal.words);
    } finally { this.taking = false; }
  }
}
export default () => new Import();
