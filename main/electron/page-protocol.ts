import { readFile } from 'node:fs/promises';
import { protocol } from 'electron';
import type { HostInfo } from '../../engine/contract/host-api.ts';
import { failure, type PageFile, pageHeaders, readPageFile } from '../supervisor/page-files.ts';

const SCHEME = 'christmas';
const HOST = 'app';
export const pageAddress = `${SCHEME}://${HOST}/`;

/** Must be called once, before the app is ready. A standard, secure scheme: the page has an origin and is isolated. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: SCHEME,
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true },
    },
  ]);
}

/** Serves the built page, and /preload.js: the half of the preload that runs in the page's own world. */
export function servePage(rendererRoot: string, pagePreload: string, info: HostInfo): void {
  const headers = pageHeaders();
  protocol.handle(SCHEME, async (request) => {
    const file = await answer(request);
    return new Response(file.body as Uint8Array<ArrayBuffer>, { status: file.status, headers: file.headers });
  });

  async function answer(request: Request): Promise<PageFile> {
    const url = new URL(request.url);
    if (url.host !== HOST) return failure(403, 'Unexpected host', headers);
    if (request.method !== 'GET' && request.method !== 'HEAD') return failure(405, 'Only GET', headers);
    if (url.pathname !== '/preload.js') return readPageFile(rendererRoot, url.pathname, headers);
    const script = await readFile(pagePreload, 'utf8');
    return {
      status: 200,
      headers: { ...headers, 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-store' },
      body: Buffer.from(`globalThis.christmasHostInfo = ${JSON.stringify(info)};\n${script}`),
    };
  }
}

/** Whether a frame shows our page; everything else may not call main. */
export function isOurPage(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === `${SCHEME}:` && new URL(url).host === HOST;
}
