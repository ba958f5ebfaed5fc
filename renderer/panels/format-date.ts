/** Local date and time of day, `2024-08-08 23:54:13`, from us since the epoch; empty for none. */
export function formatDateTimeUs(us: number): string {
  if (!(us > 0 && Number.isFinite(us))) return '';
  const date = new Date(us / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** UTC, to be read again by {@link parseUtc}: `2024-08-08 23:54:13`. */
export function formatUtc(us: number): string {
  return new Date(us / 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** `2025-01-31`, `2025-01-31 09:00` or with seconds, as UTC, in us since the epoch; undefined when it is none of them. */
export function parseUtc(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?))?$/.exec(text.trim());
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}T${match[2] ?? '00:00'}Z`);
  // Some days roll over into the next month: 2025-02-30.
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(match[1] as string) ? undefined : ms * 1000;
}

/** `2025-01-31`, `2025-01-31 09:00` or with seconds, in the time zone of the user, in us since the epoch; undefined when it is none of them. */
export function parseLocal(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?))?$/.exec(text.trim());
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}T${match[2] ?? '00:00'}`);
  return Number.isNaN(ms) || formatDateTimeUs(ms * 1000).slice(0, 10) !== match[1] ? undefined : ms * 1000;
}
