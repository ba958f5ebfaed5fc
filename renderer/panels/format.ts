/** Texts of figures in tables and bars. */
import { groupThousands } from '../hot/step-formatter.ts';

/** Quote units with two decimals, grouped; `+` in front where asked. Minus is U+2212, as wide as plus. */
export function formatMoney(value: number, signed = false): string {
  const rounded = Math.abs(value) < 0.005 ? 0 : value;
  const text = groupThousands(Math.abs(rounded).toFixed(2));
  if (rounded < 0) return `−${text}`;
  return signed && rounded > 0 ? `+${text}` : text;
}

/** Class of a signed amount; what {@link formatMoney} shows as zero has no colour. */
export function moneyClass(value: number): string {
  return Math.abs(value) < 0.005 ? '' : signClass(value);
}

export function signClass(value: number): string {
  return value > 0 ? 'up' : value < 0 ? 'down' : '';
}

/** A latency in the unit that reads best: `850 ns`, `42 µs`, `1.3 ms`, `2.1 s`. */
export function formatDurationNs(ns: number): string {
  if (!(ns > 0)) return '–';
  if (ns < 1e3) return `${Math.round(ns)} ns`;
  if (ns < 1e6) return `${ns < 1e4 ? (ns / 1e3).toFixed(1) : Math.round(ns / 1e3)} µs`;
  if (ns < 1e9) return `${ns < 1e7 ? (ns / 1e6).toFixed(1) : Math.round(ns / 1e6)} ms`;
  return `${(ns / 1e9).toFixed(1)} s`;
}

export function formatDurationMs(ms: number): string {
  return formatDurationNs(ms * 1e6);
}

/** A signed size as text: a minus as wide as the plus, so that columns stand. */
export function formatSigned(text: string, plus = false): string {
  if (text.startsWith('-')) return `−${text.slice(1)}`;
  return plus && /[1-9]/.test(text) ? `+${text}` : text;
}

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** Local time of day, `14:05:09`, from s since the epoch. By hand: the locale's own way is some fifty times slower. */
export function formatTimeOfDay(seconds: number): string {
  const date = new Date(seconds * 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Local time of day with ms, from us since the epoch; empty for none. */
export function formatTimeUs(us: number): string {
  if (!(us > 0)) return '';
  return `${formatTimeOfDay(us / 1e6)}.${String(new Date(us / 1000).getMilliseconds()).padStart(3, '0')}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(0)} KiB`;
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(0)} MiB`;
  return `${(bytes / 1024 ** 3).toFixed(2)} GiB`;
}

export function formatCount(value: number): string {
  return groupThousands(String(Math.round(value)));
}

/** How long nothing happened, by its two greatest units: `3 min`, `22 h 10 min`, `12 d 4 h`. Units need no translation. */
export function formatPause(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  const parts = days > 0 ? [`${days} d`, `${hours} h`] : [`${hours} h`, `${minutes % 60} min`];
  return parts.filter((part) => !part.startsWith('0 ')).join(' ') || `${Math.round(seconds)} s`;
}
