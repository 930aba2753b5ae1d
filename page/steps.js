// SPDX-License-Identifier: ISC
// What happens after saving, step by step: saved, sent, answered, seen in the DNS.
import { api, h, icon, id, known, say, t, watch } from './app.js';

const good = (e) => e.class === 'good' || e.class === 'nochg';

/** Follows one entry into a list. told(trouble) when it ended: null, or the host that needs someone. Returns how to stop. */
export function follow(entry, list, told) {
  const since = Date.now() - 1500;
  let ended = false, timer = null, reading = false, again = false;
  const line = (state, ...words) => h('li', {}, icon(state === 'done' ? 'tick' : state, state === 'done' ? 's-right' : `s-${state}${state === 'changing' ? ' spin' : ''}`), h('span', {}, ...words));
  const draw = (host, events) => {
    const provider = host?.provider?.name ?? '';
    const rows = [line('done', t('steps.saved'))];
    const fresh = events.filter((e) => e.at >= since).reverse();
    if (fresh.some((e) => e.kind === 'attempt' || e.kind === 'outcome')) rows.push(line('done', t('steps.sent', { provider })));
    for (const e of fresh.filter((x) => x.kind === 'outcome')) rows.push(line(good(e) ? 'done' : 'needs-you', e.family ? `${e.family}: ` : '', good(e) ? t('steps.good', { provider }) : e.text ?? e.class));
    const verified = host?.records?.map((r) => r.verified).filter((v) => v && v.at >= since) ?? [];
    for (const v of verified) rows.push(line(v.state === 'agrees' ? 'done' : 'waiting', t(`why.dns.${v.state}`, v)));
    const state = host?.state;
    if (state && state !== 'changing') rows.push(line(state === 'right' ? 'done' : state, `${t(`state.${state}`)}. `, say(host.reason)));
    else rows.push(line('changing', host ? say(host.reason) : t('steps.waiting')));
    list.replaceChildren(...rows);
    if (state && state !== 'changing' && !ended && Date.now() - since > 2500) {
      ended = true;
      told(state === 'needs-you' ? host : null);
    }
  };
  const read = async () => {
    if (reading) { again = true; return; }
    reading = true;
    try {
      const doc = await api('GET', `hostnames/${id(entry)}/why`);
      draw(doc.host, doc.history);
    } catch { draw(known.hosts.get(entry), []); }
    reading = false;
    if (again) { again = false; read(); }
  };
  const stop = watch((kind, ids) => { if (kind === 'hosts' && (!ids || ids.includes(entry))) read(); });
  timer = setInterval(() => { if (ended) clearInterval(timer); else read(); }, 1500);
  // What was saved is sent by itself when it changes the record. Asked for only when nothing happens: a second
  // request at once would be held back by the provider's own limits, and look like trouble.
  const nudge = setTimeout(async () => {
    const doc = await api('GET', `hostnames/${id(entry)}/why`).catch(() => null);
    const moved = doc?.history.some((e) => e.at >= since && (e.kind === 'attempt' || e.kind === 'outcome'));
    if (!doc || moved || doc.host.state === 'right' || doc.host.state === 'changing') return;
    api('POST', 'update', { id: entry }).then(read, (refusal) => { list.append(line('needs-you', refusal.words)); });
  }, 1500);
  draw(known.hosts.get(entry), []);
  read();
  return () => { stop(); clearInterval(timer); clearTimeout(nudge); };
}
