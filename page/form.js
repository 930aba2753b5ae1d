// SPDX-License-Identifier: ISC
// Create and Modify: one form, name first. Test shows what would be sent; saving shows each step as it happens.
import { Refusal, api, atHand, day, dialog, goList, h, has, icon, id, known, notice, rich, say, settingHelp, t, undo, word } from './app.js';
import { ascii, nameTrouble } from './names.js';
import { picker } from './picker.js';
import { follow } from './steps.js';

/* Another place that gets the secrets: they are typed again. */
const PLACE = ['provider', 'protocol', 'server', 'proxy'];
const FAMILIES = [['usev4', 'IPv4'], ['usev6', 'IPv6']];

const UNUSABLE = ['closed', 'unsupported'];
let catalogue = null; // providers, protocols: the same for every form
async function readCatalogue() {
  catalogue ??= Promise.all([api('GET', 'providers'), api('GET', 'protocols')]).then(([p, q]) => ({ providers: p.items, protocols: q.items })).catch((e) => { catalogue = null; throw e; });
  return catalogue;
}

const helpOf = (f) => (f.help_code ? settingHelp(f.help_code, f.help) : word(f.help));
/** One labelled field with help and a place for its error. */
class Field {
  constructor(name, label, control, { help = null, optional = false, note = null } = {}) {
    this.name = name;
    this.control = control;
    control.id ||= `f-${name}`;
    this.helpEl = h('span', { class: 'help', id: `${control.id}-h` }, help ?? '');
    this.errEl = h('span', { class: 'err', id: `${control.id}-e`, hidden: true });
    control.setAttribute('aria-describedby', `${control.id}-h ${control.id}-e`);
    this.place = h('div', { class: 'withplace' }, control);
    this.el = h('div', { class: 'f', 'data-name': name }, h('label', { for: control.id }, label, optional ? h('small', {}, t('optional')) : ''), this.place, this.helpEl, note ?? '', this.errEl);
  }
  get value() { return this.control.type === 'checkbox' ? (this.control.checked ? 'yes' : 'no') : this.control.value.trim(); }
  wrong(words) {
    this.el.classList.toggle('bad', Boolean(words));
    this.errEl.hidden = !words;
    this.helpEl.hidden = Boolean(words);
    if (words) {
      this.control.setAttribute('aria-invalid', 'true');
      this.errEl.replaceChildren(icon('needs-you'), h('span', {}, words));
      this.el.closest('details')?.setAttribute('open', '');
    } else this.control.removeAttribute('aria-invalid');
    return Boolean(words);
  }
}
function textInput(props) {
  return h('input', { type: 'text', spellcheck: 'false', autocapitalize: 'none', autocomplete: 'off', ...props });
}
function secretField(name, label, { help, saved, required }) {
  const control = h('input', { type: 'password', autocomplete: 'new-password', placeholder: saved ? (saved.at ? t('form.savedat', { at: day(saved.at) }) : t('steps.saved')) : '' });
  const field = new Field(name, label, control, { help, optional: !required });
  const eye = h('button', { type: 'button', class: 'btn bare icon', 'aria-label': t('sign.show'), 'aria-pressed': 'false', onclick: () => {
    control.type = control.type === 'password' ? 'text' : 'password';
    eye.setAttribute('aria-pressed', String(control.type === 'text'));
  } }, icon('eye'));
  field.place.className = 'withbtn';
  field.place.append(eye);
  field.saved = Boolean(saved);
  return field;
}

