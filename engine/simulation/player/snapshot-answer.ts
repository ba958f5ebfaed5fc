const KEY = Buffer.from('"lastUpdateId"');

/** Symbol of a REST book snapshot's address, `.../depth?symbol=BTCUSDT&limit=1000`; undefined for other addresses. */
export function snapshotSymbol(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { pathname, searchParams } = new URL(url);
  return pathname.endsWith('/depth') ? (searchParams.get('symbol') ?? undefined) : undefined;
}

/** False for an answer that is no book: a refusal, an error page. */
export function isSnapshotBody(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(KEY);
}
