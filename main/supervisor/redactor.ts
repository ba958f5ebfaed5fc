const MASK = '[redacted]';
/** `name=value`, `name: value`, `"name":"value"`; the value ends at a quote, separator or white space. */
const FIELD =
  /((?:api[-_]?key|api[-_]?secret|secret(?:[-_]?key)?|signature|passw(?:or)?d|ticket|token|x-mbx-apikey)["']?\s*[=:]\s*["']?)([^\s"'&,;)}]+)/gi;
/** Password in the user-info part of a URL. */
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)([^\s/@]+)(@)/gi;
/** Shorter values would mask ordinary words. */
const MIN_SECRET_LENGTH = 6;

/** Masks secrets in text bound for a log or the screen: known values wherever they stand, and fields that look secret. */
export class Redactor {
  readonly #known = new Set<string>();

  /** Adds values that must never appear, for example an API secret. Very short ones are ignored. */
  add(...values: readonly string[]): void {
    for (const value of values) if (value.length >= MIN_SECRET_LENGTH) this.#known.add(value);
  }

  redact(text: string): string {
    let clean = text;
    for (const value of this.#known) {
      if (clean.includes(value)) clean = clean.replaceAll(value, MASK);
    }
    return clean.replace(URL_PASSWORD, `$1${MASK}$3`).replace(FIELD, `$1${MASK}`);
  }
}
