// SPDX-License-Identifier: ISC
// What a hostname may be, said in words a person can act on.
import { t } from './app.js';

/** The name as the DNS has it (A-labels), or null when no such form exists. */
export function ascii(name) {
  const star = name.startsWith('*.');
  const rest = star ? name.slice(2) : name;
  if (/^[\x21-\x7e]*$/.test(rest)) return name.toLowerCase();
  try {
    const host = new URL(`http://${rest}`).hostname;
    return host ? (star ? '*.' : '') + host : null;
  } catch {
    return null;
  }
}
/** What is wrong with a hostname, or null. */
export function nameTrouble(value, { wildcard = true, provider = '' } = {}) {
  if (!value) return t('name.empty');
  if (/\s/.test(value)) return t('name.space', { guess: value.replace(/\s+/g, '-') });
  if (/^[a-z]+:\/\//i.test(value)) return t('name.url', { guess: value.replace(/^[a-z]+:\/\//i, '').replace(/[/:].*$/, '') });
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(value) || (value.includes(':') && /^[0-9a-f:.]+$/i.test(value))) return t('name.address', { value });
  const name = ascii(value.replace(/\.$/, ''));
  if (name == null) return t('name.chars', { value });
  const labels = name.split('.');
  const body = labels[0] === '*' ? labels.slice(1) : labels;
  if (labels[0] === '*' && !wildcard) return t('name.wildcard', { provider });
  if (body.length < 2) return t('name.first', { value: body[0] || 'home' });
  for (const label of body) {
    if (!label) return t('name.dots');
    if (label.length > 63) return t('name.long', { label });
    const odd = /[^a-z0-9_-]/.exec(label);
    if (odd) return t('name.char', { char: odd[0], label });
    if (label.startsWith('-')) return t('name.begins', { label });
    if (label.endsWith('-')) return t('name.ends', { label });
  }
  return name.length > 253 ? t('name.toolong', { count: name.length }) : null;
}
