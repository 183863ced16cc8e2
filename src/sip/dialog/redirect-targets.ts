import { parseNameAddr } from '../message/name-addr.ts';
import type { SipResponse } from '../message/sip-message.ts';
import { formatUri, parseUri, type SipUri } from '../message/uri.ts';

/** RFC 3261 section 8.1.3.4 leaves the bound to us; two redirects in a row are already rare. */
const mostRedirects = 5;

/**
 * The URIs an INVITE is still to be tried at: those of the redirects so far, best q first, each once.
 * They are all reached through the same trunk, so a redirect cannot send us anywhere else.
 */
export class RedirectTargets {
  readonly #seen: Set<string>;
  readonly #waiting: { readonly uri: string; readonly q: number }[] = [];
  #followed = 0;

  constructor(first: string) {
    this.#seen = new Set([comparable(first)]);
  }

  /** Takes the Contacts of a 3xx. */
  add(response: SipResponse): void {
    const contacts = response.headers.values('Contact').flatMap(readContact);
    for (const { uri, q } of contacts) {
      if (this.#seen.size > 4 * mostRedirects) break;
      const key = comparable(uri);
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      this.#waiting.push({ uri, q });
    }
    this.#waiting.sort((a, b) => b.q - a.q);
  }

  next(): string | undefined {
    if (this.#followed >= mostRedirects) return undefined;
    const target = this.#waiting.shift();
    if (target !== undefined) this.#followed++;
    return target?.uri;
  }
}

/** Only sip and tel: a sips URI asks for what UDP cannot give; `?headers` and `method` are not ours to obey. */
function readContact(value: string): { uri: string; q: number }[] {
  try {
    const { uri, params } = parseNameAddr(value, 'Contact');
    const parsed = parseUri(uri);
    if (parsed.scheme === 'sips') return [];
    const { headers: _, ...rest } = parsed;
    const clean: SipUri = { ...rest, params: new Map(rest.params) };
    clean.params.delete('method');
    const q = Number(params.get('q') ?? 1);
    return [{ uri: formatUri(clean), q: Number.isFinite(q) ? q : 0 }];
  } catch {
    return [];
  }
}

/** Enough to notice a loop: the same user at the same host. */
function comparable(uri: string): string {
  try {
    const { user, host, port } = parseUri(uri);
    return `${user ?? ''}@${host.toLowerCase()}:${port ?? 5060}`;
  } catch {
    return uri;
  }
}