class Form {
  constructor(where) {
    this.editing = where.name === 'modify' ? where.id : null;
    this.fields = new Map();
    this.provider = null;
    this.custom = false;
    this.body = h('div', { class: 'd-body' });
    this.dock = h('div', { class: 'dock', tabindex: '0', role: 'status', hidden: true });
    this.foot = h('div', { class: 'd-foot' });
    this.form = h('form', { novalidate: true, onsubmit: (e) => { e.preventDefault(); this.save(); } }, this.body, this.dock, this.foot);
    const host = known.hosts.get(this.editing);
    this.box = dialog(this.editing ? host?.unicode ?? host?.hostname ?? this.editing : t('form.create'), { oncancel: (e) => this.leave(e) }, this.form);
    this.box.addEventListener('close', () => { if (!this.left) { this.left = true; goList(); } this.stop?.(); });
    this.box.addEventListener('keydown', (e) => { if (e.key === 'Enter' && e.ctrlKey) { e.preventDefault(); this.save(); } });
    this.body.append(h('p', { class: 'quiet' }, t('form.reading')));
    this.begin().catch((refusal) => this.body.replaceChildren(h('p', { class: 'err' }, icon('needs-you'), refusal.words ?? String(refusal))));
  }
  close() { this.left = true; this.box.close(); }

  /* ---- what is there ---- */

  async begin() {
    const wanted = [readCatalogue(), api('GET', 'sources')];
    if (this.editing) wanted.push(api('GET', `hostnames/${id(this.editing)}`));
    const [lists, sources, entry] = await Promise.all(wanted);
    Object.assign(this, lists, { sources: sources.items, entry: entry ?? null });
    this.settings = entry?.settings ?? {};
    this.origins = entry?.origins ?? {};
    this.version = entry?.version ?? null;
    this.called = this.lookedUp = entry ? entry.unicode ?? entry.hostname : null;
    if (entry) {
      this.custom = !this.settings.provider && Boolean(this.settings.server?.length || this.settings.protocol);
      this.provider = this.custom ? null : this.providers.find((p) => p.id === (this.settings.provider ?? entry.provider?.id)) ?? null;
      this.custom ||= !this.provider;
    }
    this.draw();
    this.drawFoot();
    if (!this.editing) this.fields.get('hostname').control.focus();
    else if (entry.state === 'needs-you') this.fields.get('password')?.control.focus();
    this.dirty = false;
    this.form.addEventListener('input', () => { this.dirty = true; });
  }
  /** What was typed or, before that, what is set. */
  current(name) {
    const field = this.fields.get(name);
    if (field) return field.value;
    if (this.typed?.get(name)) return this.typed.get(name); // while the form is drawn anew
    const value = this.settings[name];
    return typeof value === 'string' ? value : '';
  }

  /* ---- drawing ---- */

