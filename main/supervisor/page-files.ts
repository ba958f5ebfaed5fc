import { readFile, realpath } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

/** Answer to a page's request for a file, the same over HTTP and Electron's protocol. */
export interface PageFile {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Headers of every answer: cross-origin isolation (SharedArrayBuffer between page and workers, 5 us clock), no script or
 * connection but our own, self-profiling allowed. `connectSource` adds to `connect-src 'self'`.
 */
export function pageHeaders(connectSource = ''): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${connectSource === '' ? '' : ` ${connectSource}`}`,
    "worker-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return {
    'content-security-policy': policy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'document-policy': 'js-profiling',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}

/**
 * Reads a file of the built page. `urlPath` is the path of a URL, still percent-encoded; `/` means index.html.
 * Nothing outside `root` is reachable, neither by `..` in any spelling nor by a link. Never throws.
 */
export async function readPageFile(root: string, urlPath: string, headers: Record<string, string>): Promise<PageFile> {
  const path = decodePath(urlPath);
  if (path === undefined) return failure(400, 'Bad path', headers);
  try {
    const base = await realpath(root);
    const file = await realpath(join(base, path === '/' ? 'index.html' : path));
    if (!file.startsWith(base + sep)) return failure(404, 'Not found', headers);
    const body = await readFile(file);
    const extension = extname(file);
    // Names under assets/ carry a hash of their content.
    const immutable = urlPath.startsWith('/assets/');
    return {
      status: 200,
      headers: {
        ...headers,
        'content-type': contentTypes[extension] ?? 'application/octet-stream',
        'cache-control': immutable ? 'private, max-age=31536000, immutable' : 'no-store',
      },
      body,
    };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') {
      return failure(404, 'Not found', headers);
    }
    return failure(500, `Cannot read the file (${code ?? 'unknown'})`, headers);
  }
}

/** A short text answer. */
export function failure(status: number, message: string, headers: Record<string, string>): PageFile {
  return {
    status,
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
    body: new TextEncoder().encode(`${message}\n`),
  };
}

function decodePath(urlPath: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    // A broken percent escape.
    return undefined;
  }
  const parts = path.split(/[/\\]/);
  // A colon reaches drives and alternate streams on Windows.
  if (!path.startsWith('/') || path.includes('\0') || path.includes(':') || parts.includes('..')) return undefined;
  return path;
}
