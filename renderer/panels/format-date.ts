import { formatTimeOfDay } from './format.ts';

/** Local date and time of day, `2024-08-08 23:54:13`, from us since the epoch; empty for none. */
export function formatDateTimeUs(us: number): string {
  if (!(us > 0 && Number.isFinite(us))) return '';
  const date = new Date(us / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${formatTimeOfDay(us / 1e6)}`;
}

/** UTC, to be read again by {@link parseUtc}: `2024-08-08 23:54:13`. */
export function formatUtc(us: number): string {
  return new Date(us / 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** `2025-01-31`, `2025-01-31 09:00` or with seconds, as UTC, in us since the epoch; undefined when it is none of them. */
export function parseUtc(text: string): number | undefined {
  return parseDateTime(text, 'Z', formatUtc);
}

/** As {@link parseUtc}, in the time zone of the user. */
export function parseLocal(text: string): number | undefined {
  return parseDateTime(text, '', formatDateTimeUs);
}

function parseDateTime(text: string, zone: string, format: (us: number) => string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?))?$/.exec(text.trim());
  if (match === null) return undefined;
  const us = Date.parse(`${match[1]}T${match[2] ?? '00:00'}${zone}`) * 1000;
  // Some days roll over into the next month: 2025-02-30.
  return Number.isNaN(us) || !format(us).startsWith(match[1] as string) ? undefined : us;
}