  draw() {
    const kept = new Map([...this.fields].map(([name, f]) => [name, f.control.type === 'checkbox' ? f.control.checked : f.control.value]));
    this.typed = kept;
    this.fields = new Map();
    const parts = [this.hostnameField(), this.providerPart(), this.accountPart(), this.addressPart(), this.descriptionField(), this.morePart()];
    this.body.replaceChildren(...parts.flat(Infinity).filter(Boolean));
    for (const [name, value] of kept) {
      const field = this.fields.get(name);
      if (field && value !== '') field.control[field.control.type === 'checkbox' ? 'checked' : 'value'] = value;
    }
    this.showLooked();
  }
  add(field) {
    this.fields.set(field.name, field);
    field.control.addEventListener('input', () => field.wrong(null));
    return field.el;
  }
  hostnameField() {
    const control = textInput({ value: this.called ?? '', onblur: () => this.lookUp() });
    return this.add(new Field('hostname', t('form.hostname'), control, { help: t('form.hostname.help') }));
  }
  providerPart() {
    const label = h('span', { class: 'lab', id: 'f-p' }, t('form.provider'));
    if (this.picking || (!this.provider && !this.custom)) {
      return h('div', { class: 'f', 'data-name': 'provider' }, label, picker(this.providers, this.guessed, (p) => this.choose(p), this.picking), this.providerError = h('span', { class: 'err', hidden: true }));
    }
    const change = h('button', { type: 'button', class: 'btn small', 'aria-describedby': 'f-p', onclick: () => { this.picking = true; this.draw(); } }, t('form.change'));
    if (this.custom) return [h('div', { class: 'f' }, label, h('div', { class: 'pick' }, h('div', { class: 't' }, h('b', {}, t('pick.custom'))), change)), this.customPart()];
    const p = this.provider;
    const site = p.website ? (() => { const a = h('a', { href: p.website, target: '_blank', rel: 'noreferrer noopener' }, t('form.website')); return a; })() : '';
    return h('div', { class: 'f' }, label,
      h('div', { class: 'pick' }, h('div', { class: 't' }, h('b', {}, p.name), ' ', h('span', { class: 'quiet' }, p.domains?.[0] ?? ''), ' ', this.guessed?.id === p.id && !this.editing ? h('span', { class: 'tag', title: this.looked?.doc.nameserver }, t(`form.guess.${this.guessed.why ?? 'name'}`)) : ''), change),
      UNUSABLE.includes(p.status) ? h('span', { class: 'err' }, icon('needs-you'), h('span', {}, t(`form.${p.status}`, { provider: p.name }), ' ', p.note)) : h('span', { class: 'help' }, p.help ? t('form.athand', { what: atHand(p.help) }) : '', ' ', site));
  }
  /** What only the file can set (protocol=command, say) is shown and left as it is. */
  get fromFile() {
    const word = this.settings.protocol;
    return this.editing && this.custom && Boolean(word) && !this.protocols.some((p) => p.id === word);
  }
  customPart() {
    if (this.fromFile) return [h('p', { class: 'help' }, t('form.fromfile', { protocol: this.settings.protocol }))];
    const chosen = this.current('protocol') || 'dyndns2';
    const http = this.protocols.find((p) => p.id === chosen)?.http !== false;
    const plain = http && /^http:\/\//i.test(this.plain === undefined ? this.settings.server ?? '' : this.plain ? 'http://' : '');
    const server = textInput({ value: (this.settings.server ?? '').replace(/^https?:\/\//i, ''), placeholder: 'dyn.example.net' });
    const toggle = h('button', { type: 'button', class: 'link small', onclick: () => { this.plain = !plain; this.draw(); } }, t(plain ? 'form.https' : 'form.http'));
    const field = new Field('server', t('form.server'), server, { note: plain || !http ? '' : h('div', {}, toggle) });
    if (http) {
      field.place.className = 'scheme';
      field.place.prepend(h('span', { class: 'mono quiet' }, plain ? 'http://' : 'https://'));
    }
    const protocol = h('select', { onchange: () => this.draw() }, this.protocols.map((p) => h('option', { value: p.id, selected: p.id === chosen }, p.help ? `${p.name}: ${p.help}` : p.name)));
    const out = [this.add(field)];
    if (plain) {
      const accept = new Field('accept', t('form.http.accept'), h('input', { type: 'checkbox', checked: this.plain === undefined }), {});
      this.fields.set('accept', accept);
      out.push(h('div', { class: 'f' }, h('p', { class: 'err' }, icon('needs-you'), t('form.http.risk')), h('label', { class: 'check' }, accept.control, t('form.http.accept')), accept.errEl, h('div', {}, toggle)));
    }
    out.push(this.add(new Field('protocol', t('form.protocol'), protocol)));
    return out;
  }
  get own() {
    if (this.custom) return this.protocols.find((p) => p.id === (this.current('protocol') || 'dyndns2')) ?? { fields: [] };
    return this.provider ?? { fields: [] };
  }
  fieldFor(f) {
    const value = this.settings[f.name], label = word(f.label), help = helpOf(f);
    if (f.secret || value?.set) return this.add(secretField(f.name, label, { help, saved: value?.set && !this.moved ? value : null, required: f.required }));
    if (f.type === 'bool') {
      const field = new Field(f.name, label, h('input', { type: 'checkbox', checked: value === 'yes' }), { help });
      this.fields.set(f.name, field);
      field.el = h('div', { class: 'f' }, h('label', { class: 'check' }, field.control, h('span', {}, label)), field.errEl);
      return field.el;
    }
    const control = f.choices?.length ? h('select', {}, f.choices.map((c) => h('option', { value: c, selected: c === (value ?? f.default) }, c))) : textInput({ value: value ?? '', placeholder: f.default ?? '' });
    return this.add(new Field(f.name, label, control, { help, optional: !f.required }));
  }
  accountPart() {
    if (!this.provider && !this.custom) return '';
    const first = this.own.fields.filter((f) => !f.more && (f.required || f.name === 'login' || f.name === 'password'));
    const pair = first.filter((f) => f.name === 'login' || f.name === 'password').sort((a) => (a.name === 'login' ? -1 : 1));
    const rest = first.filter((f) => !pair.includes(f));
    if (this.sameAs) {
      return h('div', { class: 'f' }, h('span', { class: 'lab' }, t('form.account')),
        h('div', { class: 'pick' }, h('div', { class: 't' }, rich('form.sameas', { name: h('bdi', { translate: 'no' }, this.sameAs.hostname) })), h('button', { type: 'button', class: 'btn small', onclick: () => { this.sameAs = null; this.draw(); } }, t('form.another'))));
    }
    const els = pair.map((f) => this.fieldFor(f));
    const links = this.accounts().map((twin) => h('div', {}, h('button', { type: 'button', class: 'link small', onclick: () => { this.sameAs = twin; this.dirty = true; this.draw(); } },
      rich('form.same', { name: h('bdi', { translate: 'no' }, twin.hostname) }), twin.account ? ` (${twin.account})` : '')));
    const others = this.others();
    const forAll = others.length && this.editing ? h('label', { class: 'check help' }, this.alsoOthers ??= h('input', { type: 'checkbox', checked: true }), h('span', {}, t('form.others', { count: others.length }))) : '';
    return [els.length === 2 ? h('div', { class: 'two' }, els) : els, links, forAll, rest.map((f) => this.fieldFor(f))];
  }
  /** One hostname for each account at this provider, nearest to the name that is typed. */
  accounts() {
    const typed = this.current('hostname').toLowerCase().split('.').reverse(), by = new Map();
    const near = (host) => { const labels = host.hostname.split('.').reverse(); let n = 0; while (n < labels.length && labels[n] === typed[n]) n++; return n; };
    for (const host of this.editing ? [] : known.hosts.values()) {
      if (!host.provider?.id || host.provider.id !== this.provider?.id) continue;
      const had = by.get(host.account ?? '');
      if (!had || near(host) > near(had)) by.set(host.account ?? '', host);
    }
    return [...by.values()].sort((a, b) => near(b) - near(a)).slice(0, 4);
  }
  /** Hostnames of the same account: a new password can be theirs too. */
  others() {
    const me = known.hosts.get(this.editing);
    const mine = this.own.fields.filter((f) => f.secret && this.settings[f.name]?.set);
    if (!me || this.moved || !mine.length || mine.some((f) => !this.origins[f.name]?.own)) return [];
    return [...known.hosts.values()].filter((host) => host.id !== me.id && host.provider?.id === me.provider?.id && host.account === me.account);
  }
  addressPart() {
    if (!this.provider && !this.custom) return '';
    const can = this.provider?.families ?? ['IPv4', 'IPv6'];
    return FAMILIES.map(([name, family]) => { // below one another: their values at the end want to be read
      if (!can.includes(family)) return h('div', { class: 'f' }, h('span', { class: 'lab' }, t(`form.${name}`)), h('span', { class: 'help' }, t('form.nofamily', { provider: this.provider.name, family })));
      const chosen = this.settings[name] ?? (this.editing ? null : this.sources.find((x) => x.family === family && x.default)?.settings[name]);
      const list = this.sources.filter((x) => x.family === family && x.settings[name] !== 'disabled').map((x, i) => [String(i), x, this.editing ? Object.entries(x.settings).every(([k, v]) => this.settings[k] === v) : x.default]);
      const fits = list.some(([, , on]) => on);
      const none = chosen === 'disabled' || chosen === 'no';
      const words = (x) => t(x.addresses.length ? 'form.source' : 'form.source.none', { name: has(`source.${x.name}`) ? t(`source.${x.name}`) : x.name, addresses: x.addresses.join(', ') }) + (x.note ? ` (${say({ code: x.code, text: x.note }, true)})` : x.default ? ` (${t('form.default')})` : '');
      const select = h('select', {},
        this.editing && !fits && !none ? h('option', { value: 'keep', selected: true }, t('form.asis', { value: chosen ?? t('form.default') })) : '',
        list.map(([value, x, on]) => h('option', { value, selected: on && !none }, words(x))), h('option', { value: 'none', selected: none }, t('form.none')));
      select.dataset.was = select.value;
      return this.add(new Field(name, t(`form.${name}`), select));
    });
  }
  descriptionField() {
    if (!this.provider && !this.custom) return '';
    return this.add(new Field('description', t('form.description'), h('input', { type: 'text', value: this.settings.description ?? '', maxlength: 200 }), { optional: true }));
  }
  morePart() {
    if (!this.provider && !this.custom) return '';
    const list = this.own.fields.filter((f) => f.more || !(f.required || f.name === 'login' || f.name === 'password'));
    if (!list.length) return '';
    const open = list.some((f) => this.settings[f.name] !== undefined && this.settings[f.name] !== f.default && this.origins[f.name]?.own);
    return h('details', { open }, h('summary', {}, t('form.more', { provider: this.provider?.name ?? t('pick.custom') })), h('div', { class: 'inner' }, list.map((f) => this.fieldFor(f))));
  }
  drawFoot() {
    this.foot.replaceChildren(h('button', { type: 'button', class: 'btn', onclick: () => this.test() }, t('form.test')),
      this.editing ? h('a', { class: 'btn bare', href: `#/delete/${id(this.editing)}` }, t('act.delete')) : '', h('span', { class: 'sp' }),
      h('button', { type: 'button', class: 'btn bare', onclick: () => this.leave() }, t('cancel')), h('button', { class: 'btn primary' }, t('form.save')));
  }

  /* ---- choosing ---- */

  choose(p) {
    this.custom = Boolean(p.custom);
    this.provider = p.custom ? null : p;
    this.picking = false;
    this.dirty = true;
    this.sameAs = null;
    this.moved = this.custom ? Boolean(this.settings.provider) : this.settings.provider !== p.id;
    this.draw();
    this.body.querySelector(this.custom ? '[data-name=server] input' : '[data-name=login] input, [data-name=password] input')?.focus();
  }
  /** What the DNS says about the name, below it. */
  showLooked() {
    const field = this.fields.get('hostname');
    if (!field || !this.looked || field.value !== this.looked.value) return;
    const { value, plain, doc } = this.looked;
    const words = doc.known === true ? rich('form.known', { address: doc.addresses.length ? doc.addresses.join(', ') : t('why.noaddr') }) : [t(doc.known === false ? 'form.new' : 'form.notasked')];
    field.helpEl.className = doc.known == null ? 'help' : 'help good';
    field.helpEl.replaceChildren(...(doc.known == null ? [] : [icon('tick')]), h('span', {}, words, plain && plain !== value.toLowerCase() ? ` (${plain})` : ''));
  }
  async lookUp() {
    const field = this.fields.get('hostname'), value = field.value;
    if (!value || value === this.lookedUp) return;
    const trouble = nameTrouble(value);
    if (field.wrong(trouble)) return;
    this.lookedUp = value;
    const plain = ascii(value);
    try {
      const doc = await api('GET', `lookup?name=${id(plain ?? value)}`);
      if (this.fields.get('hostname')?.value !== value) return;
      this.looked = { value, plain, doc };
      this.showLooked();
      const guess = doc.provider && this.providers.find((p) => p.id === doc.provider);
      if (guess && !this.provider && !this.custom) {
        this.guessed = { id: guess.id, why: doc.why };
        if (this.body.querySelector('#pick')?.value) return; // somebody is choosing already
        this.provider = guess;
        const active = document.activeElement;
        this.draw();
        if (active?.id === 'pick') this.body.querySelector('[data-name=login] input, [data-name=password] input')?.focus();
      }
    } catch { this.lookedUp = null; }
  }

  /* ---- what goes out ---- */

  /** The settings that differ from what is saved; null unsets. Sets errors beside the fields. */
  collect() {
    let first = null;
    const wrong = (field, words) => { if (field.wrong(words) && !first) first = field; };
    const out = {};
    const name = this.fields.get('hostname');
    if (name) wrong(name, nameTrouble(name.value, { wildcard: this.custom || this.provider?.wildcard !== false, provider: this.provider?.name }));
    if (!this.provider && !this.custom) {
      this.providerError.hidden = false;
      this.providerError.replaceChildren(icon('needs-you'), h('span', {}, t('form.noprovider')));
      if (!first) this.body.querySelector('#pick')?.focus();
      return null;
    }
    if (UNUSABLE.includes(this.provider?.status)) { this.body.querySelector('.pick .btn')?.focus(); return null; }
    const set = (key, value, fallback = '') => {
      const was = typeof this.settings[key] === 'string' ? this.settings[key] : undefined;
      if (value === '' || value == null) { if (was !== undefined && was !== '') out[key] = null; }
      else if (value !== (was ?? fallback)) out[key] = value;
    };
    if (this.fromFile) {
      // neither protocol nor server is touched
    } else if (this.custom) {
      set('protocol', this.current('protocol'));
      if (this.settings.provider) out.provider = null;
      const server = this.fields.get('server');
      wrong(server, server.value ? (/\s|\/\//.test(server.value) ? t('form.server.odd') : null) : t('form.server.needed'));
      set('server', (this.fields.has('accept') ? 'http://' : '') + server.value);
      const accept = this.fields.get('accept');
      if (accept && !accept.control.checked) { accept.errEl.hidden = false; accept.errEl.replaceChildren(icon('needs-you'), h('span', {}, t('form.http.needed'))); first ??= accept; }
    } else if (this.settings.provider !== this.provider.id) {
      out.provider = this.provider.id;
      if (this.settings.protocol) out.protocol = null;
      if (this.settings.server) out.server = null;
    }
    const moved = this.editing && PLACE.some((k) => k in out);
    for (const f of this.own.fields) {
      const field = this.fields.get(f.name);
      if (!field) continue;
      if (f.secret || this.settings[f.name]?.set) {
        if (field.value) out[f.name] = field.control.value;
        else wrong(field, f.required && (moved || !field.saved) ? this.needs(f) : null);
      } else {
        wrong(field, f.required && !field.value ? this.needs(f) : null);
        set(f.name, field.value, f.type === 'bool' ? 'no' : '');
      }
    }
    set('description', this.current('description'));
    for (const [key, family] of FAMILIES) {
      const select = this.fields.get(key)?.control;
      if (!select) { if (!this.editing) out[key] = 'disabled'; continue; }
      if (select.value === 'none') set(key, 'disabled');
      else if (select.value !== 'keep' && (!this.editing || select.value !== select.dataset.was)) Object.assign(out, this.sources.filter((x) => x.family === family && x.settings[key] !== 'disabled')[Number(select.value)].settings);
    }
    if (first) { first.control.focus(); return null; }
    return out;
  }
  needs(f) {
    return [t('form.needs', { provider: this.provider?.name ?? t('form.this') }), helpOf(f)].filter(Boolean).join(' ');
  }
  get typedName() { return this.fields.get('hostname').value.replace(/\.$/, '').normalize('NFC'); }
  /** Another name than it has; null when it keeps its name. */
  get otherName() { return this.editing && this.typedName !== this.called ? this.typedName : null; }
  request() {
    const settings = this.collect();
    if (!settings) return null;
    const body = { settings };
    if (!this.editing) body.hostname = this.typedName;
    if (this.sameAs) body.same_as = this.sameAs.id;
    return body;
  }
  refused(refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const field = this.fields.get(refusal.field);
    if (field) { field.wrong(refusal.words); field.control.focus(); return; }
    this.dock.hidden = false;
    const known2 = refusal.code === 'exists' && refusal.doc?.id;
    this.dock.replaceChildren(h('p', { class: 'err' }, icon('needs-you'), h('span', { role: 'alert' }, refusal.words, known2 ? [' ', h('a', { href: `#/modify/${id(refusal.doc.id)}` }, t('form.modifyit'))] : '')));
  }
  async test() {
    const body = this.request();
    if (!body) return;
    if (this.otherName) body.hostname = this.otherName;
    this.dock.hidden = false;
    this.dock.replaceChildren(h('p', {}, t('form.testing')));
    try {
      const doc = await api('POST', 'plan', { ...(this.editing ? { id: this.editing } : {}), entry: body });
      this.dock.replaceChildren(h('h3', {}, say(doc.message)), ...doc.requests.map((r) => h('code', {}, r.text)),
        ...(doc.notes ?? []).length ? [h('ul', {}, doc.notes.map((m) => h('li', {}, icon('tick', 's-right'), h('span', {}, say(m)))))] : []);
      this.dock.focus();
    } catch (refusal) { this.refused(refusal); }
  }

  /* ---- saving ---- */

  /** Settings whose value stands on a line that others use too. */
  shared(settings) {
    return Object.keys(settings).map((k) => this.origins[k]).find((o) => o && !o.own && o.line && o.count > 1);
  }
  async save(scope, record) {
    if (this.saving) return;
    const body = this.request();
    if (!body) return;
    const shared = this.editing && !scope && this.shared(body.settings);
    if (shared) return this.askScope(shared);
    if (this.otherName && record === undefined && this.askRecord(scope)) return;
    if (scope) body.scope = scope;
    this.saving = true;
    try {
      let entry = this.editing;
      if (this.editing) {
        if (Object.keys(body.settings).length) {
          await this.saveSecrets(body);
          if (Object.keys(body.settings).length) entry = this.took(await api('PATCH', `hostnames/${id(this.editing)}`, body, { version: this.version })) ?? entry;
        }
        if (this.otherName) entry = this.took(await api('POST', `hostnames/${id(entry)}/rename`, { hostname: this.otherName, record: Boolean(record) }, { version: this.version })) ?? entry;
      } else entry = this.took(await api('POST', 'hostnames', body));
      this.dirty = false;
      await this.live(entry);
    } catch (refusal) {
      if (refusal.code === 'changed' && refusal.doc?.settings) this.conflict(refusal.doc);
      else this.refused(refusal);
    } finally { this.saving = false; }
  }
  took(reply) {
    Object.assign(this, { written: reply.version, version: reply.version, inUse: reply.in_use !== false });
    return reply.id;
  }
  /** A new token for all hostnames of the account: one change for all of them, and out of the body. */
  async saveSecrets(body) {
    const secrets = Object.fromEntries(this.own.fields.filter((f) => f.secret && body.settings[f.name]).map((f) => [f.name, body.settings[f.name]]));
    const others = this.others();
    if (!this.alsoOthers?.checked || !others.length || !Object.keys(secrets).length || PLACE.some((k) => k in body.settings)) return;
    this.took(await api('POST', 'hostnames/many', { ids: [this.editing, ...others.map((host) => host.id)], act: 'change', settings: secrets }, { version: this.version }));
    for (const name of Object.keys(secrets)) delete body.settings[name];
  }
  askScope(origin) {
    const pick = (scope) => () => { this.drawFoot(); this.save(scope); };
    this.foot.replaceChildren(h('p', { class: 'say' }, t('form.scope', { count: origin.count, line: String(origin.line) })), h('span', { class: 'sp' }),
      h('button', { type: 'button', class: 'btn bare', onclick: () => this.drawFoot() }, t('cancel')),
      h('button', { type: 'button', class: 'btn', onclick: pick('all') }, t('form.scope.all', { count: origin.count })), h('button', { type: 'button', class: 'btn primary', onclick: pick('this') }, t('form.scope.this')));
    this.foot.querySelector('.primary').focus();
  }
  /** Another name: does the record of the former one stay at the provider? False: there is none. */
  askRecord(scope) {
    const host = known.hosts.get(this.editing);
    if (!host?.records.some((r) => r.published?.length)) return false;
    const can = this.providers.find((p) => p.id === host.provider?.id)?.can_delete;
    const pick = (record) => () => { this.drawFoot(); this.save(scope, record); };
    const name = (text) => h('bdi', { translate: 'no' }, text);
    this.foot.replaceChildren(h('p', { class: 'say' }, rich(can ? 'form.rename' : 'form.rename.stays', { former: name(this.called), name: name(this.otherName), provider: host.provider?.name ?? '' })), h('span', { class: 'sp' }),
      h('button', { type: 'button', class: 'btn bare', onclick: () => this.drawFoot() }, t('cancel')),
      can ? h('button', { type: 'button', class: 'btn', onclick: pick(true) }, t('form.rename.remove')) : '', h('button', { type: 'button', class: 'btn primary', onclick: pick(false) }, t(can ? 'form.rename.keep' : 'form.save')));
    this.foot.querySelector('.primary').focus();
    return true;
  }
  /** homing.conf was changed meanwhile: both values, field by field. */
  conflict(doc) {
    const mine = this.collect() ?? {};
    this.version = doc.version;
    const differ = Object.keys(mine).filter((k) => typeof doc.settings[k] === 'string' && doc.settings[k] !== mine[k] && doc.settings[k] !== this.settings[k]);
    this.settings = doc.settings;
    this.origins = doc.origins ?? this.origins;
    this.dock.hidden = false;
    const rows = differ.map((k) => {
      const row = h('tr', {}, h('th', { scope: 'row' }, this.fields.get(k)?.el.querySelector('label')?.firstChild.textContent ?? k), h('td', {}, doc.settings[k]), h('td', {}, mine[k] ?? ''),
        h('td', {}, h('button', { type: 'button', class: 'link', onclick: () => { const f = this.fields.get(k); if (f) f.control.value = doc.settings[k]; row.remove(); } }, t('form.theirs')), ' ',
          h('button', { type: 'button', class: 'link', onclick: () => row.remove() }, t('form.mine'))));
      return row;
    });
    this.dock.replaceChildren(h('h3', { role: 'alert' }, rich('form.conflict', { at: doc.changed_at ?? Date.now() })),
      rows.length ? h('table', { class: 'both' }, h('thead', {}, h('tr', {}, h('th', {}), h('th', {}, t('form.theirs.head')), h('th', {}, t('form.mine.head')), h('th', {}))), h('tbody', {}, rows)) : h('p', {}, t('form.conflict.none')));
    this.dock.focus();
  }
  async live(entry) {
    this.body.inert = true;
    const list = h('ul');
    this.dock.hidden = false;
    this.dock.replaceChildren(h('h3', {}, t('form.following')), list);
    this.foot.replaceChildren(h('button', { type: 'button', class: 'btn bare', onclick: () => undo({ version: this.written }, () => { this.close(); goList(); }) }, t('act.undo')), h('span', { class: 'sp' }),
      h('button', { type: 'button', class: 'btn', hidden: true, onclick: () => { location.hash = `#/modify/${id(entry)}`; } }, t('form.again')),
      h('button', { type: 'button', class: 'btn primary', onclick: () => { this.close(); goList(); } }, t('form.done')));
    this.foot.querySelector('.primary').focus();
    if (this.inUse === false) {
      list.replaceChildren(h('li', {}, icon('tick', 's-right'), t('steps.saved')), h('li', {}, icon('needs-you', 's-needs-you'), t('steps.notused')));
      return;
    }
    this.stop = follow(entry, list, (trouble) => {
      if (!trouble) return;
      this.foot.querySelector('[hidden]')?.removeAttribute('hidden');
    });
  }
  /** Closing with unsaved text asks once. */
  leave(event) {
    if (this.dirty && !this.asked) {
      event?.preventDefault();
      this.asked = true;
      this.foot.replaceChildren(h('p', { class: 'say' }, t('form.unsaved')), h('span', { class: 'sp' }),
        h('button', { type: 'button', class: 'btn bare', onclick: () => { this.close(); goList(); } }, t('form.discard')),
        h('button', { type: 'button', class: 'btn primary', onclick: () => { this.asked = false; this.drawFoot(); } }, t('form.goon')));
      this.foot.querySelector('.primary').focus();
      return;
    }
    this.close();
    goList();
  }
}
export default (where) => new Form(where);
